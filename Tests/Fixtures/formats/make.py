#!/usr/bin/env python3
"""Makes small files of every format but NIfTI, and expected.json with expected.npy: what SimpleITK, scikit-image and
tifffile read.

  pip install SimpleITK tifffile numpy scikit-image imageio imagecodecs
  ./make.py

Values are listed in the order (channel, z, y, x). Each file is read by the library with which nnU-Net v2 reads it.
"""

import gzip
import json
import pathlib
import struct
import zlib

import numpy as np
import SimpleITK as sitk
import skimage
import tifffile
from PIL import Image
from skimage import io

HERE = pathlib.Path(__file__).resolve().parent
EXPECTED, VALUES = [], []
random = np.random.default_rng(20)
DIRECTION = np.array([[0.8, -0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, -1.0]])
SPACING, ORIGIN = (0.75, 1.5, 3.25), (-12.5, 20.25, 7.125)
TYPES = {"uint8": ("unsigned char", "MET_UCHAR"), "int8": ("signed char", "MET_CHAR"),
         "uint16": ("unsigned short", "MET_USHORT"), "int16": ("short", "MET_SHORT"),
         "uint32": ("unsigned int", "MET_UINT"), "int32": ("int", "MET_INT"),
         "uint64": ("unsigned long long int", "MET_ULONG_LONG"), "int64": ("long long int", "MET_LONG_LONG"),
         "float32": ("float", "MET_FLOAT"), "float64": ("double", "MET_DOUBLE")}


def voxels(kind, shape=(3, 4, 5)):
    if kind.startswith("float"):
        return random.normal(0, 100, shape).astype(kind)
    info = np.iinfo(kind)
    low, high = max(info.min, -(1 << 20)), min(info.max, 1 << 20)
    return random.integers(low, high, shape, endpoint=True).astype(kind)


def expect(file, values, spacing, origin, direction, note):
    values = np.asarray(values)
    EXPECTED.append({
        "file": file, "shape": list(values.shape), "spacing": list(spacing), "origin": list(origin),
        "direction": list(direction), "by": note, "offset": sum(map(len, VALUES))})
    VALUES.append(values.ravel().astype(np.float32))


def expect_itk(file):
    image = sitk.ReadImage(str(HERE / file))
    values = sitk.GetArrayFromImage(image)
    rank = image.GetDimension()
    if image.GetNumberOfComponentsPerPixel() > 1:
        values = np.moveaxis(values, -1, 0)
    elif rank < 4:
        values = values[None]
    if rank == 2:
        values = values[:, None]
    direction = np.array(image.GetDirection()).reshape(rank, rank)
    rank = min(rank, 3)
    expect(file, values, image.GetSpacing()[:rank], image.GetOrigin()[:rank],
           direction[:rank, :rank].ravel(), "SimpleITK")


def write(name, *parts):
    (HERE / name).write_bytes(b"".join(p if isinstance(p, bytes) else p.encode() for p in parts))


def itk_image(values, spacing=SPACING, origin=ORIGIN, direction=DIRECTION, vector=False):
    image = sitk.GetImageFromArray(values, isVector=vector)
    rank = image.GetDimension()
    image.SetSpacing(spacing[:rank])
    image.SetOrigin(origin[:rank])
    image.SetDirection(np.asarray(direction)[:rank, :rank].ravel().tolist())
    return image


# What SimpleITK writes.
for kind in TYPES:
    for ending in ["nrrd", "mha"]:
        sitk.WriteImage(itk_image(voxels(kind)), str(HERE / f"itk_{kind}.{ending}"), True)
        expect_itk(f"itk_{kind}.{ending}")
for ending in ["nrrd", "mha", "nhdr", "mhd", "gipl", "gipl.gz", "seg.nrrd"]:
    # Voxels next to a header have a name without the header's ending.
    file = f"plain_int16.{ending}" if ending != "mhd" else "plain_meta.mhd"
    sitk.WriteImage(itk_image(voxels("int16")), str(HERE / file), False)
    expect_itk(file)
for ending in ["nhdr", "mhd"]:
    sitk.WriteImage(itk_image(voxels("uint8")), str(HERE / f"packed_uint8.{ending}"), True)
    expect_itk(f"packed_uint8.{ending}")
