"""Writes distances between random blobs as scipy and medpy see them; see README.md.

Needs numpy, scipy and medpy (`pip install numpy scipy medpy`).
"""
import json

import numpy as np
from medpy.metric import binary
from scipy import ndimage

np.bool = bool  # medpy 0.4 with a newer numpy


def surface(mask):
    eroded = ndimage.binary_erosion(mask, ndimage.generate_binary_structure(3, 1))
    return mask & ~eroded


def surface_dice(first, second, spacing, tolerance):
    a, b = surface(first), surface(second)
    if not a.any() and not b.any():
        return float("nan")
    if not a.any() or not b.any():
        return 0.0
    to_b = ndimage.distance_transform_edt(~b, sampling=spacing)[a]
    to_a = ndimage.distance_transform_edt(~a, sampling=spacing)[b]
    # Distances that equal the tolerance count; rounding must not decide.
    limit = tolerance + 1e-9
    return float(((to_b <= limit).sum() + (to_a <= limit).sum()) / (a.sum() + b.sum()))


generator = np.random.default_rng(11)
cases = []
for shape, spacing in [
    ((9, 14, 11), (3.0, 0.7, 1.1)), ((1, 20, 17), (5.0, 0.5, 0.5)), ((12, 8, 10), (1.0, 1.0, 1.0)),
    ((6, 6, 24), (0.8, 4.0, 0.6)),
]:
    noise = ndimage.gaussian_filter(generator.normal(size=shape), 1.5)
    other = noise + 0.5 * noise.std() * generator.normal(size=shape)
    # Smooth blobs that reach the border, and rough ones.
    reference, prediction = noise > 0.3 * noise.std(), other > 0.3 * noise.std()
    cases.append({
        "shape": shape, "spacing": spacing,
        "reference": "".join(map(str, reference.astype(int).ravel())),
        "prediction": "".join(map(str, prediction.astype(int).ravel())),
        "Hausdorff Distance": binary.hd(prediction, reference, spacing),
        "Hausdorff Distance 95": binary.hd95(prediction, reference, spacing),
        "Avg. Surface Distance": binary.asd(prediction, reference, spacing),
        "Avg. Symmetric Surface Distance": binary.assd(prediction, reference, spacing),
        "surface_dice": {
            str(t): surface_dice(prediction, reference, spacing, t) for t in (0.0, 0.7, 1.0, 3.0)},
    })
json.dump(cases, open("distances.json", "w"), indent=1)
