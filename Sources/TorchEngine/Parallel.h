// Loops over all threads of libtorch.
#pragma once

#include <cstdint>
#include <type_traits>

namespace engine {

/// Calls `body(context, index)` for all indices from zero, each once, on the threads that
/// libtorch's own operations use. Which thread takes which index is not determined.
///
/// at::parallel_for would run on one thread: its loop is compiled into the caller, which would have
/// to be compiled for the same OpenMP as libtorch. Rethrows one of the exceptions of the bodies.
void runInParallel(int64_t count, void (*body)(void *context, int64_t index), void *context);

/// Calls `body(index)` for all indices from zero.
template <class Body>
void parallelFor(int64_t count, Body &&body) {
  runInParallel(
      count, [](void *context, int64_t index) { (*static_cast<std::remove_reference_t<Body> *>(context))(index); },
      &body);
}

/// Calls `body(begin, end)` for ranges of at most `grain` indices.
template <class Body>
void parallelFor(int64_t count, int64_t grain, Body &&body) {
  parallelFor((count + grain - 1) / grain, [&](int64_t range) {
    body(range * grain, (range + 1) * grain < count ? (range + 1) * grain : count);
  });
}

}  // namespace engine
