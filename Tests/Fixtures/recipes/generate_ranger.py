"""Makes ranger.json: 20 steps of nnU-Net v1's Ranger.

python generate_ranger.py     (nnunet 1.7.1, torch 2.13)

The optimizer calls `add_(number, tensor)` and `addcmul_(number, tensor, tensor)`, which newer
versions of PyTorch may not know any more; they are given to it here, with the same meaning.
"""

import json
import os
from unittest import mock

import torch
from nnunet.training.optimizer.ranger import Ranger

plain = {name: getattr(torch.Tensor, name) for name in ["add_", "addcmul_", "addcdiv_"]}


def scaled(name, keyword):
    def call(self, first, *tensors, **keywords):
        if tensors and not torch.is_tensor(first):
            return plain[name](self, *tensors, **{keyword: first})
        return plain[name](self, first, *tensors, **keywords)
    return mock.patch.object(torch.Tensor, name, call)


parameter = torch.tensor([0.5, -1.0, 2.0], requires_grad=True)
trace = []
with scaled("add_", "alpha"), scaled("addcmul_", "value"), scaled("addcdiv_", "value"):
    optimizer = Ranger([parameter], 0.01, k=6, N_sma_threshhold=5, weight_decay=3e-5)
    for step in range(20):
        parameter.grad = torch.tensor([1.0, -2.0, 0.5]) / (step + 1) ** 2
        optimizer.step()
        trace.append(parameter.detach().tolist())
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "ranger.json"), "w") as file:
    json.dump(trace, file)
