"""Makes residual{2d,3d}.safetensors with nnU-Net v1: python generate_residual.py (nnunet 1.7.1, torch 2.13).

Tiny FabiansUNets: weights, input, outputs, and the gradients of the sum of all outputs times
probes. Second names of the same weights ("all.0", "all.2") are left out.
"""
from pathlib import Path

import torch
from convert import write
from nnunet.network_architecture.generic_modular_residual_UNet import FabiansUNet
from nnunet.network_architecture.generic_modular_UNet import get_default_network_config
from nnunet.network_architecture.initialization import InitWeights_He

HERE = Path(__file__).parent
for rank, size, norm in ((2, (12, 8), "in"), (3, (4, 8, 8), "in"), (3, (4, 4, 8), "bn")):
    torch.manual_seed(4)
    pools = [[1] * rank, [2] * rank, ([1] if rank == 3 else [2]) + [2] * (rank - 1)]
    kernels = [([1] if rank == 3 else [3]) + [3] * (rank - 1), [3] * rank, [3] * rank]
    net = FabiansUNet(
        2, 2, [1, 1, 2], 2, pools, kernels, get_default_network_config(rank, None, norm_type=norm),
        3, [1, 1], True, False, 320, InitWeights_He(1e-2))
    # Norms, and biases of the heads, must not be at their start to be tested.
    for name, parameter in net.named_parameters():
        if "norm" in name or name.endswith("bias") or "downsample_skip.1" in name:
            parameter.data += 0.2 * torch.randn(parameter.shape)
    keep = [key for key in net.state_dict() if ".all." not in key]
    arrays = {f"weight/{key}": net.state_dict()[key].clone().numpy() for key in keep}
    data = torch.randn((2, 2) + size)
    outputs = net.train()(data)
    probes = [torch.randn(output.shape) for output in outputs]
    sum((output * probe).sum() for output, probe in zip(outputs, probes)).backward()
    gradients = {name: p.grad for name, p in net.named_parameters() if ".all." not in name}
    arrays |= {f"gradient/{key}": value.numpy() for key, value in gradients.items()}
    arrays["input"] = data.numpy()
    for level, (output, probe) in enumerate(zip(outputs, probes)):
        arrays[f"output/{level}"] = output.detach().numpy()
        arrays[f"target/{level}"] = probe.numpy()
    write(HERE / f"residual{rank}d{'_bn' if norm == 'bn' else ''}.safetensors", arrays, {
        "input_channels": 2, "num_classes": 3, "base_num_features": 2, "conv_per_stage": 1,
        "pool_op_kernel_sizes": pools[1:], "conv_kernel_sizes": kernels, "state_keys": keep,
        "parameters": list(gradients)})