for kind in ["uint8", "int8", "uint16", "float32", "float64"]:
    sitk.WriteImage(itk_image(voxels(kind)), str(HERE / f"itk_{kind}.gipl"), False)
    expect_itk(f"itk_{kind}.gipl")
for ending in ["nrrd", "mha", "gipl"]:
    flat = itk_image(voxels("uint8", (4, 5)), direction=DIRECTION if ending != "gipl" else np.eye(3))
    sitk.WriteImage(flat, str(HERE / f"flat.{ending}"), True)
    expect_itk(f"flat.{ending}")
for ending in ["nrrd", "mha"]:
    sitk.WriteImage(itk_image(voxels("int16", (3, 4, 5, 2)), vector=True), str(HERE / f"vector.{ending}"), True)
    expect_itk(f"vector.{ending}")
    sitk.WriteImage(itk_image(voxels("uint8", (4, 5, 3)), vector=True), str(HERE / f"flat_vector.{ending}"), True)
    expect_itk(f"flat_vector.{ending}")
    series = sitk.JoinSeries([itk_image(voxels("int16")) for _ in range(2)])
    sitk.WriteImage(series, str(HERE / f"series.{ending}"), True)
    try:
        expect_itk(f"series.{ending}")
    except RuntimeError as problem:
        print("not read:", ending, problem)


# Headers that others write.
def nrrd(name, values, lines, data=None, detached=None, end="\n"):
    sizes = " ".join(map(str, values.shape[::-1]))
    head = ["NRRD0005", "# a remark", f"type: {TYPES[values.dtype.name][0]}", f"dimension: {values.ndim}",
            f"sizes: {sizes}", *lines, "key:=a value: with a colon"]
    data = values.astype("<" + values.dtype.str[1:]).tobytes() if data is None else data
    text = end.join(head) + end + ("" if detached else end)
    if detached:
        write(detached, data)
        write(name, text)
    else:
        write(name, text, data)


raw = ["encoding: raw", "endian: little"]
turned = ["space directions: (0.6,0.8,0) (-1.2,0.9,0) (0,0,-3)", "space origin: (1.5,-2.25,3)"]
big = voxels("int16")
nrrd("big_endian.nrrd", big, ["encoding: raw", "endian: big"], big.astype(">i2").tobytes())
nrrd("ras.nrrd", voxels("int16"), ["space: right-anterior-superior", *turned, *raw])
nrrd("las.nrrd", voxels("int16"), ["space: LAS", *turned, *raw])
nrrd("lps.nrrd", voxels("int16"), ["space: left-posterior-superior", *turned, *raw], end="\r\n")
nrrd("scanner.nrrd", voxels("int16"), ["space: scanner-xyz", *turned, *raw])
nrrd("dimension.nrrd", voxels("uint8"), ["space dimension: 3", *turned, *raw])
nrrd("spacings.nrrd", voxels("uint8"), ["spacings: 0.5 -2 nan", *raw])
nrrd("minima.nrrd", voxels("uint8"), ["spacings: 0.5 2 1", "axis mins: 1 2 3", "centers: cell node cell", *raw])
text = voxels("float32")
nrrd("text.nrrd", text, ["encoding: ascii"], "\n".join(" ".join(map(repr, map(float, r))) for r in text.reshape(-1, 5)).encode())
skip = voxels("uint16")
nrrd("skipped.nrrd", skip, ["line skip: 2", "byte skip: 3", *raw], b"a\nb\nxyz" + skip.astype("<u2").tobytes())
nrrd("from_end.nrrd", skip, ["byte skip: -1", *raw], b"anything" + skip.astype("<u2").tobytes())
nrrd("gzip.nrrd", skip, ["encoding: gzip", "endian: little"], gzip.compress(skip.astype("<u2").tobytes(), mtime=0))
nrrd("apart.nhdr", skip, ["data file: apart.bin", *raw], detached="apart.bin")
nrrd("list_first.nrrd", voxels("uint8", (3, 4, 5, 2)), [
    "kinds: list domain domain domain", "space: left-posterior-superior",
    "space directions: none (0.6,0.8,0) (-1.2,0.9,0) (0,0,-3)", "space origin: (1,2,3)", *raw])
nrrd("list_last.nrrd", voxels("uint8", (2, 3, 4, 5)), [
    "kinds: domain domain domain list", "space: left-posterior-superior",
    "space directions: (0.6,0.8,0) (-1.2,0.9,0) (0,0,-3) none", "space origin: (1,2,3)", *raw])
