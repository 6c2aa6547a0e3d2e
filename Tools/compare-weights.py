"""Compares the weights of two checkpoints: compare-weights.py FIRST SECOND TOLERANCE (safetensors)."""
import array
import json
import struct
import sys


def weights(path):
    data = open(path, "rb").read()
    length = struct.unpack("<Q", data[:8])[0]
    for name, entry in json.loads(data[8:8 + length]).items():
        if name != "__metadata__" and not name.startswith("momentum/"):
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            yield name, array.array("f", data[begin:end])


first, second = dict(weights(sys.argv[1])), dict(weights(sys.argv[2]))
if first.keys() != second.keys():
    sys.exit("The checkpoints have weights of different names.")
worst = max((max(abs(a - b) for a, b in zip(first[name], second[name])), name) for name in first)
print(f"largest difference {worst[0]:.2g} ({worst[1]}), {len(first)} weights")
sys.exit(worst[0] > float(sys.argv[3]))
