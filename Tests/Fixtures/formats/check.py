#!/usr/bin/env python3
"""Reads what the tests wrote with the libraries that nnU-Net v2 uses: check.py FOLDER"""

import json
import pathlib
import sys

import numpy as np
import SimpleITK as sitk
import tifffile
from skimage import io

FOLDER = pathlib.Path(sys.argv[1])
SPACING, ORIGIN = (0.75, 1.5, 3.25), (-12.5, 20.25, 7.125)
DIRECTION = np.array([[0.8, -0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, -1.0]])
VALUES = {"volume": np.arange(60).reshape(3, 4, 5), "spaced": np.arange(60).reshape(3, 4, 5),
          "flat": np.arange(20).reshape(4, 5), "deep": 300 * np.arange(20).reshape(4, 5),
          "color": np.moveaxis(np.arange(60).reshape(3, 4, 5), 0, -1)}
count = 0


def require(condition, *words):
    if not condition:
        sys.exit(" ".join(map(str, words)))


for path in sorted(FOLDER.iterdir()):
    name, _, ending = path.name.partition(".")
    if ending not in {"nii", "nii.gz", "nrrd", "seg.nrrd", "nhdr", "mha", "mhd", "gipl", "gipl.gz", "png", "bmp", "tif", "tiff"}:
        continue
    values = VALUES[name]
    if ending in {"png", "bmp"}:
        read = io.imread(str(path))
    elif ending in {"tif", "tiff"}:
        read = (tifffile.imread if values.ndim == 3 and name != "color" else io.imread)(str(path))
        if name == "spaced":
            spacing = json.loads((FOLDER / "spaced.json").read_text())["spacing"]
            require(spacing == list(SPACING[::-1]), path, "has the spacing", spacing)
    else:
        image = sitk.ReadImage(str(path))
        read = sitk.GetArrayFromImage(image)
        # GIPL has three axes always, and no direction.
        rank = image.GetDimension()
        direction = np.eye(rank) if "gipl" in ending else DIRECTION[:rank, :rank]
        if "gipl" in ending and read.ndim > values.ndim:
            read = read[0]
        plane = min(rank, values.ndim if name != "color" else 2)
        require(np.allclose(image.GetSpacing()[:plane], SPACING[:plane], atol=1e-6), path, image.GetSpacing())
        require(np.allclose(image.GetOrigin()[:plane], ORIGIN[:plane], atol=1e-6), path, image.GetOrigin())
        require(np.allclose(np.array(image.GetDirection()).reshape(rank, rank), direction, atol=1e-6), path, image.GetDirection())
    require(read.shape == values.shape, path, "has the shape", read.shape, "not", values.shape)
    require(read.dtype == (np.uint16 if name == "deep" else np.uint8), path, "has the type", read.dtype)
    require((read == values).all(), path, "has other values")
    count += 1
require(count == 34, count, "files were found")
print(count, "files are as written")
