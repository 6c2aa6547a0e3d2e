# What the scripts in this folder share. Each of them sources it; the current folder becomes the
# root of the checkout.

set -euo pipefail

# The caller's folder, for paths in arguments.
readonly CALLER_FOLDER=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly ROOT=$PWD

SWIFT=${SWIFT:-swift}
PYTHON=${PYTHON:-python3}
readonly LIBTORCH_FOLDER=$ROOT/.libtorch
readonly LIBTORCH_PC=$LIBTORCH_FOLDER/pkgconfig/libtorch.pc

# say LINE...
say() { printf '%s\n' "$@"; }

# fail MESSAGE [HINT...]: one clear error, then the end.
fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  for hint in "$@"; do printf '%s\n' "$hint" >&2; done
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# absolute PATH: the path seen from the caller's folder.
absolute() {
  case $1 in
    /*) printf '%s\n' "$1" ;;
    *) printf '%s\n' "$CALLER_FOLDER/$1" ;;
  esac
}

. Tools/versions.sh

# What the last setup recorded: the folder with include/ and lib/, the folder of the libraries, the version.
recorded_libtorch() { sed -n 's/^prefix=//p' "$LIBTORCH_PC" 2>/dev/null; }
libtorch_libraries() { sed -n 's/^libdir=//p' "$LIBTORCH_PC"; }

# libtorch_version PREFIX: what its headers say, such as 2.13.0; nothing if there are none.
libtorch_version() {
  local header
  for header in include/torch/headeronly/version.h include/torch/csrc/api/include/torch/version.h; do
    [ -e "$1/$header" ] || continue
    sed -n 's/^#define TORCH_VERSION_\(MAJOR\|MINOR\|PATCH\) *\([0-9]*\).*/\2/p' "$1/$header" | paste -sd. -
    return
  done
}

# fetched_libtorch VERSION: the folder of a libtorch for this tree's own use: the one that the setup fetched, if it is
# the same, or else one next to it, which is fetched if it is missing. With CUDA=1, its CUDA half, too.
fetched_libtorch() {
  local folder=$ROOT/.build/libtorch/$1 has_cuda=0
  [ ! -e "$LIBTORCH_FOLDER/torch/lib/libtorch_cuda.so" ] || has_cuda=1
  if [ "$(libtorch_version "$LIBTORCH_FOLDER/torch")" = "$1" ] && [ "$has_cuda" = "${CUDA:-0}" ]; then
    say "$LIBTORCH_FOLDER/torch"
    return
  fi
  [ "${CUDA:-0}" != 1 ] || folder=$folder-cuda
  if [ ! -e "$folder/torch" ]; then
    rm -rf "$folder.partial"
    mkdir -p "$folder.partial"
    # shellcheck disable=SC2086
    "$PYTHON" Tools/torch_wheels.py "$1" "${CUDA:-0}" "$folder.downloads" "$folder.partial" ${TORCH_PIP_ARGS:-} >&2
    mv "$folder.partial" "$folder"
    rm -rf "$folder.downloads"
  fi
  say "$folder/torch"
}

# at_least VERSION MINIMUM
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# check_libtorch PREFIX NAME: fails unless PREFIX contains a libtorch that the engine can be built with.
check_libtorch() {
  local needed version
  for needed in include/ATen/ATen.h include/torch/csrc/api/include/torch/torch.h; do
    [ -e "$1/$needed" ] || fail "$2 is not a libtorch: $needed is missing." \
      "Give the folder that contains include/ and lib/."
  done
  ls "$1"/lib/libtorch_cpu.* >/dev/null 2>&1 || fail "$2 is not a libtorch: lib/libtorch_cpu is missing." \
    "Give the folder that contains include/ and lib/."
  version=$(libtorch_version "$1")
  [ -n "$version" ] || fail "The headers of the libtorch in $2 do not state its version."
  at_least "$version" "$LIBTORCH_OLDEST" || fail "$2 contains libtorch $version, which is too old." \
    "Versions $LIBTORCH_OLDEST to $LIBTORCH_NEWEST are supported."
}

