// Processes that train one network together: a store of small values, sums over all of them, and
// gradients that are averaged while the backward pass still runs. The work is done by c10d.
#ifndef CT_COLLECTIVE_H
#define CT_COLLECTIVE_H

#include "CTTensor.h"

#include <stddef.h>

/// Small values under names that all processes see.
typedef struct CTStore CTStore;
/// The processes, as seen by one of them.
typedef struct CTGroup CTGroup;
/// Averages the gradients of a network's parameters over a group.
typedef struct CTReducer CTReducer;

typedef struct CTStoreOptions {
  /// The host that serves the store; a name or an address.
  const char *_Nonnull address;
  uint16_t port;
  /// Whether this process serves the others.
  bool serves;
  /// The timeout in seconds for connecting and for each request.
  double timeout;
} CTStoreOptions;

typedef struct CTGroupOptions {
  int32_t rank;
  int32_t count;
  /// Where the tensors are: NCCL connects NVIDIA's GPUs if this build has it, Gloo everything else.
  CTDevice device;
  /// The timeout in seconds for a sum or a broadcast.
  double timeout;
} CTGroupOptions;

/// Takes the bytes of a value, which are valid only during the call.
typedef void (*CTReceive)(void *_Nullable context, const void *_Nullable bytes, int64_t count);

typedef struct CTCollectiveFunctions {
  CTStatus (*_Nonnull openStore)(CTStoreOptions options, CTStore *_Nullable *_Nonnull out,
                                 CTMessage *_Nonnull message);
  void (*_Nonnull closeStore)(CTStore *_Nonnull store);
  CTStatus (*_Nonnull set)(CTStore *_Nonnull store, const char *_Nonnull name,
                           const void *_Nullable bytes, int64_t count, CTMessage *_Nonnull message);
  /// Waits for a value until it exists.
  CTStatus (*_Nonnull get)(CTStore *_Nonnull store, const char *_Nonnull name,
                           CTReceive _Nonnull receive, void *_Nullable context,
                           CTMessage *_Nonnull message);
  CTStatus (*_Nonnull has)(CTStore *_Nonnull store, const char *_Nonnull name, bool *_Nonnull out,
                           CTMessage *_Nonnull message);
  /// Adds to a number, 0 at first, and gives the sum.
  CTStatus (*_Nonnull add)(CTStore *_Nonnull store, const char *_Nonnull name, int64_t amount,
                           int64_t *_Nonnull out, CTMessage *_Nonnull message);

  /// Waits for the others. The group keeps what it needs from the store.
  CTStatus (*_Nonnull join)(CTStore *_Nonnull store, CTGroupOptions options,
                            CTGroup *_Nullable *_Nonnull out, CTMessage *_Nonnull message);
  void (*_Nonnull leave)(CTGroup *_Nonnull group);
  /// What carries the group's tensors: "gloo" or "nccl".
  const char *_Nonnull (*_Nonnull backend)(CTGroup *_Nonnull group);
  /// Replaces a tensor with its sum over the group.
  CTStatus (*_Nonnull sum)(CTGroup *_Nonnull group, CTTensorRef tensor,
                           CTMessage *_Nonnull message);
  /// The sum over the group as a step of a computation whose result is the same in every process
  /// and whose gradients are averaged over the group afterwards.
  CTStatus (*_Nonnull differentiableSum)(CTGroup *_Nonnull group, CTTensorRef tensor,
                                         CTTensorOut out, CTMessage *_Nonnull message);
  /// Replaces a tensor with that of rank 0.
  CTStatus (*_Nonnull broadcast)(CTGroup *_Nonnull group, CTTensorRef tensor,
                                 CTMessage *_Nonnull message);

  /// Makes the object that averages gradients, in buckets of at most `bucketBytes`, in the order in
  /// which the backward pass of `loss` completes them. Parameters that `loss` does not depend on
  /// are skipped.
  CTStatus (*_Nonnull makeReducer)(CTGroup *_Nonnull group, CTTensorRef const *_Nonnull parameters,
                                   int32_t count, CTTensorRef loss, int64_t bucketBytes,
                                   CTReducer *_Nullable *_Nonnull out,
                                   CTMessage *_Nonnull message);
  void (*_Nonnull releaseReducer)(CTReducer *_Nonnull reducer);
  /// To be called before every backward pass, the first one included.
  CTStatus (*_Nonnull expectBackward)(CTReducer *_Nonnull reducer, CTMessage *_Nonnull message);
} CTCollectiveFunctions;

#endif
