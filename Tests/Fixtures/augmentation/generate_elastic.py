"""Makes elastic_*.npy with batchgenerators: python generate_elastic.py (batchgenerators 0.25, scipy 1.10).

Image and labels are those that generate.py wrote. numpy's random noise is replaced by numbers that
are stored next to the results.
"""

import os
from unittest import mock

import numpy as np
from batchgenerators.augmentations import utils

HERE = os.path.dirname(os.path.abspath(__file__))
data = np.load(os.path.join(HERE, "data.npy"))
labels = np.load(os.path.join(HERE, "labels.npy")).astype(np.float32)
source = np.random.RandomState(7)


def save(name, array):
    np.save(os.path.join(HERE, name + ".npy"), np.ascontiguousarray(array))


def bend(name, image, masks, patch, deform, turn):
    rank = len(patch)
    noise = source.uniform(size=(rank,) + patch)
    values = iter(noise)
    with mock.patch("numpy.random.random", lambda shape: next(values)):
        coordinates = deform(utils.create_zero_centered_coordinate_mesh(patch))
    coordinates = utils.scale_coords(turn(coordinates), 1.1)
    for axis in range(rank):
        coordinates[axis] += image.shape[axis + 1] / 2.0 - 0.5
    save(name + "_noise", (noise * 2 - 1).astype(np.float32))
    save(name + "_data", np.stack([
        utils.interpolate_img(channel, coordinates, 3, "constant", cval=0) for channel in image
    ]).astype(np.float32))
    save(name + "_labels", np.stack([
        utils.interpolate_img(channel, coordinates, 1, "constant", cval=-1, is_seg=True)
        for channel in masks]).astype(np.int16))


bend("elastic3d_scaled", data, labels, (10, 12, 11),
     lambda c: utils.elastic_deform_coordinates(c, 60.0, 3.0),
     lambda c: utils.rotate_coords_3d(c, 0.3, -0.2, 0.45))
bend("elastic3d_part", data, labels, (10, 12, 11),
     lambda c: utils.elastic_deform_coordinates_2(c, [2.0, 2.4, 2.2], [0.9, 1.1, 0.5]),
     lambda c: utils.rotate_coords_3d(c, 0.3, -0.2, 0.45))
bend("elastic2d_part", data[:, 7], labels[:, 7], (11, 12),
     lambda c: utils.elastic_deform_coordinates_2(c, [1.1, 1.2], [0.5, 0.3]),
     lambda c: utils.rotate_coords_2d(c, 0.8))
