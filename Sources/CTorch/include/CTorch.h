// The boundary between Swift and libtorch: plain C, opaque handles, a status from every call.
//
// The functions are in a separate library (Sources/TorchEngine, built by Tools/build-engine) that
// is loaded when tensors are first needed; it exports one symbol, ctorch_engine, which returns the
// table below. No exception crosses, no libtorch type appears, and every tensor that a function
// returns through an `out` parameter belongs to the caller, who frees it with `release`.
#ifndef CTORCH_H
#define CTORCH_H

#include "CTAutograd.h"
#include "CTCollective.h"
#include "CTDevice.h"
#include "CTLoss.h"
#include "CTMath.h"
#include "CTNetwork.h"
#include "CTOptimizer.h"
#include "CTScript.h"
#include "CTStatus.h"
#include "CTTensor.h"

/// Raised whenever a signature in the table changes; a library of another version is refused.
#define CT_ABI_VERSION 7

typedef struct CTEngine {
  uint32_t abiVersion;
  CTTensorFunctions tensor;
  CTMathFunctions math;
  CTNetworkFunctions network;
  CTAutogradFunctions autograd;
  CTOptimizerFunctions optimizer;
  CTDeviceFunctions device;
  CTLossFunctions loss;
  CTScriptFunctions script;
  CTCollectiveFunctions collective;
} CTEngine;

/// The name of the engine library's only export, of type CTEngineEntry.
#define CT_ENGINE_SYMBOL "ctorch_engine"
typedef const CTEngine *_Nonnull (*CTEngineEntry)(void);

/// The path of the executable or library that this function is linked into.
const char *_Nullable ctorch_image_path(void);

#endif
