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
