"""Writes events.bin with TensorBoard's own writer: three records, the second a restart.

pip install tensorboard==2.21.0; python make.py
"""
import os

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

here = os.path.dirname(os.path.abspath(__file__))
time = 1700000000.25
events = [
    event_pb2.Event(wall_time=time, file_version="brain.Event:2"),
    event_pb2.Event(
        wall_time=time, step=300,
        session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START)),
    event_pb2.Event(
        wall_time=time + 1, step=300,
        summary=summary_pb2.Summary(value=[
            summary_pb2.Summary.Value(tag="loss/train", simple_value=-0.75),
            summary_pb2.Summary.Value(tag="dice/mean", simple_value=0.5)])),
]
with open(os.path.join(here, "events.bin"), "wb") as file:
    writer = RecordWriter(file)
    for event in events:
        writer.write(event.SerializeToString())
    writer.flush()
