"""Makes the archives of this folder with Python's zipfile and numpy: python make.py"""

import io
import os
import stat
import zipfile

import numpy as np

os.chdir(os.path.dirname(os.path.abspath(__file__)))

with zipfile.ZipFile("plain.zip", "w") as z:
    z.writestr("2d/", "")
    z.writestr("2d/stored.txt", "stored as it is\n")
    z.writestr("2d/deflated.txt", "deflated " * 500, compress_type=zipfile.ZIP_DEFLATED)
    z.writestr("empty", "")
    z.writestr("großer Name.txt", "ä")
    z.comment = b"a comment"

# With data descriptors and zip64 fields, as written to a pipe.
class Pipe(io.RawIOBase):
    def __init__(self): self.data = b""
    def writable(self): return True
    def write(self, b): self.data += bytes(b); return len(b)

pipe = Pipe()
with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as z:
    with z.open("streamed.txt", "w", force_zip64=True) as f:
        f.write(b"streamed " * 100)
open("streamed.zip", "wb").write(pipe.data)

def hostile(name, entry, mode=None, data="x", compress=zipfile.ZIP_STORED):
    with zipfile.ZipFile(name, "w") as z:
        z.writestr("good.txt", "good")
        info = zipfile.ZipInfo(entry)
        info.create_system = 3
        info.compress_type = compress
        if mode: info.external_attr = mode << 16
        z.writestr(info, data)

hostile("absolute.zip", "/tmp/evil.txt")
hostile("parent.zip", "a/../../evil.txt")
hostile("link.zip", "link", stat.S_IFLNK | 0o777, "/etc/passwd")
hostile("pipe.zip", "pipe", stat.S_IFIFO | 0o644, "")
hostile("backslash.zip", "..\\evil.txt")
hostile("bomb.zip", "zeros", data=b"\0" * (80 << 20), compress=zipfile.ZIP_DEFLATED)
with zipfile.ZipFile("bzip2.zip", "w", zipfile.ZIP_BZIP2) as z:
    z.writestr("a.txt", "a" * 100)

base = np.arange(24).reshape(2, 3, 4)
arrays = dict(
    float16=(base / 2).astype(np.float16), float32=(base / 2).astype(np.float32),
    float64=base / 3, uint8=base.astype(np.uint8), int16=(base - 5).astype(np.int16),
    int32=(base - 5).astype(np.int32), int64=base - 5, uint16=base.astype(np.uint16),
    mask=base > 8, fortran=np.asfortranarray(base.astype(np.float32)),
    big=base.astype(">f4"), scalar=np.float32(2.5), empty=np.zeros((0, 4), np.int32))
np.savez("plain.npz", **arrays)
np.savez_compressed("compressed.npz", **arrays)

# The same archives with every number in zip64 fields, as writers of archives above 4 GiB have them.
def zip64(source, target):
    import struct
    data = open(source, "rb").read()
    end = data.rindex(b"PK\x05\x06")
    count, size, start = struct.unpack("<HII", data[end + 10:end + 20])
    directory, place = b"", start
    for _ in range(count):
        head = bytearray(data[place:place + 46])
        name, extra, comment = struct.unpack("<HHH", head[28:34])
        packed, unpacked = struct.unpack("<II", head[20:28])
        offset, = struct.unpack("<I", head[42:46])
        field = struct.pack("<HHQQQ", 1, 24, unpacked, packed, offset)
        head[20:28] = head[42:46] * 0 + b"\xff" * 8
        head[42:46] = b"\xff" * 4
        head[30:34] = struct.pack("<HH", len(field), 0)
        directory += bytes(head) + data[place + 46:place + 46 + name] + field
        place += 46 + name + extra + comment
    record = struct.pack(
        "<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, len(directory), start)
    locator = struct.pack("<IIQI", 0x07064B50, 0, start + len(directory), 1)
    last = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    open(target, "wb").write(data[:start] + directory + record + locator + last)

zip64("plain.zip", "zip64.zip")
zip64("streamed.zip", "zip64_deflated.zip")
zip64("../pickles/state.pth", "../pickles/state_zip64.pth")
