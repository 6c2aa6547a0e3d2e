"""Makes recipes.json: losses, Adam steps and learning rates of nnU-Net v1 and PyTorch.

python generate.py     (nnunet 1.7.1, torch 2.13)
"""

import json
import os

import numpy as np
import torch
from nnunet.training.learning_rate.poly_lr import poly_lr
from nnunet.training.loss_functions.crossentropy import RobustCrossEntropyLoss
from nnunet.training.loss_functions.dice_loss import (
    GDL, DC_and_BCE_loss, MCCLoss, SoftDiceLoss, SoftDiceLossSquared)
from nnunet.training.loss_functions.focal_loss import FocalLossV2
from nnunet.training.loss_functions.TopK_loss import TopKLoss
from nnunet.training.network_training.nnUNet_variants.optimizer_and_lr.nnUNetTrainerV2_cycleAtEnd import cycle_lr
from nnunet.utilities.nd_softmax import softmax_helper

random = np.random.RandomState(5)
shape = (2, 3, 3, 4, 5)
logits = np.round(2 * random.randn(*shape), 3)
labels = random.randint(0, 3, (2, 1, 3, 4, 5))
masks = random.randint(0, 2, shape)
result = dict(shape=shape, logits=logits.ravel().tolist(), labels=labels.ravel().tolist(),
              masks=masks.ravel().tolist(), losses=[])


def add(name, batch, loss, target):
    x = torch.tensor(logits, dtype=torch.float32, requires_grad=True)
    value = loss(x, torch.tensor(target, dtype=torch.float32))
    value.backward()
    result["losses"].append(dict(
        name=name, batch=batch, value=value.item(),
        gradient=x.grad.ravel()[::7].tolist()))


for batch in [False, True]:
    for name, background, smooth in [("dice", False, 1e-5), ("diceBackground", True, 1e-5),
                                     ("diceNoSmooth", False, 0)]:
        add(name, batch, SoftDiceLoss(softmax_helper, batch, background, smooth), labels)
    add("squaredDice", batch, SoftDiceLossSquared(softmax_helper, batch, False, 1e-5), labels)
    add("generalizedDice", batch, GDL(softmax_helper, batch, False, 1e-5), labels)
    add("matthews", batch, MCCLoss(softmax_helper, batch, True), labels)
    add("matthewsForeground", batch, MCCLoss(softmax_helper, batch, False), labels)
    add("regions", batch,
        DC_and_BCE_loss({}, dict(batch_dice=batch, do_bg=True, smooth=0)), masks)
add("crossEntropy", False, RobustCrossEntropyLoss(), labels)
add("topCrossEntropy", False, TopKLoss(k=10), labels)
add("focal", False,
    FocalLossV2(apply_nonlin=torch.nn.Softmax(dim=1), alpha=0.5, gamma=2, smooth=1e-5), labels)

start = torch.tensor([0.5, -1.0, 2.0])
for amsgrad in [False, True]:
    parameter = start.clone().requires_grad_()
    optimizer = torch.optim.Adam([parameter], 0.01, weight_decay=3e-5, amsgrad=amsgrad)
    trace = []
    for step in range(5):
        optimizer.zero_grad()
        parameter.grad = torch.tensor([1.0, -2.0, 0.5]) / (step + 1) ** 2
        optimizer.step()
        trace.append(parameter.detach().tolist())
    result["amsgrad" if amsgrad else "adam"] = trace


def warmup(e):
    return max(e, 1) / 50 * 0.01 if e <= 50 else poly_lr(e - 50, 1050, 0.01, 0.9)


def fixed2(e):
    return 0.01 if e < 500 else 0.001 if e < 675 else poly_lr(e - 675, 325, 0.001, 0.9)


def cycle(e, length, highest):
    return poly_lr(e, 1000, 0.01, 0.9) if e < 1000 else cycle_lr(e, length, 1e-6, highest)


def rates(epochs, function):
    return [dict(epoch=e, rate=function(e)) for e in epochs]


some = [0, 1, 49, 50, 51, 99, 499, 500, 674, 675, 850, 999]
result["schedules"] = {
    "nnUNetTrainerV2_warmup": rates(some + [1000, 1049], warmup),
    "nnUNetTrainerV2_SGD_fixedSchedule2": rates(some, fixed2),
    "nnUNetTrainerV2_cycleAtEnd": rates(some + [1000, 1020, 1050, 1099],
                                        lambda e: cycle(e, 100, 1e-3)),
    "nnUNetTrainerV2_cycleAtEnd2": rates(some + [1000, 1020, 1100, 1199],
                                         lambda e: cycle(e, 200, 1e-2)),
}

# A loss that falls and then stays, with the average and the scheduler of nnUNetTrainer.
losses = [float(np.exp(-e / 20)) for e in range(200)]
optimizer = torch.optim.SGD([start.clone().requires_grad_()], 0.01)
scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
    optimizer, mode="min", factor=0.2, patience=30, threshold=1e-3, threshold_mode="abs")
average, plateau = None, [0.01]
for epoch, loss in enumerate(losses):
    average = loss if average is None else 0.93 * average + 0.07 * loss
    if epoch > 0:
        scheduler.step(average)
    plateau.append(optimizer.param_groups[0]["lr"])
result["plateau"] = dict(losses=losses, rates=plateau)

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recipes.json")
with open(path, "w") as file:
    json.dump(result, file)
