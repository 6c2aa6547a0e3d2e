"""Makes the arrays of this folder with the Python original.

Needs nnunet 1.7.1, numpy 1.23 and scipy 1.10:
    python make.py
"""
import json
from copy import deepcopy
from pathlib import Path

import numpy as np
from nnunet.preprocessing.cropping import ImageCropper, create_nonzero_mask
from nnunet.preprocessing.preprocessing import GenericPreprocessor, PreprocessorFor2D
from scipy.ndimage import binary_fill_holes, gaussian_filter

here = Path(__file__).parent
random = np.random.RandomState(11)
arrays, places = [], {}  # everything goes to one flat file; the manifest lists their places


def save(name, array):
    places[name] = dict(offset=sum(a.size for a in arrays), shape=array.shape)
    arrays.append(np.ascontiguousarray(array, np.float32).ravel())


# 1. Filled holes of random masks, dense and sparse.
for number, (shape, level) in enumerate([
        ((9, 11, 13), 0.35), ((9, 11, 13), 0.5), ((12, 10, 8), 0.65), ((1, 9, 9), 0.5),
        ((2, 7, 7), 0.6), ((7, 1, 8), 0.5)]):
    mask = random.uniform(size=shape) < level
    save(f"mask_{number}", mask)
    save(f"filled_{number}", binary_fill_holes(mask))

# 2. A case with an empty margin, holes, negative values and labels outside the mask.
shape = (10, 21, 18)
data = np.stack([gaussian_filter(random.normal(size=shape), 1) * 150 + 40 for _ in range(2)])
data = np.round(data).astype(np.float32)
grid = np.stack(np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij"))
data[:, (grid ** 2).sum(0) > 0.8] = 0
data[:, 4:6, 8:12, 7:10] = 0
labels = np.digitize(gaussian_filter(random.normal(size=shape), 1.5), [0.0, 0.15]).astype(np.float32)
labels[(grid ** 2).sum(0) > 1.0] = 0
properties = dict(original_spacing=np.array([2.0, 0.9, 1.1]))
save("data", data)
save("labels", labels)
save("nonzero_mask", create_nonzero_mask(data))
cropped, segmentation, properties = ImageCropper.crop(data.copy(), properties, labels[None].copy())
save("cropped_data", cropped)
save("cropped_labels", segmentation[0])
_, without_labels, _ = ImageCropper.crop(data.copy(), deepcopy(properties))
save("cropped_without_labels", without_labels[0])

# 3. Preprocessing of that case: schemes, masks, transposes, spacings, the 2D rule.
intensities = {c: dict(mean=float(np.float32(38.7 + c)), sd=31.25, percentile_00_5=-61.5,
                       percentile_99_5=148.2) for c in range(2)}
prepared = []
for tag, scheme, mask, transpose, target, rule in [
    ("same_z_score", "nonCT", False, (0, 1, 2), (2.0, 0.9, 1.1), "3D"),
    ("same_z_score_masked", "nonCT", True, (0, 1, 2), (2.0, 0.9, 1.1), "3D"),
    ("same_ct", "CT", False, (0, 1, 2), (2.0, 0.9, 1.1), "3D"),
    ("same_ct_masked", "CT", True, (0, 1, 2), (2.0, 0.9, 1.1), "3D"),
    ("same_ct2", "CT2", False, (0, 1, 2), (2.0, 0.9, 1.1), "3D"),
    ("same_ct2_masked", "CT2", True, (0, 1, 2), (2.0, 0.9, 1.1), "3D"),
    ("same_none", "noNorm", True, (0, 1, 2), (2.0, 0.9, 1.1), "3D"),
    ("resampled", "nonCT", True, (0, 1, 2), (1.7, 1.2, 1.2), "3D"),
    ("transposed", "nonCT", False, (2, 0, 1), (1.4, 1.8, 1.1), "3D"),
    ("thick", "CT", False, (0, 1, 2), (4.0, 1.2, 1.2), "3D"),
    ("plane", "nonCT", True, (0, 1, 2), (5.0, 1.2, 0.8), "2D"),
]:
    kind = GenericPreprocessor if rule == "3D" else PreprocessorFor2D
    preprocessor = kind({0: scheme, 1: scheme}, {0: mask, 1: mask}, list(transpose), intensities)
    axes = (0, *[a + 1 for a in transpose])
    result, result_labels, after = preprocessor.resample_and_normalize(
        cropped.transpose(axes).copy(), np.array(target), deepcopy(properties),
        segmentation.transpose(axes).copy())
    save(f"prepared_{tag}_data", result)
    save(f"prepared_{tag}_labels", result_labels[0])
    prepared.append(dict(tag=tag, scheme=scheme, mask=mask, transpose=transpose, target=target,
                         rule=rule, spacing=list(map(float, after["spacing_after_resampling"]))))

# 4. Class locations: a class above 10,000 voxels, a small one, an absent one.
big = (random.uniform(size=(14, 30, 31)) < 0.9).astype(np.float32)
big[random.uniform(size=big.shape) < 0.01] = 4
state = np.random.RandomState(1234)
rows = []
for label in (4, 2, 1):
    positions = np.argwhere(big == label)
    if len(positions):
        count = max(min(10000, len(positions)), int(np.ceil(len(positions) * 0.01)))
        chosen = positions[state.choice(len(positions), count, replace=False)]
        rows.append(np.column_stack([np.full(count, label), chosen]))
rows = np.concatenate(rows)
locations = dict(count=len(rows), first=rows[:200].tolist(), last=rows[-200:].tolist(),
                 sums=rows.sum(0).tolist(), order=int((rows * np.arange(len(rows))[:, None]).sum()))
save("classes", big)

np.save(here / "arrays.npy", np.concatenate(arrays))
json.dump(dict(arrays=places, crop_box=properties["crop_bbox"],
               labels=properties["classes"].tolist(), intensities=intensities, prepared=prepared,
               locations=locations), open(here / "manifest.json", "w"))
