"""How many batches per second nnU-Net v1's loader and batchgenerators augment in one process.

The same patch, batch, transforms and size of a case as `main.swift`.
"""

import sys
import time
from types import SimpleNamespace

import numpy as np
from batchgenerators.dataloading.single_threaded_augmenter import SingleThreadedAugmenter
from nnunet.training.data_augmentation import data_augmentation_moreDA as more
from nnunet.training.data_augmentation.default_data_augmentation import (
    default_3D_augmentation_params, get_patch_size)

from nnunet.training.data_augmentation import data_augmentation_insaneDA as insane
from nnunet.training.network_training.nnUNet_variants.data_augmentation.nnUNetTrainerV2_DA5 import (
    nnUNetTrainerV2_DA5)

PATCH, BATCH, SIZE = (40, 56, 40), 7, (36, 50, 35)
variant = sys.argv[2] if len(sys.argv) > 2 else "default"
seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20

params = dict(default_3D_augmentation_params)
angle = (-30 / 360 * 2 * np.pi, 30 / 360 * 2 * np.pi)
params.update(rotation_x=angle, rotation_y=angle, rotation_z=angle, scale_range=(0.7, 1.4),
              do_elastic=False, selected_seg_channels=[0],
              mask_was_used_for_normalization={0: False})
initial = get_patch_size(PATCH, angle, angle, angle, (0.85, 1.25))
random = np.random.RandomState(3)
grid = np.abs(np.indices(SIZE) - np.array([18, 25, 17])[:, None, None, None]).sum(0)
labels = np.where(grid < 15, np.where(np.arange(SIZE[1])[None, :, None] < 25, 1, 2), 0)
case = np.stack([random.randn(*SIZE), labels]).astype(np.float32)


class Loader:
    """Pads random patches as nnU-Net's DataLoader3D does, a third of them around foreground."""

    def __iter__(self):
        return self

    def __next__(self):
        data = np.zeros((BATCH, 1, *initial), np.float32)
        seg = np.zeros((BATCH, 1, *initial), np.float32)
        for j in range(BATCH):
            need = np.array(initial) - np.array(PATCH)
            need = np.where(need + SIZE < initial, initial - np.array(SIZE), need)
            low = -need // 2
            high = np.array(SIZE) + need // 2 + need % 2 - initial
            if j >= 5:
                origin = np.maximum(low, np.array([18, 25, 17]) - np.array(initial) // 2)
            else:
                origin = np.array([np.random.randint(a, b + 1) for a, b in zip(low, high)])
            valid = tuple(slice(max(0, o), min(s, o + i)) for o, s, i in zip(origin, SIZE, initial))
            pad = [(0, 0)] + [(-min(0, o), max(o + i - s, 0))
                              for o, s, i in zip(origin, SIZE, initial)]
            data[j] = np.pad(case[:-1][(slice(None), *valid)], pad)
            seg[j] = np.pad(case[-1:][(slice(None), *valid)], pad, constant_values=-1)
        return dict(data=data, seg=seg, properties=[None] * BATCH, keys=["case"] * BATCH)


def transforms():
    """The transforms of training, as the trainer combines them."""
    if variant == "DA5":
        trainer = SimpleNamespace(
            net_num_pool_op_kernel_sizes=[[2, 2, 2]] * 3, threeD=True, do_mirroring=True,
            do_dummy_2D_aug=False, use_mask_for_norm={0: False}, patch_size=np.array(PATCH),
            regions=None)
        nnUNetTrainerV2_DA5.setup_DA_params(trainer)
        return more.Compose(nnUNetTrainerV2_DA5.get_train_transforms(trainer))
    captured = []
    module, make = more, more.get_moreDA_augmentation
    options = dict(use_nondetMultiThreadedAugmenter=False)
    if variant == "insaneDA":
        params.update(do_elastic=True, elastic_deform_alpha=(0., 1300.), p_eldef=0.2,
                      elastic_deform_sigma=(9., 15.), scale_range=(0.65, 1.6), gamma_range=(0.6, 2))
        module, make, options = insane, insane.get_insaneDA_augmentation, {}
    module.MultiThreadedAugmenter = lambda loader, transform, *_, **__: (
        captured.append(transform), SingleThreadedAugmenter(loader, transform))[1]
    module.NonDetMultiThreadedAugmenter = module.MultiThreadedAugmenter
    make(Loader(), Loader(), PATCH, params, pin_memory=False,
         deep_supervision_scales=[[1] * 3, [.5] * 3, [.25] * 3], **options)
    return captured[0]


augmenter = SingleThreadedAugmenter(Loader(), transforms())
next(augmenter)
start, made = time.time(), 0
while time.time() - start < seconds:
    next(augmenter)
    made += 1
elapsed = time.time() - start
print(f"batchgenerators, {variant}: {made} batches in {elapsed} s, {made / elapsed} batches/s")
