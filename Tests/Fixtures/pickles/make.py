"""Writes the pickles and PyTorch files that the tests of ModelExchange read.

Run with Python, NumPy 2 and PyTorch: python make.py. NumPy 1's spelling of its modules is made by
renaming them in the pickle of protocol 2, where names are plain lines.
"""
import os
import pickle
from collections import OrderedDict

import numpy as np
import torch

VALUE = OrderedDict(
    none=None, yes=True, no=False, small=7, negative=-300, large=2**40, ratio=0.1,
    nan=float("nan"), text="Größe \u2192 \"q\"", raw=b"\x00\xff",
    numbers=[1, 2, 3], pair=(1, "b"), nested={0: {"a": [1.5]}, 1: "x"},
    int_array=np.array([[1, -2], [3, 4]]), float_array=np.array([0.5, 0.25], np.float32),
    column_major=np.asfortranarray(np.array([[1, 2, 3], [4, 5, 6]], np.int16)),
    big_endian=np.array([1, 258], ">u2"), texts=np.array(["case_1", "c2"]),
    objects=np.array([None, "o"], object), flag=np.bool_(True),
    integer_scalar=np.int64(-5), float_scalar=np.float32(0.75), half=np.float16(-1.5),
)

for protocol in range(6):
    with open(f"value_{protocol}.pkl", "wb") as file:
        pickle.dump(VALUE, file, protocol=protocol)
with open("value_2.pkl", "rb") as file:
    content = file.read()
with open("value_2_numpy1.pkl", "wb") as file:
    file.write(content.replace(b"numpy._core.", b"numpy.core."))


class Attack:
    def __reduce__(self):
        return os.system, ("touch /tmp/nnunet-pickle-was-executed",)


for protocol in (0, 2, 4):
    with open(f"attack_{protocol}.pkl", "wb") as file:
        pickle.dump({"plans": Attack()}, file, protocol=protocol)

base = torch.arange(12, dtype=torch.float32).reshape(3, 4)
STATE = OrderedDict(
    plain=base, transposed=base.t(), part=base[1:, 2:], half=torch.tensor([1.5, -2.0]).half(),
    short=torch.tensor([1.5, -2.0]).bfloat16(), double=torch.tensor([0.1]).double(),
    count=torch.tensor(41), empty=torch.zeros(0, 3),
)
torch.save({"state_dict": STATE, "epoch": 3}, "state.pth")
torch.save(
    {"state_dict": STATE, "epoch": 3}, "state_old.pth", _use_new_zipfile_serialization=False)
