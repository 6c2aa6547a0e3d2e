#!/bin/sh
# Batches per second of one core: this project's augmentation and batchgenerators, one after the other.
#
# run.sh [default|insaneDA|DA5]
#
# PYTHON names an interpreter with nnunet 1.7.1; SECONDS_EACH sets how long each side runs.
set -eu
variant=${1:-default}
cd "$(dirname "$0")/../.."
: "${PYTHON:=python3}" "${SECONDS_EACH:=20}"
program="$(Tools/swift build --show-bin-path)/augmentation-benchmark"
[ -x "$program" ] || { echo "build first: Tools/swift build" >&2; exit 1; }
"$program" "$SECONDS_EACH" "$variant"
OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 "$PYTHON" Benchmarks/augmentation/rival.py "$SECONDS_EACH" "$variant" 2>/dev/null | grep "^batch"
"$program" "$SECONDS_EACH" "$variant"
