# What the scripts in this folder share. Sourced by each of them; the current folder becomes the
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

# The folder of libtorch's libraries, as the last set-up recorded it.
libtorch_libraries() { sed -n 's/^libdir=//p' "$LIBTORCH_PC"; }

# make_venv NAME ARGUMENT...: prints the Python of a venv in .build with PyTorch and what pip installs with
# these arguments; makes it where it is not there yet. PyTorch is of libtorch's version, so that a wheel that is
# at hand will do.
make_venv() {
  local venv=$ROOT/.build/$1
  shift
  if [ ! -e "$venv/ready" ]; then
    rm -rf "$venv"
    # shellcheck disable=SC2086
    { "$PYTHON" -m venv "$venv" && "$venv/bin/pip" install --quiet torch==2.13.0 ${TORCH_PIP_ARGS:-} &&
      "$venv/bin/pip" install --quiet "$@" && touch "$venv/ready"; } >&2 || return 1
  fi
  printf '%s\n' "$venv/bin/python"
}

# choose_python NAMED NAME ARGUMENT...: prints the Python that the caller named, or that of a venv; fails where
# none can be made.
choose_python() {
  local named=$1 python
  shift
  [ -n "$named" ] || { make_venv "$@"; return; }
  python=$(cd "$CALLER_FOLDER" && command -v "$named") || fail "There is no Python '$named'."
  case $python in /*) ;; *) python=$CALLER_FOLDER/$python ;; esac
  printf '%s\n' "$python"
}
