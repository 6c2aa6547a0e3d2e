#!/bin/sh
# Resampling of a 512×512×200 CT to 1.5 mm: this project, nnU-Net v1, and how fast memory is copied.
#
# PYTHON names an interpreter with nnunet 1.7.1.
set -eu
cd "$(dirname "$0")/../.."
: "${PYTHON:=python3}"
program="$(Tools/swift build --show-bin-path)/resampling-benchmark"
[ -x "$program" ] || { echo "build first: Tools/swift build" >&2; exit 1; }
"$program" bandwidth
for what in data-separate data-3d labels-separate labels-3d; do
  echo "this program, $("$program" "$what")"
  echo "nnU-Net v1,   $("$PYTHON" Benchmarks/resampling/rival.py "$what" 2>/dev/null | tail -n 1)"
done