# prove_loads LIBRARY...: loads each with all its dependencies and symbols, or says what is missing.
prove_loads() {
  local work status=0
  work=$(mktemp -d)
  cat >"$work/load.c" <<'C'
#include <dlfcn.h>
#include <stdio.h>
int main(int count, char **names) {
  for (int i = 1; i < count; ++i) {
    if (dlopen(names[i], RTLD_NOW | RTLD_LOCAL)) continue;
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  return 0;
}
C
  "${CC:-cc}" "$work/load.c" -o "$work/load" -ldl || fail "There is no C compiler." "Install one: apt-get install g++"
  if ! "$work/load" "$@"; then
    status=1
    have ldd && ldd "$@" | grep 'not found' | sed 's/^[[:space:]]*/missing: /; s/ =>.*//' | sort -u >&2
  fi
  rm -rf "$work"
  return "$status"
}

# The level of the x86-64 instruction set that this processor has, as -march takes it.
native_level() {
  [ "$(uname -m)" = x86_64 ] || return 0
  local flags=" avx2 fma bmi1 bmi2 f16c abm movbe "
  [ ! -r /proc/cpuinfo ] || flags=$(sed -n '/^flags/{s/.*://p;q}' /proc/cpuinfo)
  has_all "$flags" avx2 fma bmi1 bmi2 f16c abm movbe || return 0
  if has_all "$flags" avx512f avx512bw avx512cd avx512dq avx512vl; then
    say x86-64-v4
  else
    say x86-64-v3
  fi
}

has_all() {
  local flags=" $1 " flag
  shift
  for flag in "$@"; do [[ $flags == *" $flag "* ]] || return 1; done
}

# make_venv NAME ARGUMENT...: prints the Python of a venv in .build with PyTorch and what pip installs with
# these arguments; creates it if it is missing. PyTorch has libtorch's version, so that an existing wheel
# can be used.
make_venv() { ready_venv "$1" install_beside_torch "${@:2}"; }

# make_tool_venv NAME REQUIREMENT...: the same without PyTorch.
make_tool_venv() { ready_venv "$1" install_quietly "${@:2}"; }

install_quietly() { "$1" -m pip install --quiet "${@:2}"; }

install_beside_torch() {
  # shellcheck disable=SC2086  # TORCH_PIP_ARGS is a list of words
  install_quietly "$1" "torch==$LIBTORCH_DEFAULT" ${TORCH_PIP_ARGS:-} && install_quietly "$@"
}

# ready_venv NAME INSTALL ARGUMENT...: prints the Python of a venv in .build that INSTALL filled, called with that
# Python and the arguments. An incomplete one is created again.
ready_venv() {
  local venv=$ROOT/.build/$1
  if [ ! -e "$venv/ready" ]; then
    rm -rf "$venv"
    { "$PYTHON" -m venv "$venv" && "$2" "$venv/bin/python" "${@:3}" && touch "$venv/ready"; } >&2 || return 1
  fi
  say "$venv/bin/python"
}

# choose_python NAMED NAME ARGUMENT...: prints the Python that the caller named, or that of a venv; fails if it
# cannot be created.
choose_python() {
  local named=$1 python
  shift
  [ -n "$named" ] || { make_venv "$@"; return; }
  python=$(cd "$CALLER_FOLDER" && command -v "$named") || fail "There is no Python '$named'."
  case $python in /*) ;; *) python=$CALLER_FOLDER/$python ;; esac
  printf '%s\n' "$python"
}

# bare_root SUITE: prints the folder of a minimal Debian, kept in .build; creates it if it is missing.
bare_root() {
  local root=$ROOT/.build/roots/$1
  if [ ! -e "$root" ]; then
    have debootstrap || fail "debootstrap is missing." "Install it: apt-get install debootstrap"
    rm -rf "$root.partial"
    mkdir -p "$root.partial"
    debootstrap --variant=minbase "$1" "$root.partial" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$root.log" 2>&1 ||
      fail "debootstrap could not create a bare Debian $1: see $root.log." "Check the network, or set DEBIAN_MIRROR."
    mv "$root.partial" "$root"
  fi
  say "$root"
}
