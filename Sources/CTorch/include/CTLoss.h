// Parts of losses that other operations cannot express.
#ifndef CT_LOSS_H
#define CT_LOSS_H

#include "CTTensor.h"

typedef struct CTLossFunctions {
  /// The mean of the `count` largest cross entropies of voxels: logits (b, k, spatial…), int64
  /// labels (b, spatial…).
  CTStatus (*_Nonnull largestCrossEntropies)(CTTensorRef logits, CTTensorRef labels, int64_t count,
                                             CTTensorOut out, CTMessage *_Nonnull message);
  /// The mean binary cross entropy of logits and targets of one shape.
  CTStatus (*_Nonnull binaryCrossEntropy)(CTTensorRef logits, CTTensorRef targets, CTTensorOut out,
                                          CTMessage *_Nonnull message);
} CTLossFunctions;

#endif
