"""Writes NIfTI headers and small files, and what SimpleITK makes of them, for the tests of Imaging.

Run with Python 3, NumPy and SimpleITK 2.5: python generate.py
"""
import gzip
import json
import struct
import tempfile
from pathlib import Path

import numpy as np
import SimpleITK as sitk

here = Path(__file__).parent
sitk.ProcessObject_SetGlobalWarningDisplay(False)
scratch = Path(tempfile.mkdtemp())

TYPES = {  # name: (datatype code, numpy type)
    "uint8": (2, "u1"), "int16": (4, "i2"), "int32": (8, "i4"), "float32": (16, "f4"),
    "float64": (64, "f8"), "int8": (256, "i1"), "uint16": (512, "u2"), "uint32": (768, "u4"),
    "int64": (1024, "i8"), "uint64": (1280, "u8"),
}


def header1(extents, code=2, bits=8, pixdim=(1, 1, 1), qfac=1, qform_code=0, sform_code=0,
            quaternion=(0, 0, 0), qoffset=(0, 0, 0), srow=np.zeros((3, 4)), units=10, slope=1,
            inter=0, vox_offset=352, order="<", magic=b"n+1\0"):
    header = bytearray(352)
    def put(offset, kind, *values):
        struct.pack_into(order + kind, header, offset, *values)
    put(0, "i", 348)
    put(40, "8h", len(extents), *extents, *[1] * (7 - len(extents)))
    put(70, "hh", code, bits)
    put(76, "8f", qfac, *pixdim, *[0] * (7 - len(pixdim)))
    put(108, "fff", vox_offset, slope, inter)
    header[123] = units
    put(252, "hh", qform_code, sform_code)
    put(256, "6f", *quaternion, *qoffset)
    put(280, "12f", *np.asarray(srow).ravel())
    header[344:348] = magic
    return bytes(header)


def header2(extents, code, bits, pixdim, sform_code, srow, slope=1, inter=0, order="<"):
    header = bytearray(544)
    def put(offset, kind, *values):
        struct.pack_into(order + kind, header, offset, *values)
    put(0, "i", 540)
    header[4:12] = b"n+2\0\r\n\x1a\n"
    put(12, "hh", code, bits)
    put(16, "8q", len(extents), *extents, *[1] * (7 - len(extents)))
    put(104, "8d", 1, *pixdim, *[0] * (7 - len(pixdim)))
    put(168, "q", 544)
    put(176, "dd", slope, inter)
    put(344, "ii", 0, sform_code)
    put(400, "12d", *np.asarray(srow).ravel())
    put(500, "i", 10)
    return bytes(header)


def geometry(header, extents):
    path = scratch / "image.nii"
    path.write_bytes(header + bytes(int(np.prod(extents))))
    try:
        image = sitk.ReadImage(str(path))
    except RuntimeError:
        return None
    return {"size": image.GetSize(), "spacing": image.GetSpacing(), "origin": image.GetOrigin(),
            "direction": image.GetDirection()}


def random_rotation(rng):
    matrix, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return matrix * np.sign(np.linalg.det(matrix))


