// The layers of a U-Net. Inputs are (batch, channel, y, x) or (batch, channel, z, y, x).
#ifndef CT_NETWORK_H
#define CT_NETWORK_H

#include "CTTensor.h"

typedef struct CTNetworkFunctions {
  /// Convolution, or transposed convolution; `bias` may be null.
  CTStatus (*_Nonnull convolution)(CTTensorRef input, CTTensorRef weight, CTTensor *_Nullable bias,
                                   CTInts stride, CTInts padding, bool transposed, CTTensorOut out,
                                   CTMessage *_Nonnull message);
  /// Normalizes each channel of each sample over space, then scales and shifts.
  CTStatus (*_Nonnull instanceNorm)(CTTensorRef input, CTTensorRef weight, CTTensorRef bias,
                                    double epsilon, CTTensorOut out, CTMessage *_Nonnull message);
  CTStatus (*_Nonnull groupNorm)(CTTensorRef input, int64_t groups, CTTensorRef weight,
                                 CTTensorRef bias, double epsilon, CTTensorOut out,
                                 CTMessage *_Nonnull message);
  /// Instance normalization and leaky ReLU in one pass, if there is code for that.
  CTStatus (*_Nonnull instanceNormLeakyReLU)(CTTensorRef input, CTTensorRef weight,
                                             CTTensorRef bias, double epsilon, double slope,
                                             CTTensorOut out, CTMessage *_Nonnull message);
  /// Uses and updates the statistics of the batch while gradients are recorded, otherwise uses the
  /// running averages.
  CTStatus (*_Nonnull batchNorm)(CTTensorRef input, CTTensorRef weight, CTTensorRef bias,
                                 CTTensorRef mean, CTTensorRef variance, CTTensorRef steps,
                                 double momentum, double epsilon, CTTensorOut out,
                                 CTMessage *_Nonnull message);
  CTStatus (*_Nonnull gelu)(CTTensorRef input, CTTensorOut out, CTMessage *_Nonnull message);
  CTStatus (*_Nonnull mish)(CTTensorRef input, CTTensorOut out, CTMessage *_Nonnull message);
  CTStatus (*_Nonnull averagePool)(CTTensorRef input, CTInts stride, CTTensorOut out,
                                   CTMessage *_Nonnull message);
  CTStatus (*_Nonnull leakyReLU)(CTTensorRef input, double slope, CTTensorOut out,
                                 CTMessage *_Nonnull message);
  /// Overwrites its input, which must not be needed by anything else.
  CTStatus (*_Nonnull leakyReLUInPlace)(CTTensorRef input, double slope,
                                        CTMessage *_Nonnull message);
  CTStatus (*_Nonnull softmax)(CTTensorRef input, int64_t axis, CTTensorOut out,
                               CTMessage *_Nonnull message);
  /// Mean cross entropy between logits (b, k, spatial…) and int64 labels (b, spatial…).
  CTStatus (*_Nonnull crossEntropy)(CTTensorRef logits, CTTensorRef labels, CTTensorOut out,
                                    CTMessage *_Nonnull message);
  /// Pads the last axes with a constant; `amounts` lists (before, after) from the last axis on.
  CTStatus (*_Nonnull pad)(CTTensorRef input, CTInts amounts, double value, CTTensorOut out,
                           CTMessage *_Nonnull message);
} CTNetworkFunctions;

#endif
