"""Fetches the wheel of torch by pip, with what its libraries need, and unpacks libraries and headers.

torch_wheels.py VERSION CUDA DOWNLOADS DESTINATION [ARGUMENTS OF PIP]

CUDA is 1 for everything that pip resolves as torch's dependencies, and 0 for what libtorch's CPU half
needs. Files keep their places in site-packages, along which the libraries find each other:
DESTINATION/torch/lib, DESTINATION/torch/include, DESTINATION/nvidia/...

Wheels in DOWNLOADS that a former run finished are not fetched again.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

# Python bindings and self-tests, which a program in Swift never loads.
UNUSED = re.compile(
    r"libtorch_python|libshm|libaoti_custom_ops|libbackend_with_compiler|libjitbackend_test"
    r"|libtorchbind_test"
)
LIBRARY = re.compile(r"\.(so|dylib)(\.[0-9]+)*$|\.so-|-[0-9a-f]{8}\.so")
# In 2026: the CPU's wheel and what it needs, and the whole CUDA build, packed and unpacked.
ROOM = {False: 1_600_000_000, True: 9_000_000_000}


def stop(message, *hints):
    print("error: " + message, *hints, sep="\n", file=sys.stderr)
    sys.exit(1)


def download(requirement, folder, arguments, dependencies=False):
    """The paths of the wheels that pip fetched, now or earlier, for a requirement."""
    folder.mkdir(parents=True, exist_ok=True)
    # pip uses any file with the right name as the wheel, and fails with it every time.
    for wheel in folder.glob("*.whl"):
        if not zipfile.is_zipfile(wheel):
            print(f"{wheel.name} of an earlier run is incomplete; fetching it again.", file=sys.stderr)
            wheel.unlink()
    before = set(folder.glob("*.whl"))
    # pip first writes the complete file next to its place, where it has the same space.
    environment = dict(os.environ, TMPDIR=str(folder))
    command = [sys.executable, "-m", "pip", "download", "--only-binary=:all:", "--dest", str(folder)]
    command += ["--disable-pip-version-check"]
    if not sys.stderr.isatty():
        command.append("--quiet")
    if not dependencies:
        command.append("--no-deps")
    # This Python does not run any of it, so a wheel for another Python works as well as its own.
    foreign = ["--implementation", "cp", "--python-version", "3.12"]
    for attempt, words in enumerate([command, command + foreign, command]):
        done = subprocess.run(
            words + arguments + [requirement], env=environment,
            stderr=subprocess.PIPE if attempt == 0 else None, text=True)
        if done.returncode == 0:
            break
        if attempt == 0 and "No matching distribution" not in done.stderr:
            sys.stderr.write(done.stderr)
            print("Trying once more.", file=sys.stderr)
    else:
        stop(
            f"pip could not download {requirement} (see above).",
            "Check the network and run make again: complete files are not fetched again.",
            "Without a network use a libtorch that you have: make LIBTORCH=DIR",
            "Or choose another index: make TORCH_PIP_ARGS='--index-url URL'")
    for rest in folder.glob("pip-*"):
        shutil.rmtree(rest, ignore_errors=True)
    name = re.split(r"[<>=!~\[; ]", requirement)[0].lower().replace("-", "_")
    if dependencies:
        return sorted(folder.glob("*.whl"))
    return [w for w in folder.glob("*.whl") if w not in before or w.name.lower().startswith(name + "-")]


def metadata(wheel):
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", n))
        return archive.read(name).decode()


def place_of(name):
    """Whether a member of a wheel is a required library or header with a safe path."""
    parts = pathlib.PurePosixPath(name).parts
    if not parts or ".." in parts or name.startswith("/") or name.endswith("/"):
        return False
    if parts[:2] == ("torch", "include") or parts == ("torch", "version.py"):
        return True
    if parts[0] == "nvidia" and "include" in parts:
        return True
    if parts[0].endswith(".dist-info"):
        return bool(re.search(r"LICEN[CS]E|NOTICE", parts[-1]))
    if not LIBRARY.search(parts[-1]) or UNUSED.search(parts[-1]):
        return False
    return parts[:2] == ("torch", "lib") or parts[0] in ("torch.libs", "nvidia")


def unpack(wheel, destination):
    try:
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                if not place_of(member.filename):
                    continue
                target = destination / member.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, open(target, "wb") as output:
                    shutil.copyfileobj(source, output, 1 << 20)
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.filename != str(wheel) and error.errno:
            stop(f"{destination} cannot be written: {error.strerror}.", "Make room there, and run make again.")
        wheel.unlink(missing_ok=True)
        stop(f"{wheel.name} is damaged ({error}); it was removed.", "Run make again to fetch it again.")


def dependencies(libraries):
    """What the dynamic linker finds for libraries: the paths of those found, the names of those missing."""
    text = subprocess.run(["ldd", *map(str, libraries)], stdout=subprocess.PIPE, text=True).stdout
    found = {os.path.realpath(path) for path in re.findall(r"=> (/\S+)", text)}
    return found, sorted(set(re.findall(r"(\S+) => not found", text)))


def requirements(text, extras=()):
    """The requirements of a METADATA that apply here, each with the extra that needs it."""
    from pip._vendor.packaging.requirements import Requirement

    for line in re.findall(r"^Requires-Dist: (.*)$", text, re.MULTILINE):
        requirement = Requirement(line)
        for extra in extras or ("",):
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                yield extra, requirement
                break


def suppliers(wheel, missing, downloads, arguments):
    """The requirements of a wheel that, by their names, supply missing libraries."""
    stems = {re.sub(r"^lib|[0-9._-]*\.so.*$", "", name) for name in missing}

    def fits(extra, requirement):
        return any(stem and stem in (extra + " " + requirement.name).lower() for stem in stems)

    for extra, requirement in requirements(metadata(wheel)):
        if requirement.extras and any(fits(extra, requirement) for extra in requirement.extras):
            meta = download(f"{requirement.name}{requirement.specifier}", downloads, arguments)
            for found in meta:
                for inner, part in requirements(metadata(found), sorted(requirement.extras)):
                    if fits(inner, part):
                        yield f"{part.name}{part.specifier}"
        elif fits(extra, requirement):
            yield f"{requirement.name}{requirement.specifier}"


def keep_cpu_half(destination, wheel, downloads, arguments):
    """Completes libtorch's CPU half and removes the rest. False if the names of packages do not help."""
    folder = destination / "torch" / "lib"
    roots = [next(folder.glob(name + ".*")) for name in ("libtorch_cpu", "libc10")]
    _, missing = dependencies(roots)
    for requirement in list(dict.fromkeys(suppliers(wheel, missing, downloads, arguments))) if missing else []:
        for part in download(requirement, downloads, arguments):
            unpack(part, destination)
    found, missing = dependencies(roots)
    if missing:
        return False
    kept = found | {os.path.realpath(root) for root in roots}
    for library in folder.iterdir():
        if os.path.realpath(library) not in kept:
            library.unlink()
    # Without the CUDA half, its headers would only seem useful.
    for library in destination.glob("nvidia/**/*.so*"):
        if os.path.realpath(library) not in kept:
            library.unlink()
    return True


