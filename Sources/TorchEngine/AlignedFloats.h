// Working memory of the convolutions.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace engine {

inline int64_t quotientUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

struct Freeing {
  void operator()(void *memory) const { std::free(memory); }
};
using Floats = std::unique_ptr<float[], Freeing>;

/// Floats that begin at a line of the cache; their values are undefined.
inline Floats alignedFloats(int64_t count) {
  const size_t bytes = (static_cast<size_t>(count) * sizeof(float) / 64 + 1) * 64;
  void *memory = std::aligned_alloc(64, bytes);
  if (!memory) throw std::bad_alloc();
  return Floats(static_cast<float *>(memory));
}

}  // namespace engine
