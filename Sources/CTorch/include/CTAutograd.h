// Gradients and automatic mixed precision. The modes are properties of the calling thread.
#ifndef CT_AUTOGRAD_H
#define CT_AUTOGRAD_H

#include "CTTensor.h"

typedef struct CTAutogradFunctions {
  CTStatus (*_Nonnull setRequiresGradient)(CTTensorRef tensor, bool required,
                                           CTMessage *_Nonnull message);
  bool (*_Nonnull requiresGradient)(CTTensorRef tensor);
  /// The tensor without its history; shares memory.
  CTStatus (*_Nonnull detach)(CTTensorRef tensor, CTTensorOut out, CTMessage *_Nonnull message);
  /// Accumulates the gradients of a scalar in the leaves that it was computed from.
  CTStatus (*_Nonnull backward)(CTTensorRef tensor, CTMessage *_Nonnull message);
  /// The same for a tensor of any shape, given the gradients of its elements.
  CTStatus (*_Nonnull backwardFrom)(CTTensorRef tensor, CTTensorRef gradient,
                                    CTMessage *_Nonnull message);
  /// The accumulated gradient; sets `out` to null if there is none.
  CTStatus (*_Nonnull gradient)(CTTensorRef tensor, CTTensorOut out, CTMessage *_Nonnull message);
  CTStatus (*_Nonnull clearGradient)(CTTensorRef tensor, CTMessage *_Nonnull message);
  /// Switches recording on or off and returns the previous setting.
  bool (*_Nonnull setRecording)(bool enabled);
  /// Switches autocast for a device on or off and returns the previous setting; switching off
  /// clears the cache of converted weights. CT_FLOAT32 means a pause or its end: the type and the
  /// cache are kept.
  bool (*_Nonnull setAutocast)(CTDeviceType device, bool enabled, CTScalarType type);
} CTAutogradFunctions;

#endif