nrrd("color.nrrd", voxels("uint8", (4, 5, 3)), ["kinds: RGB-color domain domain", "spacings: nan 0.5 2", *raw])
for name in ["big_endian", "ras", "las", "lps", "scanner", "dimension", "spacings", "minima", "text", "skipped",
             "from_end", "gzip", "list_first", "list_last", "color"]:
    expect_itk(name + ".nrrd")
expect_itk("apart.nhdr")


def meta(name, values, lines, data, local="LOCAL"):
    sizes = " ".join(map(str, values.shape[::-1]))
    head = ["ObjectType = Image", f"NDims = {values.ndim}", f"DimSize = {sizes}",
            f"ElementType = {TYPES[values.dtype.name][1]}", *lines, f"ElementDataFile = {local}"]
    if local == "LOCAL":
        write(name, "\n".join(head) + "\n", data)
    else:
        write(local, data)
        write(name, "\n".join(head) + "\n")


place = ["Offset = 1.5 -2.25 3", "TransformMatrix = 0.6 0.8 0 -0.8 0.6 0 0 0 1"]
meta("big_endian.mha", big, ["ElementByteOrderMSB = True", "ElementSpacing = 1 2 3", *place], big.astype(">i2").tobytes())
meta("size.mha", skip, ["ElementSize = 1 2 3", "Position = 1 2 3", "Rotation = 0 1 0 1 0 0 0 0 1"], skip.astype("<u2").tobytes())
meta("negative.mha", skip, ["ElementSpacing = 1 -2 3", *place], skip.astype("<u2").tobytes())
meta("text.mha", text, ["BinaryData = False", "ElementSpacing = 1 2 3"], (" ".join(map(repr, map(float, text.ravel()))) + "\n").encode())
packed = zlib.compress(skip.astype("<u2").tobytes())
meta("zlib.mha", skip, ["BinaryData = True", "CompressedData = True", f"CompressedDataSize = {len(packed)}"], packed)
meta("from_end.mhd", skip, ["BinaryData = True", "HeaderSize = -1"], b"anything" + skip.astype("<u2").tobytes(), "from_end.raw")
meta("header.mhd", skip, ["BinaryData = True", "HeaderSize = 8"], b"anything" + skip.astype("<u2").tobytes(), "header.raw")
long = voxels("int32")
meta("long.mha", long, ["ElementSpacing = 1 1 1"], long.astype("<i4").tobytes())
write("long.mha", (HERE / "long.mha").read_bytes().replace(b"MET_INT", b"MET_LONG"))
for name in ["big_endian.mha", "size.mha", "negative.mha", "text.mha", "zlib.mha", "from_end.mhd", "header.mhd", "long.mha"]:
    expect_itk(name)


# Pictures, as nnU-Net v2's NaturalImage2DIO reads them.
def expect_picture(name):
    image = io.imread(str(HERE / name))
    values = image[None, None] if image.ndim == 2 else image.transpose(2, 0, 1)[:, None]
    expect(name, values, (1, 1), (0, 0), (1, 0, 0, 1), "scikit-image")


def picture(name, image, **options):
    image.save(HERE / name, **options)
    expect_picture(name)


gray, deep = voxels("uint8", (7, 9)), voxels("uint16", (7, 9))
color, alpha = voxels("uint8", (7, 9, 3)), voxels("uint8", (7, 9, 4))
for ending in ["png", "bmp", "tif"]:
    picture(f"gray.{ending}", Image.fromarray(gray))
    picture(f"color.{ending}", Image.fromarray(color))
    picture(f"bits.{ending}", Image.fromarray(gray > 99))
picture("alpha.png", Image.fromarray(alpha))
picture("alpha.bmp", Image.fromarray(alpha))
picture("deep.png", Image.fromarray(deep))
palette = Image.fromarray(color).quantize(12)
picture("palette.png", palette)
picture("palette.bmp", palette)
picture("palette4.png", palette, bits=4)
picture("clear.png", palette, transparency=3)
picture("clear_gray.png", Image.fromarray(gray), transparency=3)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, width, height, depth, type, rows, interlace=0):
    data = b"".join(b"\0" + row for row in rows)
    write(name, b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, type, 0, 0, interlace)),
          chunk(b"IDAT", zlib.compress(data)), chunk(b"IEND", b""))
    expect_picture(name)


