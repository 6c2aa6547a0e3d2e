"""Packs the wheel: wheel.py STAGE LAUNCHER DIST

STAGE/nnunet_swift contains the program and its engines; LAUNCHER is installed once for each command.
auditwheel brings the libraries that a system may lack and finds the oldest glibc that will do.
"""

import base64
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
# What every glibc system has. auditwheel expects more libraries everywhere, such as libX11 and libexpat, which a
# machine without a screen lacks.
EVERYWHERE = re.compile(
    r"linux-vdso|ld-linux|lib(c|m|dl|rt|pthread|util|resolv|gcc_s|stdc\+\+)\.so")
# Comes with torch, whatever its version.
OF_TORCH = ("libtorch*", "libc10*", "libgomp*")

METADATA = """Metadata-Version: 2.1
Name: nnunet-swift
Version: {version}
Summary: The self-configuring method for biomedical image segmentation, as a native program
License: Apache-2.0
Requires-Python: >=3.9
Requires-Dist: torch>={oldest},<{beyond}
Description-Content-Type: text/markdown
"""


def run(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"error: {' '.join(map(str, words))} failed (see above).")
    return done.stdout


def version_of(program):
    text = run(program, "--version")
    return re.search(r"\d+(\.\d+)+\S*", text).group(0)


def commands_of(program):
    return ["nnunet"] + re.findall(r"^  (nnUNet_\w+) ", run(program), re.MULTILINE)


def write_wheel(path, files):
    """Writes a wheel from (name, bytes, is executable); RECORD comes last."""
    record = ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        def add(name, data, executable):
            entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100755 if executable else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)

        for name, data, executable in files:
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(data)}\n"
            add(name, data, executable)
        name = next(n for n, _, _ in files if n.endswith("/WHEEL")).replace("/WHEEL", "/RECORD")
        add(name, (record + f"{name},,\n").encode(), False)


def make(stage, launcher, path, version, engines):
    program = stage / "nnunet_swift/nnunet"
    info = f"nnunet_swift-{version}.dist-info"
    major, minor = map(int, engines[-1].split("."))
    readme = (ROOT / "README.md").read_text()
    metadata = METADATA.format(version=version, oldest=engines[0], beyond=f"{major}.{minor + 1}")
    files = [
        (str(file.relative_to(stage)), file.read_bytes(), os.access(file, os.X_OK))
        for file in sorted(stage.rglob("*")) if file.is_file()
    ]
    data = pathlib.Path(launcher).read_bytes()
    files += [
        (f"nnunet_swift-{version}.data/scripts/{name}", data, True) for name in commands_of(program)
    ]
    files += [
        (f"{info}/METADATA", (metadata + "\n" + readme).encode(), False),
        (f"{info}/WHEEL", b"Wheel-Version: 1.0\nGenerator: nnunet\nRoot-Is-Purelib: false\n"
         b"Tag: py3-none-linux_x86_64\n", False),
        (f"{info}/licenses/LICENSE", (ROOT / "LICENSE").read_bytes(), False),
        (f"{info}/licenses/NOTICE", (ROOT / "NOTICE").read_bytes(), False),
    ]
    write_wheel(path, files)


def needed_by(file):
    return re.findall(r"NEEDED.*\[([^\]]*)\]", run("readelf", "-d", str(file)))


def complete(wheel, program, work):
    """Adds the libraries that the program needs and that auditwheel left to the system."""
    shutil.rmtree(work, ignore_errors=True)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(work)
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    libraries = work / "nnunet_swift.libs"
    # auditwheel's names, such as libxcb-35e21829.so.1.1.0, by those without the checksum.
    brought = {re.sub(r"-[0-9a-f]{8}", "", file.name): file.name for file in libraries.iterdir()}

    def place(name):
        return next((new for old, new in brought.items() if old == name or old.startswith(name + ".")), None)

    for name, path in re.findall(r"(\S+) => (/\S+)", run("ldd", str(program))):
        if not EVERYWHERE.match(name) and not place(name):
            shutil.copy(path, libraries / name)
    for file in libraries.iterdir():
        renames = []
        for name in needed_by(file):
            if place(name) and not (libraries / name).exists():
                renames += ["--replace-needed", name, place(name)]
        run("patchelf", *renames, "--force-rpath", "--set-rpath", "$ORIGIN", str(file))
    for file in [*libraries.iterdir(), work / "nnunet_swift/nnunet"]:
        for name in needed_by(file):
            if not EVERYWHERE.match(name) and not (libraries / name).exists():
                sys.exit(f"error: {name}, which {file.name} needs, is not in the wheel.")
    files = []
    for file in sorted(work.rglob("*")):
        name = str(file.relative_to(work))
        if file.is_file() and not name.endswith("/RECORD"):
            files.append((name, file.read_bytes(), bool(modes.get(name, 0o644) & 0o111)))
    write_wheel(wheel, files)


def main(stage, launcher, dist):
    stage, dist = pathlib.Path(stage), pathlib.Path(dist)
    engines = sorted((p.name for p in (stage / "nnunet_swift/engines").iterdir()),
                     key=lambda name: tuple(map(int, name.split("."))))
    version = version_of(stage / "nnunet_swift/nnunet")
    plain = stage.parent / f"nnunet_swift-{version}-py3-none-linux_x86_64.whl"
    make(stage, launcher, plain, version, engines)
    repaired = stage.parent / "repaired"
    shutil.rmtree(repaired, ignore_errors=True)
    excluded = [word for name in OF_TORCH for word in ("--exclude", name)]
    run("auditwheel", "repair", *excluded, "-w", str(repaired), str(plain))
    (wheel,) = repaired.glob("*.whl")
    complete(wheel, stage / "nnunet_swift/nnunet", stage.parent / "unpacked")
    for old in dist.glob("nnunet_swift-*.whl"):
        old.unlink()
    shutil.move(str(wheel), dist / wheel.name)
    print(f"dist/{wheel.name}: {os.path.getsize(dist / wheel.name) / 1e6:.0f} MB,"
          f" for torch {', '.join(engines)}")


main(*sys.argv[1:])
