"""Makes the arrays of this folder with batchgenerators and nnU-Net v1.

python generate.py     (nnunet 1.7.1, batchgenerators 0.25, scipy 1.10, scikit-image 0.20, numpy 1.23)

Each transform of the reference is run with chosen parameters instead of random ones: numpy's
draws are replaced by functions that return the lower bound of a range.
"""

import json
import os
import tempfile
from unittest import mock

import numpy as np
from batchgenerators.augmentations import color_augmentations as color
from batchgenerators.augmentations.noise_augmentations import augment_gaussian_blur
from batchgenerators.augmentations.resample_augmentations import augment_linear_downsampling_scipy
from batchgenerators.augmentations.spatial_transformations import augment_mirroring, augment_spatial
from batchgenerators.transforms.utility_transforms import RemoveLabelTransform
from nnunet.training.data_augmentation.custom_transforms import (
    Convert2DTo3DTransform, Convert3DTo2DTransform, ConvertSegmentationToRegionsTransform,
    MaskTransform)
from nnunet.training.data_augmentation.default_data_augmentation import get_patch_size
from nnunet.training.data_augmentation.downsampling import downsample_seg_for_ds_transform2
from nnunet.training.data_augmentation.pyramid_augmentations import (
    ApplyRandomBinaryOperatorTransform, MoveSegAsOneHotToData,
    RemoveRandomConnectedComponentFromOneHotEncodingTransform)
from nnunet.training.dataloading.dataset_loading import DataLoader2D, DataLoader3D
from skimage.morphology.binary import (
    binary_closing, binary_dilation, binary_erosion, binary_opening)

HERE = os.path.dirname(os.path.abspath(__file__))
manifest = {}


def save(name, array):
    array = np.ascontiguousarray(array)
    if array.dtype.kind == "f" and name.endswith("labels"):
        assert np.array_equal(array, np.round(array))
        array = array.astype(np.int16)
    np.save(os.path.join(HERE, name + ".npy"),
            array.astype(np.float32) if array.dtype.kind == "f" else array)


def chosen():
    """Draws give the lower bound; probabilities below one half are met."""
    return [mock.patch("numpy.random.uniform", lambda low=0.0, high=1.0, size=None: low),
            mock.patch("numpy.random.random", lambda size=None: 0.0),
            mock.patch("random.uniform", lambda low, high: low)]


class Chosen:
    def __enter__(self):
        self.patches = chosen()
        for patch in self.patches:
            patch.start()

    def __exit__(self, *_):
        for patch in self.patches:
            patch.stop()


def make_sample(shape, seed):
    random = np.random.RandomState(seed)
    grid = np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij")
    radius = np.sqrt(sum(g * g for g in grid))
    data = np.stack([np.cos(5 * radius) + 0.2 * random.randn(*shape),
                     3 * np.sin(4 * grid[0] + 3 * grid[-1]) + 0.5 * random.randn(*shape)])
    labels = np.zeros(shape)
    labels[radius < 0.9] = 1
    labels[radius < 0.6] = 2
    labels[(grid[0] > 0.1) & (radius < 0.75)] = 3
    labels[..., :2] = -1
    return data.astype(np.float32), labels[None].astype(np.float32)


DATA, LABELS = make_sample((15, 18, 17), 1)
save("data", DATA)
save("labels", LABELS)


def spatial(data, labels, patch, angles, scale):
    with Chosen():
        angles3 = list(angles or []) + [0] * 3
        return augment_spatial(
            data[None].copy(), labels[None].copy(), patch, patch_center_dist_from_border=None,
            do_elastic_deform=False, do_rotation=angles is not None, angle_x=(angles3[0],) * 2,
            angle_y=(angles3[1],) * 2, angle_z=(angles3[2],) * 2, do_scale=scale is not None,
            scale=(scale, max(scale, 1)) if scale else (1, 1), border_mode_data="constant",
            border_cval_data=0, order_data=3, border_mode_seg="constant", border_cval_seg=-1,
            order_seg=1, random_crop=False)