png("gray2.png", 9, 3, 2, 0, [bytes([0b00011011, 0b11100100, 0b01000000])] * 3)
png("gray4.png", 5, 3, 4, 0, [bytes([0x01, 0x8F, 0x70])] * 3)
deep_color = voxels("uint16", (7, 9, 3))
png("deep_color.png", 9, 7, 16, 2, [row.astype(">u2").tobytes() for row in deep_color])
# Adam7: the passes of a picture of 9×7 pixels.
rows = []
for y, x, dy, dx in [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]:
    rows += [line.tobytes() for line in gray[y::dy, x::dx] if line.size]
png("interlaced.png", 9, 7, 8, 0, rows, 1)


def bmp(name, bits, method, data, extra=b"", top_down=False, size=40):
    head = struct.pack("<IiiHHIIiiII", size, 5, -3 if top_down else 3, 1, bits, method, len(data), 0, 0, 0, 0)
    start = 14 + len(head) + len(extra)
    write(name, b"BM", struct.pack("<IHHI", start + len(data), 0, 0, start), head, extra, data)
    expect_picture(name)


bmp("high.bmp", 16, 0, voxels("uint16", (3, 6)).astype("<u2").tobytes())
bmp("wide.bmp", 32, 0, voxels("uint8", (3, 5, 4)).tobytes(), top_down=True)
bmp("masks.bmp", 16, 3, voxels("uint16", (3, 6)).astype("<u2").tobytes(), struct.pack("<III", 0xF800, 0x7E0, 0x1F))

# TIFF, one page.
tiff_options = {
    "lzw": dict(compression="lzw"), "deflate": dict(compression="zlib", predictor=True),
    "packbits": dict(compression="packbits"), "tiles": dict(tile=(16, 16), compression="zlib"),
    "strips": dict(rowsperstrip=2), "big": dict(bigtiff=True), "motorola": dict(byteorder=">"),
}
for name, options in tiff_options.items():
    for kind, shape in [("uint8", (21, 37)), ("uint16", (21, 37, 3)), ("float32", (21, 37))]:
        file = f"{name}_{kind}.tif"
        values = voxels(kind, shape) if kind != "uint8" else np.cumsum(voxels(kind, shape) // 100, 1).astype(kind)
        photometric = "rgb" if len(shape) == 3 else "minisblack"
        try:
            tifffile.imwrite(HERE / file, values, photometric=photometric, metadata=None, **options)
        except Exception as problem:
            (HERE / file).unlink(missing_ok=True)
            print("not written:", file, problem)
            continue
        expect_picture(file)
tifffile.imwrite(HERE / "planar.tif", voxels("uint8", (3, 7, 9)), photometric="rgb", planarconfig="separate")
expect_picture("planar.tif")


# TIFF volumes, as nnU-Net v2's Tiff3DIO reads them.
def expect_volume(name, spacing):
    expect(name, tifffile.imread(HERE / name)[None], spacing[::-1], (0, 0, 0), np.eye(3).ravel(), "tifffile")


tifffile.imwrite(HERE / "volume_0000.tif", voxels("int16", (6, 5, 7)))
(HERE / "volume.json").write_text(json.dumps({"spacing": [3.5, 0.5, 0.75]}))
expect_volume("volume_0000.tif", (3.5, 0.5, 0.75))
tifffile.imwrite(HERE / "unspaced.tiff", voxels("float64", (6, 5, 7)), compression="zlib", photometric="minisblack")
expect_volume("unspaced.tiff", (1, 1, 1))
tifffile.imwrite(HERE / "imagej.tif", voxels("uint16", (6, 5, 7)), imagej=True)
expect_volume("imagej.tif", (1, 1, 1))
tifffile.imwrite(HERE / "tiled.tif", voxels("uint8", (5, 21, 37)), tile=(16, 16), compression="zlib", photometric="minisblack")
expect_volume("tiled.tif", (1, 1, 1))

np.save(HERE / "expected.npy", np.concatenate(VALUES))
with open(HERE / "expected.json", "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(entry) for entry in EXPECTED) + "\n]\n")
print(len(EXPECTED), "files,", "SimpleITK", sitk.Version_VersionString(), "scikit-image", skimage.__version__,
      "tifffile", tifffile.__version__)
