// Creating, inspecting and viewing tensors, and moving them between host and device.
#ifndef CT_TENSOR_H
#define CT_TENSOR_H

#include "CTStatus.h"

/// A tensor; it belongs to the code that received it through an `out` parameter.
typedef struct CTTensor CTTensor;
typedef CTTensor *_Nonnull CTTensorRef;
typedef CTTensor *_Nullable *_Nonnull CTTensorOut;

typedef enum CTScalarType {
  CT_UINT8 = 0,
  CT_INT32 = 1,
  CT_INT64 = 2,
  CT_FLOAT16 = 3,
  CT_BFLOAT16 = 4,
  CT_FLOAT32 = 5,
  CT_FLOAT64 = 6,
  CT_BOOL = 7,
  CT_INT16 = 8,
} CTScalarType;

typedef enum CTDeviceType {
  CT_CPU = 0,
  CT_CUDA = 1,
  CT_MPS = 2,
} CTDeviceType;

typedef struct CTDevice {
  CTDeviceType type;
  int32_t index;
} CTDevice;

typedef enum CTMemoryFormat {
  CT_CONTIGUOUS = 0,
  CT_CHANNELS_LAST = 1,
} CTMemoryFormat;

/// Extents or axes: `count` numbers at `values`.
typedef struct CTInts {
  const int64_t *_Nullable values;
  int32_t count;
} CTInts;

typedef struct CTTensorFunctions {
  void (*_Nonnull release)(CTTensor *_Nonnull tensor);
  /// Handles that this thread received minus those that it released: zero if nothing leaks.
  int64_t (*_Nonnull liveHandles)(void);

  // Makers.
  CTStatus (*_Nonnull fill)(CTInts shape, double value, CTScalarType type, CTDevice device,
                            CTTensorOut out, CTMessage *_Nonnull message);
  CTStatus (*_Nonnull normal)(CTInts shape, double mean, double deviation, uint64_t seed,
                              CTTensorOut out, CTMessage *_Nonnull message);
  /// Copies `shape` elements from the host.
  CTStatus (*_Nonnull copyFromHost)(const void *_Nullable data, CTInts shape, CTScalarType type,
                                    CTDevice device, CTTensorOut out, CTMessage *_Nonnull message);
  /// Uses host memory in place; `release(context)` is called when libtorch no longer uses it.
  CTStatus (*_Nonnull borrowHost)(void *_Nonnull data, CTInts shape, CTScalarType type,
                                  void (*_Nonnull release)(void *_Nullable),
                                  void *_Nullable context, CTTensorOut out,
                                  CTMessage *_Nonnull message);

  // Facts.
  int32_t (*_Nonnull rank)(CTTensorRef tensor);
  /// Writes `rank` extents.
  void (*_Nonnull shape)(CTTensorRef tensor, int64_t *_Nonnull extents);
  CTStatus (*_Nonnull scalarType)(CTTensorRef tensor, CTScalarType *_Nonnull type,
                                  CTMessage *_Nonnull message);
  CTDevice (*_Nonnull device)(CTTensorRef tensor);
  bool (*_Nonnull isSame)(CTTensorRef first, CTTensorRef second);

  // Out to the host.
  CTStatus (*_Nonnull item)(CTTensorRef tensor, double *_Nonnull value,
                            CTMessage *_Nonnull message);
  /// Copies all elements in C order, converted to `type`, into `bytes` bytes at `destination`.
  CTStatus (*_Nonnull copyToHost)(CTTensorRef tensor, CTScalarType type,
                                  void *_Nullable destination, int64_t bytes,
                                  CTMessage *_Nonnull message);
  /// The elements' address if they are in host memory in C order, otherwise null.
  const void *_Nullable (*_Nonnull hostAddress)(CTTensorRef tensor);

  // Conversion and copies.
  CTStatus (*_Nonnull convert)(CTTensorRef tensor, CTScalarType type, CTDevice device,
                               CTTensorOut out, CTMessage *_Nonnull message);
  CTStatus (*_Nonnull contiguous)(CTTensorRef tensor, CTMemoryFormat format, CTTensorOut out,
                                  CTMessage *_Nonnull message);
  CTStatus (*_Nonnull clone)(CTTensorRef tensor, CTTensorOut out, CTMessage *_Nonnull message);
  /// Writes `source` into `tensor`, in place, converting type and device.
  CTStatus (*_Nonnull assign)(CTTensorRef tensor, CTTensorRef source, CTMessage *_Nonnull message);

  // Views.
  CTStatus (*_Nonnull reshape)(CTTensorRef tensor, CTInts shape, CTTensorOut out,
                               CTMessage *_Nonnull message);
  CTStatus (*_Nonnull permute)(CTTensorRef tensor, CTInts axes, CTTensorOut out,
                               CTMessage *_Nonnull message);
  CTStatus (*_Nonnull narrow)(CTTensorRef tensor, int64_t axis, int64_t start, int64_t length,
                              CTTensorOut out, CTMessage *_Nonnull message);
  CTStatus (*_Nonnull flip)(CTTensorRef tensor, CTInts axes, CTTensorOut out,
                            CTMessage *_Nonnull message);
  CTStatus (*_Nonnull concatenate)(CTTensorRef const *_Nonnull tensors, int32_t count,
                                   int64_t axis, CTTensorOut out, CTMessage *_Nonnull message);
} CTTensorFunctions;

#endif
