#!/usr/bin/env bash
# run.sh [V1_VENV]: from probabilities at 1.5 mm to the labels of a CT of 512×512×200 voxels, with 4 and
# 60 labels, with and without thick slices; nnU-Net v1 does the same with 4 labels on the same data if
# its virtual environment is given (see v1-venv), and its labels are compared.
. "$(dirname "$0")/../../Tools/common.sh"

program=$ROOT/.build/release/export-benchmark
[ -x "$program" ] || fail "The benchmarks are not built." "Run: make"
venv=${1:+$(absolute "$1")}
labels=$(mktemp --suffix .npy)
trap 'rm -f "$labels"' EXIT
for spacing in 2.5 5; do
  say "" "slices of $spacing mm"
  "$program" 4 $spacing "$labels"
  [ -z "$venv" ] || "$venv/bin/python" Benchmarks/export/rival.py 4 $spacing "$labels"
  "$program" 60 $spacing
done
