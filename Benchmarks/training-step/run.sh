#!/usr/bin/env bash
# Training steps of the Hippocampus network, ours and the Python nnU-Net's, one after the other.
#   Benchmarks/training-step/run.sh 3d|2d
# RIVAL_V1 and RIVAL_V2 name Python interpreters that have nnunet and nnunetv2; one that is not set is
# skipped. NNUNET_CPU=avx2 measures all of them as on a processor without AVX-512.
set -euo pipefail
cd "$(dirname "$0")/../.."
. Benchmarks/processor.sh
kind=${1:-3d}
program=.build/release/training-step-benchmark
[ -x "$program" ] || { echo "Run make first." >&2; exit 1; }
"$program" "$kind"
[ -z "${RIVAL_V1:-}" ] || "$RIVAL_V1" Benchmarks/training-step/rival.py v1 "$kind" 3
[ -z "${RIVAL_V2:-}" ] || "$RIVAL_V2" Benchmarks/training-step/rival.py v2 "$kind" 3
