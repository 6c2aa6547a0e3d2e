// Devices, threads, random numbers and versions.
#ifndef CT_DEVICE_H
#define CT_DEVICE_H

#include "CTTensor.h"

typedef struct CTDeviceFunctions {
  /// The version of the libtorch that is loaded, e.g. "2.13.0".
  const char *_Nonnull (*_Nonnull libraryVersion)(void);
  /// The path that libtorch_cpu was loaded from; null if the system does not say.
  const char *_Nullable (*_Nonnull libraryPath)(void);
  /// The number of usable devices of a type; 1 for the CPU.
  int32_t (*_Nonnull count)(CTDeviceType type);
  /// Why CUDA cannot be used, e.g. "this libtorch has no CUDA"; null if libtorch's CUDA half is loaded.
  const char *_Nullable (*_Nonnull cudaProblem)(void);
  /// Waits until all queued work on the device is done.
  CTStatus (*_Nonnull synchronize)(CTDevice device, CTMessage *_Nonnull message);
  void (*_Nonnull setThreads)(int32_t threads);
  int32_t (*_Nonnull threads)(void);
  /// Keeps freed memory for reuse instead of returning it to the system (glibc).
  void (*_Nonnull keepFreedMemory)(void);
  /// Seeds the generators of all devices.
  CTStatus (*_Nonnull seed)(uint64_t seed, CTMessage *_Nonnull message);
  /// Refuses (true) or allows algorithms whose results differ between runs.
  CTStatus (*_Nonnull setDeterministic)(bool enabled, CTMessage *_Nonnull message);
} CTDeviceFunctions;

#endif
