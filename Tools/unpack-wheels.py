"""Takes libtorch out of the Python wheel `torch`, and NVIDIA's libraries out of theirs.

unpack-wheels.py WHEELS DESTINATION     unpack headers and libraries
unpack-wheels.py --list-cuda WHEELS     print the NVIDIA packages that the wheel needs, if any
"""

import os
import pathlib
import re
import shutil
import sys
import zipfile

# Python bindings and self-tests, which a program in Swift never loads.
UNUSED = re.compile(
    r"libtorch_python|libshm|libaoti_custom_ops|libbackend_with_compiler|libjitbackend_test"
    r"|libtorchbind_test"
)


def destination_of(name):
    """The place of an archive member below the destination, or None if it is not needed."""
    parts = pathlib.PurePosixPath(name).parts
    if not parts or ".." in parts or name.endswith("/"):
        return None
    if parts[:2] == ("torch", "include"):
        return os.path.join(*parts[1:])
    file = parts[-1]
    is_library = re.search(r"\.(so(\.[0-9]+)*|dylib)$|\.so-|-[0-9a-f]{8}\.so", file)
    of_torch = parts[:2] == ("torch", "lib") and len(parts) == 3 or parts[0] == "torch.libs"
    of_nvidia = parts[0] == "nvidia" and "lib" in parts
    if is_library and (of_torch or of_nvidia) and not UNUSED.search(file):
        return os.path.join("lib", file)
    return None


def wheels_in(folder):
    return sorted(pathlib.Path(folder).glob("*.whl"))


def unpack(wheels, destination):
    for wheel in wheels_in(wheels):
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                place = destination_of(member.filename)
                if place is None:
                    continue
                target = pathlib.Path(destination, place)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, open(target, "wb") as output:
                    shutil.copyfileobj(source, output, 1 << 20)


def cuda_requirements(wheels):
    """The requirements on NVIDIA's packages, as `name==version`, if torch is a CUDA build."""
    for wheel in wheels_in(wheels):
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            if not any(name.endswith("/libtorch_cuda.so") for name in names):
                continue
            metadata = next(n for n in names if n.endswith(".dist-info/METADATA"))
            text = archive.read(metadata).decode()
        lines = re.findall(r"^Requires-Dist: (nvidia-[^;\n]*)", text, re.MULTILINE)
        return [re.sub(r"[()\s]", "", line) for line in lines]
    return []


if sys.argv[1] == "--list-cuda":
    print(" ".join(cuda_requirements(sys.argv[2])))
else:
    unpack(sys.argv[1], sys.argv[2])
