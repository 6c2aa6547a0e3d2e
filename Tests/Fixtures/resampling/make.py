"""Makes the arrays of this folder with the Python original.

Needs nnunet 1.7.1, numpy 1.23, scipy 1.10, scikit-image 0.20 and batchgenerators 0.25:
    python make.py
"""
import json
from pathlib import Path

import numpy as np
from nnunet.preprocessing.preprocessing import resample_data_or_seg, resample_patient
from scipy.ndimage import gaussian_filter, map_coordinates
from skimage.transform import resize

here = Path(__file__).parent
random = np.random.RandomState(7)


arrays, places = [], {}  # everything goes to one flat file; the manifest lists their places


def save(name, array):
    places[name] = dict(offset=sum(a.size for a in arrays), shape=array.shape)
    arrays.append(np.ascontiguousarray(array, np.float32).ravel())


def smooth(shape, sigma=1.0):
    return (gaussian_filter(random.normal(size=shape), sigma) * 100).astype(np.float32)


def labels(shape):
    noise = gaussian_filter(random.normal(size=shape), 1.0)
    result = np.digitize(noise, [-0.1, 0.05, 0.12]).astype(np.float32)
    result[:2] = -1
    return result


# 1. resize: volumes and images, all orders; lengths of one, equal lengths, up and down together.
volume = smooth((5, 9, 13))
image = smooth((11, 6))
line = smooth((1, 7, 8))
save("volume", volume)
save("image", image)
save("line", line)
resizes = []
for source, array, shapes in [
    ("volume", volume, [(8, 14, 20), (3, 4, 6), (5, 12, 7), (9, 9, 13), (7, 5, 31)]),
    ("image", image, [(17, 13), (4, 3), (11, 9), (20, 6)]),
    ("line", line, [(1, 12, 5), (3, 7, 8), (2, 5, 11)]),
]:
    for shape in shapes:
        for order in (0, 1, 3):
            name = f"resize_{source}_{'x'.join(map(str, shape))}_{order}"
            # Without preserve_range: floats are not rescaled anyway.
            result = resize(array.astype(float), shape, order, mode="edge", anti_aliasing=False)
            save(name, result)
            resizes.append(dict(source=source, shape=shape, order=order, result=name))

# 2. nnU-Net's resampling of data and labels, all branches.
data = np.stack([smooth((6, 12, 10)), np.round(smooth((6, 12, 10)))])
segmentation = labels((6, 12, 10))[None]
save("data", data)
save("segmentation", segmentation)
cases = []
for tag, original, target, forced, order_z in [
    ("iso_up", (2, 1, 1), (1, 0.8, 0.9), None, 0),
    ("iso_down", (2, 1, 1), (2.5, 1.6, 1.4), None, 0),
    ("aniso", (4, 1, 1), (3, 0.8, 0.9), None, 0),
    ("aniso_down", (4, 1, 1), (7, 1.7, 1.3), None, 0),
    ("aniso_same_z", (4, 1, 1), (4, 0.8, 0.9), None, 0),
    ("aniso_target", (2, 1, 1), (5, 1.1, 1.2), None, 0),
    ("aniso_y", (1, 4, 1), (0.9, 3, 1.1), None, 0),
    ("aniso_x", (1, 1, 4), (0.9, 1.3, 3), None, 0),
    ("two_axes", (1, 4, 4), (0.9, 3, 3), None, 0),
    ("forced_order1", (4, 1, 1), (3, 0.8, 0.9), True, 1),
    ("not_separate", (4, 1, 1), (3, 0.8, 0.9), False, 0),
    ("halved", (1, 1, 1), (2, 2, 2), None, 0),
    ("thirds", (1, 1, 1), (3, 1.5, 0.75), False, 0),
]:
    result_data, result_labels = resample_patient(
        data, segmentation, np.array(original, float), np.array(target, float), 3, 1,
        force_separate_z=forced, order_z_data=order_z, order_z_seg=order_z)
    save(f"case_{tag}_data", result_data)
    save(f"case_{tag}_labels", result_labels)
    cases.append(dict(tag=tag, original=original, target=target, forced=forced, order_z=order_z))
save("case_cubic_z_data", resample_data_or_seg(data, (9, 15, 11), False, [0], 3, True, 3))

# 3. One axis alone, as nnU-Net does along thick slices; scale 1 / 2 puts samples on halves.
for length in (3, 4, 10, 13):
    scale = 5 / length
    positions = np.mgrid[:length, :9, :13].astype(float)
    positions[0] = scale * (positions[0] + 0.5) - 0.5
    for order in (0, 1, 3):
        save(f"axis_{length}_{order}",
             map_coordinates(volume, positions, order=order, mode="nearest"))

np.save(here / "arrays.npy", np.concatenate(arrays))
json.dump(dict(arrays=places, resizes=resizes, cases=cases),
          open(here / "manifest.json", "w"))
