// Networks in a form that PyTorch runs without this program.
#ifndef CT_SCRIPT_H
#define CT_SCRIPT_H

#include "CTTensor.h"

/// Computes a network's output. The called function owns the input; it also keeps ownership of the
/// output, which lives as long as `context`.
typedef CTStatus (*CTForward)(void *_Nullable context, CTTensorRef input, CTTensorOut out);

typedef struct CTScriptFunctions {
  /// Records what `forward` does with `example` and writes it as TorchScript; `tensors` are stored
  /// under their names, and the spatial extents of other inputs may differ.
  CTStatus (*_Nonnull save)(const char *_Nonnull path, CTTensorRef example,
                            const char *_Nonnull const *_Nonnull names,
                            CTTensor *_Nonnull const *_Nonnull tensors, int64_t count,
                            CTForward _Nonnull forward, void *_Nullable context,
                            CTMessage *_Nonnull message);
} CTScriptFunctions;

#endif
