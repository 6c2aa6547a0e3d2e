// Refuses to run on a processor that lacks the instructions that the program was compiled for.
//
// The compiler may use those instructions anywhere, so the check runs as a constructor, before any
// other code of the program, and is itself compiled for every 64-bit x86. Without it, the user
// would see only "Illegal instruction".
#include "CProcessorCheck.h"

#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#define FOR_EVERY_PROCESSOR __attribute__((target("arch=x86-64")))
#define RETURN_IF_MISSING(feature) \
  if (!__builtin_cpu_supports(feature)) return feature
#else
#define FOR_EVERY_PROCESSOR
#endif

FOR_EVERY_PROCESSOR
const char *processor_check_instruction_set(void) {
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__)
  return "x86-64-v4";
#elif defined(__AVX2__) && defined(__FMA__) && defined(__BMI2__)
  return "x86-64-v3";
#else
  return "baseline";
#endif
}

FOR_EVERY_PROCESSOR
const char *processor_check_missing_feature(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
#if defined(__AVX2__)
  RETURN_IF_MISSING("avx2");
#endif
#if defined(__FMA__)
  RETURN_IF_MISSING("fma");
#endif
#if defined(__BMI__)
  RETURN_IF_MISSING("bmi");
#endif
#if defined(__BMI2__)
  RETURN_IF_MISSING("bmi2");
#endif
#if defined(__AVX512F__)
  RETURN_IF_MISSING("avx512f");
#endif
#if defined(__AVX512BW__)
  RETURN_IF_MISSING("avx512bw");
#endif
#if defined(__AVX512CD__)
  RETURN_IF_MISSING("avx512cd");
#endif
#if defined(__AVX512DQ__)
  RETURN_IF_MISSING("avx512dq");
#endif
#if defined(__AVX512VL__)
  RETURN_IF_MISSING("avx512vl");
#endif
  return 0;
}

FOR_EVERY_PROCESSOR
static void print(const char *text) {
  if (write(STDERR_FILENO, text, strlen(text)) < 0) return;
}

__attribute__((constructor)) FOR_EVERY_PROCESSOR
static void refuse_unknown_processor(void) {
  const char *feature = processor_check_missing_feature();
  if (!feature) return;
  print("error: This program was built for processors with the instructions '");
  print(feature);
  print("', which this processor does not have.\nBuild it from source on this machine: make (a package cannot run here)\n");
  _exit(1);
}