def make_spatial():
    cases = [dict(angles=[0.3, -0.2, 0.45], scale=None), dict(angles=None, scale=0.75),
             dict(angles=None, scale=1.35), dict(angles=[-0.5, 0.4, 0.1], scale=0.72),
             dict(angles=[0.52, 0.5, -0.51], scale=1.4), dict(angles=None, scale=None)]
    patch = (10, 12, 11)
    for index, case in enumerate(cases):
        data, labels = spatial(DATA, LABELS, patch, case["angles"], case["scale"])
        save(f"spatial3d_{index}_data", data[0])
        save(f"spatial3d_{index}_labels", labels[0])
    manifest["spatial3d"] = dict(patch=patch, cases=cases)

    scales = iter([0.8, 1.0, 0.9])
    with mock.patch("numpy.random.random", lambda size=None: 0.0), mock.patch(
            "numpy.random.uniform",
            lambda low=0.0, high=1.0, size=None: next(scales) if low == 0.5 else low):
        data, labels = augment_spatial(
            DATA[None].copy(), LABELS[None].copy(), patch, patch_center_dist_from_border=None,
            do_elastic_deform=False, do_rotation=True, angle_x=(0.3, 0.3), angle_y=(-0.2, -0.2),
            angle_z=(0.45, 0.45), do_scale=True, scale=(0.5, 1.5), border_mode_data="constant",
            border_cval_data=0, order_data=3, border_mode_seg="constant", border_cval_seg=-1,
            order_seg=1, random_crop=False, independent_scale_for_each_axis=True)
    save("spatialaxes_data", data[0])
    save("spatialaxes_labels", labels[0])
    manifest["spatialaxes"] = dict(angles=[0.3, -0.2, 0.45], scales=[0.8, 1.0, 0.9])

    flat = [dict(angles=[2.1], scale=None), dict(angles=[-0.7], scale=1.3),
            dict(angles=None, scale=0.8)]
    patch = (11, 12)
    for index, case in enumerate(flat):
        data, labels = spatial(DATA[:, 7], LABELS[:, 7], patch, case["angles"], case["scale"])
        save(f"spatial2d_{index}_data", data[0])
        save(f"spatial2d_{index}_labels", labels[0])
    manifest["spatial2d"] = dict(patch=patch, slice=7, cases=flat)

    folded = Convert3DTo2DTransform()(data=DATA[None, :, 4:9], seg=LABELS[None, :, 4:9])
    data, labels = spatial(folded["data"][0], folded["seg"][0], patch, [1.2], 1.15)
    folded["data"], folded["seg"] = data, labels
    folded = Convert2DTo3DTransform()(**folded)
    save("spatialdummy_data", folded["data"][0])
    save("spatialdummy_labels", folded["seg"][0])
    manifest["dummy2d"] = dict(patch=[5, *patch], slices=[4, 9], angles=[1.2], scale=1.15)


def make_intensity():
    with Chosen():
        result = np.stack([augment_gaussian_blur(DATA[:1].copy(), (0.62, 1.0))[0],
                           augment_gaussian_blur(DATA[1:].copy(), (0.97, 1.0))[0]])
        save("blur", result)
        flat = augment_gaussian_blur(DATA[:1, 7].copy(), (0.8, 1.0))
        save("blur2d", flat)
    manifest["blur"] = dict(sigmas=[0.62, 0.97])
    manifest["blur2d"] = dict(slice=7, sigma=0.8)

    factors = iter([0.8, 1.2])
    save("contrast", color.augment_contrast(DATA.copy(), contrast_range=lambda: next(factors)))
    manifest["contrast"] = dict(factors=[0.8, 1.2])

    with mock.patch("numpy.random.uniform", mock.Mock(side_effect=[0.0, 0.77, 1.23])):
        save("brightness", color.augment_brightness_multiplicative(DATA.copy()))
    manifest["brightness"] = dict(factors=[0.77, 1.23])

    for inverted in [False, True]:
        with Chosen():
            result = np.stack([
                color.augment_gamma(DATA[:1].copy(), (0.73, 1.5), inverted, per_channel=True,
                                    retain_stats=True)[0],
                color.augment_gamma(DATA[1:].copy(), (1.41, 1.5), inverted, per_channel=True,
                                    retain_stats=True)[0]])
        save("gamma_inverted" if inverted else "gamma", result)
    manifest["gamma"] = dict(exponents=[0.73, 1.41])

    for name, ignored in [("lowres", None), ("lowres_inplane", (0,))]:
        with Chosen():
            result = np.stack([
                augment_linear_downsampling_scipy(
                    DATA[c:c + 1].copy(), (zoom, 1), True, 1, None, 0, 3, ignored)[0]
                for c, zoom in enumerate([0.55, 0.83])])
        save(name, result)
    manifest["lowres"] = dict(zooms=[0.55, 0.83])


