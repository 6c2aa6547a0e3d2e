#include "ConvolutionKernels.h"

#include <cstdlib>
#include <cstring>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>

namespace engine {

// Sixteen registers: twelve sums, two of the weights, one of a source.
namespace avx2 {
#define KERNEL __attribute__((target("avx2,fma")))
#define ALL_PASSES true
#define LANES 8
#define ROWS 6
#define LOAD _mm256_loadu_ps
#define STORE _mm256_storeu_ps
#define BROADCAST _mm256_broadcast_ss
#define MULTIPLY_ADD _mm256_fmadd_ps
#define ADD _mm256_add_ps
#define SUBTRACT _mm256_sub_ps
#define ZERO _mm256_setzero_ps
using Vector = __m256;
#include "ConvolutionKernelBodies.h"
#undef KERNEL
#undef ALL_PASSES
#undef LANES
#undef ROWS
#undef LOAD
#undef STORE
#undef BROADCAST
#undef MULTIPLY_ADD
#undef ADD
#undef SUBTRACT
#undef ZERO
}  // namespace avx2

// Thirty-two registers, of twice the width.
namespace avx512 {
#define KERNEL __attribute__((target("avx512f")))
#define ALL_PASSES false
#define LANES 16
#define ROWS 12
#define LOAD _mm512_loadu_ps
#define STORE _mm512_storeu_ps
#define BROADCAST(address) _mm512_set1_ps(*(address))
#define MULTIPLY_ADD _mm512_fmadd_ps
#define ADD _mm512_add_ps
#define SUBTRACT _mm512_sub_ps
#define ZERO _mm512_setzero_ps
using Vector = __m512;
#include "ConvolutionKernelBodies.h"
}  // namespace avx512

static const ConvolutionKernels *chooseKernels() {
  const char *wanted = std::getenv("NNUNET_CPU");
  const bool isNarrow = wanted && !std::strcmp(wanted, "avx2");
  if (!isNarrow && __builtin_cpu_supports("avx512f")) return &avx512::kernels;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2::kernels;
  return nullptr;
}

const ConvolutionKernels *convolutionKernels() {
  static const ConvolutionKernels *const kernels = chooseKernels();
  return kernels;
}

}  // namespace engine

#else

namespace engine {

const ConvolutionKernels *convolutionKernels() { return nullptr; }

}  // namespace engine

#endif
