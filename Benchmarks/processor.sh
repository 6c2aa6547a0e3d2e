# Sourced by the benchmarks: with NNUNET_CPU=avx2, the Python programs do not use AVX-512 either.
if [ "${NNUNET_CPU:-}" = avx2 ]; then
  export ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2
fi
