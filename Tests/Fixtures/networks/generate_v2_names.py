#!/usr/bin/env python3
"""Writes v2-names.json: the names of nnU-Net v2's networks, by a Python that has nnunetv2 2.8.1.

For each network, the parameters in the order of the optimizer, and all names of the state in its order.
"""
import json
import os

import torch
from dynamic_network_architectures.architectures.unet import PlainConvUNet, ResidualEncoderUNet

common = {
    "features_per_stage": [4, 8, 8], "strides": [1, 2, 2], "kernel_sizes": 3, "n_conv_per_stage_decoder": [2, 1],
    "conv_bias": True, "norm_op_kwargs": {"eps": 1e-5, "affine": True}, "nonlin": torch.nn.LeakyReLU,
    "nonlin_kwargs": {"inplace": True}, "num_classes": 3, "deep_supervision": True,
}
networks = {
    "plain": PlainConvUNet(
        input_channels=2, n_stages=3, conv_op=torch.nn.Conv2d, norm_op=torch.nn.InstanceNorm2d,
        n_conv_per_stage=[2, 1, 2], **common),
    "residual": ResidualEncoderUNet(
        input_channels=1, n_stages=3, conv_op=torch.nn.Conv3d, norm_op=torch.nn.InstanceNorm3d,
        n_blocks_per_stage=[1, 2, 1], **common),
}
names = {
    kind: {
        "parameters": [name for name, _ in network.named_parameters()],
        "state": list(network.state_dict()),
    }
    for kind, network in networks.items()
}
with open(os.path.join(os.path.dirname(__file__), "v2-names.json"), "w") as file:
    json.dump(names, file, indent=1)
    file.write("\n")
