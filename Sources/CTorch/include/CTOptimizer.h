// In-place updates over many tensors at once. None of them records gradients.
#ifndef CT_OPTIMIZER_H
#define CT_OPTIMIZER_H

#include "CTTensor.h"

typedef struct CTSGDOptions {
  double learningRate;
  double momentum;
  double weightDecay;
  bool nesterov;
} CTSGDOptions;

typedef struct CTAdamOptions {
  double learningRate;
  double firstDecay;
  double secondDecay;
  double epsilon;
  double weightDecay;
  /// Whether the largest second moment so far is used (AMSGrad).
  bool keepsLargest;
  /// The number of steps so far, including this one.
  int64_t step;
} CTAdamOptions;

typedef struct CTRangerOptions {
  double learningRate;
  double firstDecay;
  double secondDecay;
  double epsilon;
  double weightDecay;
  /// The length of the averages' memory above which the second moment is used.
  double threshold;
  /// The number of steps between updates of the slow weights.
  int64_t slowInterval;
  /// How far the slow weights move towards the fast ones.
  double slowShare;
  /// The number of steps so far, including this one.
  int64_t step;
} CTRangerOptions;

typedef struct CTOptimizerFunctions {
  /// One step of stochastic gradient descent on the parameters that have a gradient.
  ///
  /// `buffers[i]` is the momentum of `parameters[i]`, or null before its first step: then it is
  /// created and belongs to the caller.
  CTStatus (*_Nonnull sgdStep)(CTTensorRef const *_Nonnull parameters,
                               CTTensor *_Nullable *_Nonnull buffers, int32_t count,
                               CTSGDOptions options, CTMessage *_Nonnull message);
  /// One step of Adam on the parameters that have a gradient.
  ///
  /// `moments` contains three entries per parameter (first, second, largest second moment); null
  /// entries are created as in `sgdStep`.
  CTStatus (*_Nonnull adamStep)(CTTensorRef const *_Nonnull parameters,
                                CTTensor *_Nullable *_Nonnull moments, int32_t count,
                                CTAdamOptions options, CTMessage *_Nonnull message);
  /// One step of Ranger on the parameters that have a gradient.
  ///
  /// `moments` contains three entries per parameter (first moment, second moment, slow weights);
  /// null entries are created as in `sgdStep`.
  CTStatus (*_Nonnull rangerStep)(CTTensorRef const *_Nonnull parameters,
                                  CTTensor *_Nullable *_Nonnull moments, int32_t count,
                                  CTRangerOptions options, CTMessage *_Nonnull message);
  /// Scales all gradients so that their joint norm is at most `limit`; returns the previous norm.
  CTStatus (*_Nonnull clipGradients)(CTTensorRef const *_Nonnull parameters, int32_t count,
                                     double limit, double *_Nonnull norm,
                                     CTMessage *_Nonnull message);
  /// Multiplies all gradients by `factor` and returns whether they are all finite.
  CTStatus (*_Nonnull scaleGradients)(CTTensorRef const *_Nonnull parameters, int32_t count,
                                      double factor, bool *_Nonnull allFinite,
                                      CTMessage *_Nonnull message);
} CTOptimizerFunctions;

#endif