def random_header(rng, kind):
    spacing = rng.choice([0.5, 0.7, 1, 1.25, 2.5, 5, 999], 3)
    rotation = random_rotation(rng) if rng.random_sample() < 0.7 else np.diag(rng.choice([-1, 1], 3))
    srow = np.c_[rotation * spacing, rng.normal(0, 100, 3)]
    quaternion = rng.normal(size=4)
    quaternion = (quaternion / np.linalg.norm(quaternion))[1:]
    fields = dict(
        pixdim=list(spacing), qfac=rng.choice([1, -1, 0]), qform_code=rng.randint(0, 5),
        sform_code=rng.randint(0, 5), quaternion=quaternion, qoffset=rng.normal(0, 100, 3),
        srow=srow, units=int(rng.choice([0, 1, 2, 3, 10])), order=rng.choice(["<", ">"]))
    extents = [3, 4, 2]
    if kind == "sheared":
        fields["srow"] = srow @ np.array([[1, rng.choice([1e-6, 1e-3, .3]), 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    elif kind == "rescaled":
        fields["srow"] = srow * [1.5, 0.5, 2, 1]
    elif kind == "negative":
        fields["pixdim"] = [float(s * rng.choice([-1, 1])) for s in spacing]
    elif kind == "zero":
        fields["pixdim"][rng.randint(3)] = [0, float("nan"), float("inf")][rng.randint(3)]
        if rng.random_sample() < 0.3:
            fields["srow"] = np.zeros((3, 4))
    elif kind == "half turn":
        quaternion = rng.normal(size=3)
        fields["quaternion"] = quaternion / np.linalg.norm(quaternion)
    elif kind == "flat":
        extents = [4, 6]
    elif kind == "series":
        extents = [[3, 4, 2, 1], [3, 4, 2, 1, 1], [3, 4, 1], [3, 1, 1, 1]][rng.randint(4)]
    return header1(extents, **fields), extents


def write_headers():
    rng = np.random.RandomState(42)
    kinds = ["plain", "plain", "sheared", "rescaled", "negative", "zero", "half turn", "flat", "series"]
    headers, expected = [], []
    for index in range(270):
        kind = kinds[index % len(kinds)]
        header, extents = random_header(rng, kind)
        headers.append(header)
        expected.append({"kind": kind, "geometry": geometry(header, extents)})
    (here / "headers.bin").write_bytes(b"".join(headers))
    (here / "headers.json").write_text(json.dumps(expected))
    print(len(headers), "headers,", sum(e["geometry"] is None for e in expected), "refused")


def write_voxels():
    rng = np.random.RandomState(3)
    expected = {}
    srow = np.array([[-1.5, 0, 0, 10], [0, 2, 0, -20], [0, 0, 2.5, 30]], float)
    for name, (code, kind) in TYPES.items():
        dtype = np.dtype(kind)
        if dtype.kind == "f":
            values = rng.normal(0, 1000, (2, 3, 4)).astype(dtype)
        else:
            info = np.iinfo(dtype)
            values = rng.randint(max(info.min, -2**40), min(info.max, 2**40), (2, 3, 4), dtype=np.int64).astype(dtype)
            values.flat[:2] = info.min, info.max
        for version, order, slope, inter in ((1, "<", 1, 0), (1, ">", 1, 0), (2, "<", 1, 0), (2, ">", 1, 0), (1, "<", 0.37, -11.5)):
            fields = dict(pixdim=(1.5, 2, 2.5), sform_code=1, srow=srow, slope=slope, inter=inter, order=order)
            header = (header1 if version == 1 else header2)((4, 3, 2), code, dtype.itemsize * 8, **fields)
            content = header + values.astype(dtype.newbyteorder(order)).tobytes()
            stem = f"{name}_v{version}_{'le' if order == '<' else 'be'}{'_scaled' if slope != 1 else ''}"
            compressed = gzip.compress(content, mtime=0)
            (here / "voxels" / f"{stem}.nii.gz").write_bytes(compressed)
            if version == 1:
                path = scratch / "voxels.nii.gz"
                path.write_bytes(compressed)
                image = sitk.ReadImage(str(path))
                assert image.GetSpacing() == (1.5, 2, 2.5) and image.GetOrigin() == (-10, 20, 30)
                array = sitk.GetArrayFromImage(image)
                assert slope != 1 or np.array_equal(array, values)
            single = (array if version == 1 else values).astype(np.float32)
            expected[stem] = single.ravel().tolist()
    (here / "voxels.json").write_text(json.dumps(expected))


def write_reference_output():
    """A segmentation as SimpleITK writes it, and a 4D series."""
    labels = (np.arange(2 * 3 * 4).reshape(2, 3, 4) % 3).astype(np.uint8)
    image = sitk.GetImageFromArray(labels)
    image.SetSpacing((0.7, 1.2, 3))
    image.SetOrigin((-10.5, 20.25, 33))
    image.SetDirection((0.36, 0.48, -0.8, -0.8, 0.6, 0, 0.48, 0.64, 0.6))
    sitk.WriteImage(image, str(here / "written_by_simpleitk.nii.gz"))
    image.SetDirection((-1, 0, 0, 0, 0, 1, 0, 1, 0))  # left-handed would be refused; turned axes
    sitk.WriteImage(image, str(here / "turned_by_simpleitk.nii.gz"))
    image.SetDirection((1, 0, 0, 0, -1, 0, 0, 0, 1))
    sitk.WriteImage(image, str(here / "mirrored_by_simpleitk.nii.gz"))
    series = sitk.JoinSeries([sitk.GetImageFromArray((np.arange(24).reshape(2, 3, 4) - 12 + 100 * v).astype(np.int16)) for v in range(3)])
    series.SetSpacing((0.7, 1.2, 3, 2))
    series.SetOrigin((-10.5, 20.25, 33, 0))
    sitk.WriteImage(series, str(here / "series.nii.gz"))


(here / "voxels").mkdir(exist_ok=True)
write_headers()
write_voxels()
write_reference_output()