def make_cascade():
    shape = (20, 22, 24)
    grid = np.meshgrid(*[np.arange(n) for n in shape], indexing="ij")
    previous = np.zeros(shape)
    random = np.random.RandomState(3)
    for label, center, radius in [(1, (9, 10, 8), 7), (2, (12, 13, 14), 5), (2, (3, 3, 20), 2),
                                  (1, (17, 18, 3), 3), (2, (1, 20, 1), 2)]:
        distance = np.sqrt(sum((g - c) ** 2 for g, c in zip(grid, center)))
        previous[distance < radius] = label
    previous[random.rand(*shape) < 0.02] = 0
    save("previous_labels", previous)
    seg = np.stack([np.zeros(shape), previous])[None].astype(np.float32)
    batch = MoveSegAsOneHotToData(1, [1, 2])(data=np.zeros((1, 1, *shape), np.float32), seg=seg)
    masks = batch["data"][0, 1:]
    assert batch["data"].shape[1] == 3 and batch["seg"].shape[1] == 1
    assert np.array_equal(masks, np.stack([previous == 1, previous == 2]))

    operators = dict(dilation=binary_dilation, erosion=binary_erosion, closing=binary_closing,
                     opening=binary_opening)
    cases = [[(0, "dilation", 1.0), (1, "erosion", 1.3)], [(1, "dilation", 2.6), (0, "closing", 3.2)],
             [(1, "closing", 4.75), (0, "opening", 1.5)], [(0, "erosion", 2.0), (1, "opening", 2.2)],
             [(0, "closing", 7.9), (1, "dilation", 5.49)]]
    for index, case in enumerate(cases):
        radii, kinds = iter([c[2] for c in case]), iter([operators[c[1]] for c in case])

        def uniform(low=None, high=None):
            return 0.0 if low is None else next(radii)

        def shuffle(channels):
            channels[:] = [-2 + c[0] for c in case]

        with mock.patch("numpy.random.uniform", uniform), mock.patch(
                "numpy.random.shuffle", shuffle), mock.patch(
                "numpy.random.choice", lambda options: next(kinds)):
            result = ApplyRandomBinaryOperatorTransform([-2, -1], p_per_sample=1)(
                data=masks[None].copy())["data"][0]
        np.save(os.path.join(HERE, f"morphology_{index}.npy"), result.astype(np.uint8))
    manifest["morphology"] = cases

    selections = [0.0, 0.6]
    chosen = iter(selections)
    with mock.patch("numpy.random.uniform", lambda: 0.0), mock.patch(
            "numpy.random.choice", lambda ids: ids[int(next(chosen) * len(ids))]):
        result = RemoveRandomConnectedComponentFromOneHotEncodingTransform(
            [-2, -1], p_per_sample=1, fill_with_other_class_p=-1,
            dont_do_if_covers_more_than_X_percent=0.02)(data=masks[None].copy())["data"][0]
    assert [int((masks[c] - result[c]).sum()) > 0 for c in range(2)] == [True, True]
    np.save(os.path.join(HERE, "removal.npy"), result.astype(np.uint8))
    manifest["removal"] = dict(selections=selections, coverage=0.02)


def make_labels():
    batch = dict(data=DATA[None].copy(), seg=LABELS[None].copy())
    batch = MaskTransform({0: True, 1: False}, mask_idx_in_seg=0, set_outside_to=0)(**batch)
    save("masked_data", batch["data"][0])
    batch = RemoveLabelTransform(-1, 0)(**batch)
    save("removed_labels", batch["seg"][0])
    regions = {"a": (1, 2, 3), "b": (2, 3)}
    batch = ConvertSegmentationToRegionsTransform(regions)(**batch)
    save("regions_labels", batch["seg"][0])
    manifest["regions"] = [[1, 2, 3], [2, 3]]

    scales = [[1, 1, 1], [1, 0.5, 0.5], [0.5, 0.25, 0.25]]
    outputs = downsample_seg_for_ds_transform2(LABELS[None], scales, 0)
    for index, output in enumerate(outputs):
        save(f"supervision_{index}_labels", output[0])
    manifest["supervision"] = dict(scales=scales)

    for axes in [(0,), (1,), (2,), (0, 2)]:
        with mock.patch("numpy.random.uniform", lambda: 0.0):
            data, labels = augment_mirroring(DATA.copy(), LABELS.copy(), axes)
        name = "".join(map(str, axes))
        assert np.array_equal(data, np.flip(DATA, [a + 1 for a in axes]))
        assert np.array_equal(labels, np.flip(LABELS, [a + 1 for a in axes]))
    manifest["mirror"] = "equal to numpy.flip, asserted here"


