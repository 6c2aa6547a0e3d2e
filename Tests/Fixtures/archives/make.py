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