def add_headers(destination, downloads, arguments):
    """Small packages with headers that CUDA's runtime headers include and torch's requirements omit."""
    for toolkit in downloads.glob("cuda_toolkit-*.whl"):
        for _, part in requirements(metadata(toolkit), ("cccl", "crt")):
            for wheel in download(f"{part.name}{part.specifier}", downloads, arguments):
                unpack(wheel, destination)


def main(version, with_cuda, downloads, destination, arguments):
    room = shutil.disk_usage(destination.parent).free
    # It includes what earlier runs fetched.
    have = sum(file.stat().st_size for file in downloads.glob("*.whl")) if downloads.exists() else 0
    if room + have < ROOM[with_cuda]:
        stop(
            f"There is too little room for libtorch: {(room + have) / 1e9:.1f} GB are free in"
            f" {destination.parent}, {ROOM[with_cuda] / 1e9:.1f} GB are needed.",
            "Free space, or use another libtorch: make LIBTORCH=DIR")
    print(f"Fetching libtorch {version}" + (" with CUDA (3 GB, once)" if with_cuda else " (once)"), flush=True)
    (wheel,) = download(f"torch=={version}", downloads, arguments)
    unpack(wheel, destination)
    is_cuda = (destination / "torch/lib/libtorch_cuda.so").exists()
    if with_cuda and not is_cuda:
        print("pip chose a build of torch without CUDA.", flush=True)
    if not is_cuda:
        return
    if not with_cuda:
        print("No NVIDIA driver: only what the CPU needs is fetched (CUDA=1 fetches all).", flush=True)
        if keep_cpu_half(destination, wheel, downloads, arguments):
            return
    for part in download(f"torch=={version}", downloads, arguments, dependencies=True):
        if part != wheel:
            unpack(part, destination)
    add_headers(destination, downloads, arguments)


main(sys.argv[1], sys.argv[2] == "1", pathlib.Path(sys.argv[3]), pathlib.Path(sys.argv[4]), sys.argv[5:])
