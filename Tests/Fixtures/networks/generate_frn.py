"""Makes frn3d.safetensors with nnU-Net v1: python generate_frn.py (nnunet 1.7.1, torch 2.13).

A tiny network of nnUNetTrainerV2_FRN: weights, input, outputs, and the gradients of the sum of all
outputs times probes.
"""
from pathlib import Path

import torch
from convert import write
from nnunet.network_architecture.custom_modules.feature_response_normalization import FRN3D
from nnunet.network_architecture.custom_modules.helperModules import Identity
from nnunet.network_architecture.generic_UNet import Generic_UNet
from nnunet.network_architecture.initialization import InitWeights_He
from torch import nn

torch.manual_seed(4)
pools, kernels = [[1, 2, 2], [2, 2, 2]], [[1, 3, 3], [3, 3, 3], [3, 3, 3]]
net = Generic_UNet(2, 2, 3, 2, 2, 2, nn.Conv3d, FRN3D, {"eps": 1e-6}, nn.Dropout3d,
                   {"p": 0, "inplace": True}, Identity, {}, True, False, lambda x: x,
                   InitWeights_He(1e-2), pools, kernels, False, True, True)
for name, parameter in net.named_parameters():
    if "norm" in name:
        parameter.data += 0.2 * torch.randn(parameter.shape)
arrays = {f"weight/{key}": value.clone().numpy() for key, value in net.state_dict().items()}
data = torch.randn(2, 2, 4, 8, 8)
outputs = net.train()(data)
probes = [torch.randn(output.shape) for output in outputs]
sum((output * probe).sum() for output, probe in zip(outputs, probes)).backward()
arrays |= {f"gradient/{name}": p.grad.numpy() for name, p in net.named_parameters()}
arrays["input"] = data.numpy()
for level, (output, probe) in enumerate(zip(outputs, probes)):
    arrays[f"output/{level}"] = output.detach().numpy()
    arrays[f"target/{level}"] = probe.numpy()
write(Path(__file__).parent / "frn3d.safetensors", arrays, {
    "input_channels": 2, "num_classes": 3, "base_num_features": 2, "conv_per_stage": 2,
    "pool_op_kernel_sizes": pools, "conv_kernel_sizes": kernels,
    "state_keys": list(net.state_dict())})