class RecordedDraws:
    """Stands for numpy.random in the loader: gives chosen answers, notes the questions."""

    def __init__(self, answers):
        self.answers = list(answers)
        self.bounds = []

    def randint(self, low, high):
        self.bounds.append([int(low), int(high) - 1])
        return self.answers.pop(0)(low, high - 1)

    def choice(self, options, *_):
        if isinstance(options, list):
            return np.array(options)
        return self.answers.pop(0)(options)


def make_loader():
    folder = tempfile.mkdtemp()
    voxels, labels = make_sample((7, 20, 9), 2)
    case = np.concatenate([voxels, labels])
    save("case", case)
    np.save(os.path.join(folder, "case.npy"), case)
    locations = {label: np.argwhere(labels[0] == label) for label in [1, 2, 3]}
    dataset = {"case": dict(data_file=os.path.join(folder, "case.npz"),
                            properties=dict(class_locations=locations))}
    module = "nnunet.training.dataloading.dataset_loading.np.random"

    def run(loader_class, initial, final, fraction, answers):
        loader = loader_class(dataset, initial, final, 1, oversample_foreground_percent=fraction,
                              pad_mode="constant", pad_sides=None)
        draws = RecordedDraws(answers)
        with mock.patch(module + ".randint", draws.randint), mock.patch(
                module + ".choice", draws.choice):
            batch = loader.generate_train_batch()
        return draws.bounds, batch

    low, high = (lambda a, b: a), (lambda a, b: b)
    shapes = [((10, 14, 12), (8, 12, 9)), ((5, 9, 8), (5, 9, 8)), ((9, 27, 6), (4, 10, 5)),
              ((7, 21, 12), (7, 16, 7))]
    manifest["loader3d"] = []
    for index, (initial, final) in enumerate(shapes):
        entry = dict(initial=initial, final=final)
        for end, pick in [("low", low), ("high", high)]:
            bounds, batch = run(DataLoader3D, initial, final, 0.0, [pick] * 3)
            save(f"loader3d_{index}_{end}_data", batch["data"][0])
            save(f"loader3d_{index}_{end}_labels", batch["seg"][0])
        entry["bounds"] = bounds
        forced = []
        for label in [1, 3]:
            for position in [0, -1]:
                _, batch = run(DataLoader3D, initial, final, 1.0,
                               [lambda o: label, lambda n: position])
                voxel = locations[label][position]
                forced.append(dict(label=label, voxel=voxel.tolist(),
                                   sum=float(batch["data"].sum(dtype=np.float64)),
                                   absolute=float(np.abs(batch["data"]).sum(dtype=np.float64)),
                                   labels=float(batch["seg"].sum(dtype=np.float64))))
        entry["forced"] = forced
        manifest["loader3d"].append(entry)

    initial, final = (16, 12), (12, 9)
    entry = dict(initial=initial, final=final, slice=3)
    bounds, batch = run(DataLoader2D, initial, final, 0.0, [lambda n: 3, high, high])
    entry["bounds"] = bounds
    save("loader2d_data", batch["data"][0])
    save("loader2d_labels", batch["seg"][0])
    _, batch = run(DataLoader2D, initial, final, 1.0,
                   [lambda o: 2, lambda o: o[-1], lambda n: n - 1])
    z = locations[2][:, 0].max()
    voxel = locations[2][locations[2][:, 0] == z][-1]
    entry["forced"] = dict(label=2, voxel=voxel.tolist())
    save("loader2d_forced_data", batch["data"][0])
    save("loader2d_forced_labels", batch["seg"][0])
    manifest["loader2d"] = entry

    manifest["forces"] = {
        str(size): [not j < round(size * (1 - 0.33)) for j in range(size)]
        for size in [2, 3, 4, 7, 9, 12, 49]}


def make_patch_sizes():
    degree = np.pi / 180
    sizes = []
    for patch, degrees in [((128, 128, 128), 30), ((40, 56, 40), 30), ((80, 192, 160), 30),
                           ((512, 512), 180), ((512, 512), 15), ((56, 40), 180), ((56, 40), 15),
                           ((320, 320), 180), ((20, 320, 256), 30), ((256, 160), 15)]:
        angle = (-degrees * degree, degrees * degree)
        other = angle if len(patch) == 3 else (0.0, 0.0)
        initial = get_patch_size(patch, angle, other, other, (0.85, 1.25))
        sizes.append(dict(patch=patch, degrees=degrees, initial=initial.tolist()))
    manifest["initial"] = sizes


make_spatial()
make_intensity()
make_labels()
make_cascade()
make_loader()
make_patch_sizes()
with open(os.path.join(HERE, "manifest.json"), "w") as f:
    json.dump(manifest, f, indent=1)
