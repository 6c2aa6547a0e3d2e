#!/usr/bin/env bash
# What a package for every processor with AVX2 costs compared with a build for the machine itself: both in turn, five
# times each, and the medians. Preparing and augmenting are Swift compiled for a level, a training step is mostly
# libtorch, which chooses its kernels when it runs.
#   Benchmarks/levels/run.sh [LEVEL]     LEVEL: x86-64-v3 (default)
set -euo pipefail
cd "$(dirname "$0")/../.."
level=${1:-x86-64-v3}
products=(training-step-benchmark augmentation-benchmark nnunet)
for product in "${products[@]}"; do
  Tools/swift build --product "$product" >/dev/null
  MARCH=$level Tools/swift build --product "$product" --scratch-path "$PWD/.build-package" >/dev/null
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export nnUNet_raw_data_base=$work/raw nnUNet_preprocessed=$work/preprocessed RESULTS_FOLDER=$work/results
.build/release/nnunet make_phantoms -o "$work/data" -n 12 --size 96 112 104 --channels 2 >/dev/null
.build/release/nnunet convert_decathlon_task -i "$work/data"/Task* >/dev/null
task=$(basename "$work"/raw/nnUNet_raw_data/Task*)

# measure PROGRAMS WHAT: prints seconds, or seconds for a hundred batches.
measure() {
  case $2 in
    preparing)
      rm -rf "$work/preprocessed" "$work/raw/nnUNet_cropped_data"
      local start end
      start=$(date +%s.%N)
      "$1/nnunet" plan_and_preprocess -t "$task" >/dev/null 2>&1
      end=$(date +%s.%N)
      awk "BEGIN { print $end - $start }"
      ;;
    augmentation) "$1/augmentation-benchmark" 5 default | sed -n 's/.* \([0-9.]*\) batches\/s.*/\1/p' | awk '{ print 100 / $1 }' ;;
    *) "$1/training-step-benchmark" "${2##*-}" bfloat16 3 | sed -n 's/^step \([0-9.]*\) s/\1/p' ;;
  esac
}

median() { sort -g "$1" | sed -n 3p; }

printf '%-20s %10s %10s   %s\n' "seconds, median" machine "$level" ratio
for what in preparing augmentation training-step-2d training-step-3d; do
  for _ in 1 2 3 4 5; do
    measure .build/release "$what" >>"$work/$what.a"
    measure .build-package/release "$what" >>"$work/$what.b"
  done
  a=$(median "$work/$what.a") b=$(median "$work/$what.b")
  printf '%-20s %10.3f %10.3f   %.2f\n' "$what" "$a" "$b" "$(awk "BEGIN { print $b / $a }")"
done
