// The table that the library exports.
#include "CUDALibrary.h"
#include "Engine.h"

namespace engine {
thread_local int64_t liveHandles = 0;
}

extern "C" __attribute__((visibility("default"))) const CTEngine *ctorch_engine(void) {
  static const CTEngine table = {
      .abiVersion = CT_ABI_VERSION,
      .tensor = engine::tensorFunctions,
      .math = engine::mathFunctions,
      .network = engine::networkFunctions,
      .autograd = engine::autogradFunctions,
      .optimizer = engine::optimizerFunctions,
      .device = engine::deviceFunctions,
      .loss = engine::lossFunctions,
      .script = engine::scriptFunctions,
      .collective = engine::collectiveFunctions,
  };
  engine::loadCUDA();
  return &table;
}
