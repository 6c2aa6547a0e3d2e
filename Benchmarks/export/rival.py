"""The same export as main.swift with nnU-Net v1: rival.py OUTPUTS SPACING_Z [LABELS.npy].

Compares with the labels in LABELS.npy where given.
"""
import resource
import sys
import time

import numpy as np
from nnunet.preprocessing.preprocessing import get_do_separate_z, get_lowres_axis, resample_data_or_seg

outputs, spacing_z = int(sys.argv[1]), float(sys.argv[2])
original, spacing = (200, 512, 512), (spacing_z, 0.8, 0.8)
size = [int(round(n * s / 1.5)) for n, s in zip(original, spacing)]
softmax = np.zeros([outputs] + size, np.float32)
for o in range(outputs):
    p = np.float32(o) * np.float32(0.7)
    z, y, x = (np.arange(n, dtype=np.float32) for n in size)
    softmax[o] = (np.exp(2 * np.sin(z * np.float32(0.031) + p))[:, None, None]
                  * np.exp(2 * np.cos(y * np.float32(0.027) - p))[None, :, None]
                  * np.exp(2 * np.sin(x * np.float32(0.023) + 2 * p))[None, None, :])
softmax /= softmax.sum(0, keepdims=True)
begin = time.time()
separate, axis = False, None
if get_do_separate_z(spacing):
    separate, axis = True, get_lowres_axis(spacing)
result = resample_data_or_seg(softmax, original, False, axis, 1, separate, order_z=0)
labels = result.argmax(0).astype(np.uint8)
print(f"nnU-Net v1: {outputs} outputs, {size} to {original}: {time.time() - begin:.2f} s, "
      f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
if len(sys.argv) > 3:
    ours = np.load(sys.argv[3])
    print(f"voxels with another label: {(ours != labels).sum()} of {labels.size}")
