"""Times the training step of the Python nnU-Net, v1 or v2, as Benchmarks/training-step does ours.

Usage: PYTHON rival.py v1|v2 3d|2d [STEPS]     (PYTHON has nnunet or nnunetv2)
"""
import statistics
import sys
import time

import torch
from torch import nn

version, rank = sys.argv[1], 3 if sys.argv[2] == "3d" else 2
steps = int(sys.argv[3]) if len(sys.argv) > 3 else 3
patch, batch = ((40, 56, 40), 7) if rank == 3 else ((56, 40), 281)
convolution, norm = (nn.Conv3d, nn.InstanceNorm3d) if rank == 3 else (nn.Conv2d, nn.InstanceNorm2d)
norm_options, slope = {"eps": 1e-5, "affine": True}, {"inplace": True}
batch_dice = rank == 2
if version == "v1":
    from nnunet.network_architecture.generic_UNet import Generic_UNet
    from nnunet.network_architecture.initialization import InitWeights_He
    from nnunet.training.loss_functions.deep_supervision import MultipleOutputLoss2 as Wrapper
    from nnunet.training.loss_functions.dice_loss import DC_and_CE_loss
    network = Generic_UNet(
        1, 32, 3, 3, 2, 2, convolution, norm, norm_options, nn.Dropout2d, {"p": 0, "inplace": True},
        nn.LeakyReLU, {"negative_slope": 1e-2, "inplace": True}, True, False, lambda x: x,
        InitWeights_He(1e-2), [[2] * rank] * 3, [[3] * rank] * 4, False, True, True)
    loss = DC_and_CE_loss({"batch_dice": batch_dice, "smooth": 1e-5, "do_bg": False}, {})
else:
    from dynamic_network_architectures.architectures.unet import PlainConvUNet
    from nnunetv2.training.loss.compound_losses import DC_and_CE_loss
    from nnunetv2.training.loss.deep_supervision import DeepSupervisionWrapper as Wrapper
    from nnunetv2.training.loss.dice import MemoryEfficientSoftDiceLoss
    network = PlainConvUNet(
        1, 4, [32, 64, 128, 256], convolution, 3, [1, 2, 2, 2], 2, 3, 2, True, norm, norm_options,
        None, None, nn.LeakyReLU, slope, deep_supervision=True)
    loss = DC_and_CE_loss({"batch_dice": batch_dice, "smooth": 1e-5, "do_bg": False, "ddp": False},
                          {}, dice_class=MemoryEfficientSoftDiceLoss)
loss = Wrapper(loss, [2 / 3, 1 / 3, 0])
optimizer = torch.optim.SGD(network.parameters(), 0.01, momentum=0.99, weight_decay=3e-5,
                            nesterov=True)
image = torch.randn(batch, 1, *patch)
targets = [torch.ones(batch, 1, *(n >> level for n in patch)) for level in range(3)]
times = []
for _ in range(steps + 1):
    start = time.perf_counter()
    optimizer.zero_grad()
    loss(network(image), targets).backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 12)
    optimizer.step()
    times.append(time.perf_counter() - start)
print(f"{version} {sys.argv[2]} step {statistics.median(times[1:]):.3f} s")
