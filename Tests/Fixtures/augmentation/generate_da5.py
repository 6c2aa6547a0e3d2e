"""Makes the da5_*.npy arrays and da5.json of this folder with batchgenerators.

python generate_da5.py     (batchgenerators 0.25, scipy 1.10, numpy 1.23)

As in generate.py, the reference's transforms are run with chosen parameters instead of random ones;
`data.npy` and `labels.npy`, which generate.py makes, are the input.
"""

import json
import os
from unittest import mock

import numpy as np
from batchgenerators.augmentations.color_augmentations import augment_contrast
from batchgenerators.augmentations.spatial_transformations import (
    augment_rot90, augment_transpose_axes)
from batchgenerators.transforms.local_transforms import (
    BrightnessGradientAdditiveTransform, LocalGammaTransform)
from batchgenerators.transforms.noise_transforms import (
    BlankRectangleTransform, MedianFilterTransform, SharpeningTransform)

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = np.load(os.path.join(HERE, "data.npy"))
LABELS = np.load(os.path.join(HERE, "labels.npy"))
manifest = {}


def save(name, array):
    np.save(os.path.join(HERE, f"da5_{name}.npy"), np.ascontiguousarray(array))


def run(transform, data=DATA):
    return transform(data=data[None].copy())["data"][0]


def per_channel(make, values, data=DATA):
    """A transform with its own value for each channel."""
    return np.concatenate([run(make(v), data[c:c + 1]) for c, v in enumerate(values)])


def make_filters():
    for index, sizes in enumerate([(3, 4), (2, 7), (5, 6)]):
        save(f"median_{index}", per_channel(lambda n: MedianFilterTransform(n), sizes))
    save("median2d", per_channel(lambda n: MedianFilterTransform(n), (4, 5), DATA[:, 7]))
    manifest["median"] = [(3, 4), (2, 7), (5, 6)]
    save("sharpened", per_channel(lambda s: SharpeningTransform(s), (0.85, 0.3)))
    save("sharpened2d", per_channel(lambda s: SharpeningTransform(s), (0.6, 0.2), DATA[:, 7]))


def make_contrast():
    save("contrast", augment_contrast(DATA.copy(), contrast_range=lambda: 1.8,
                                      preserve_range=False))


def make_rectangles():
    boxes = [[((2, 3, 1), (4, 5, 3)), ((1, 1, 9), (3, 6, 5)), ((4, 5, 2), (5, 4, 4))],
             [((10, 12, 12), (5, 6, 5))]]
    result = []
    for c, channel in enumerate(boxes):
        numbers = iter([n for origin, size in channel for n in (*size, *origin)])
        with mock.patch("numpy.random.random_integers", lambda *bounds: next(numbers)), mock.patch(
                "numpy.random.uniform", lambda *bounds: 0.0):
            result.append(run(BlankRectangleTransform([[1, 5], [1, 6], [1, 5]], np.mean,
                                                      len(channel)), DATA[c:c + 1]))
    save("rectangles", np.concatenate(result))
    manifest["rectangles"] = boxes


def make_local():
    bells = [dict(center=(0.3, -0.4, 1.2), width=(6.0, 11.0, 4.5)),
             dict(center=(-0.1, 0.7, 0.5), width=(15.0, 3.0, 9.0))]

    def make(kind, value, bell, **more):
        return kind(lambda shape, axis: bell["width"][axis], lambda shape, axis: bell["center"][axis],
                    value, same_for_all_channels=False, **more)

    def both(kind, values, data, **more):
        return np.concatenate([run(make(kind, v, b, **more), data[c:c + 1])
                               for c, (v, b) in enumerate(zip(values, bells))])

    for suffix, data in [("", DATA), ("2d", DATA[:, 7])]:
        save("gradient" + suffix, both(BrightnessGradientAdditiveTransform, (-2.5, 4.0), data,
                                       mean_centered=False))
        save("localgamma" + suffix, both(LocalGammaTransform, (0.05, 3.3), data))
    wide = dict(center=(0.5, 0.5, 0.5), width=(4000.0, 4000.0, 4000.0))
    save("localgamma_flat", run(make(LocalGammaTransform, 0.5, wide), DATA[:1]))
    manifest["bells"] = bells


def make_turns():
    data, labels = DATA[:, :15, :15, :15], LABELS[:, :15, :15, :15]
    turns = [(1, (0, 2)), (2, (0, 1)), (3, (1, 2)), (3, (0, 1))]
    for index, (count, axes) in enumerate(turns):
        picks = iter([count, np.array(axes)])
        with mock.patch("numpy.random.choice", lambda *a, **k: next(picks)):
            turned, turned_labels = augment_rot90(data, labels)
        save(f"turn_{index}", turned[:1, ::2])
        save(f"turn_{index}_labels", turned_labels[:, ::2])
    orders = [(2, 0, 1), (1, 2, 0), (0, 2, 1)]
    for index, order in enumerate(orders):
        def shuffle(axes):
            axes[:] = [i + 1 for i in order]
        with mock.patch("numpy.random.shuffle", shuffle):
            moved, moved_labels = augment_transpose_axes(data, labels)
        save(f"transposed_{index}", moved[:1, ::2])
        save(f"transposed_{index}_labels", moved_labels[:, ::2])
    manifest["turns"], manifest["orders"] = turns, orders


make_filters()
make_contrast()
make_rectangles()
make_local()
make_turns()
with open(os.path.join(HERE, "da5.json"), "w") as f:
    json.dump(manifest, f, indent=1)
