// Working memory of the convolutions, and how they split their data.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace engine {

inline int64_t quotientUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// Calls `body(first, size)` for the parts of `count`: as few as possible of at most `most`, and of
/// nearly equal size.
template <class Body>
inline void forEachPart(int64_t count, int64_t most, Body &&body) {
  const int64_t parts = quotientUp(count, most);
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t first = part * count / parts;
    body(first, (part + 1) * count / parts - first);
  }
}

struct Freeing {
  void operator()(void *memory) const { std::free(memory); }
};
using Floats = std::unique_ptr<float[], Freeing>;

/// Floats that begin at a cache line; their values are undefined.
inline Floats alignedFloats(int64_t count) {
  const size_t bytes = (static_cast<size_t>(count) * sizeof(float) / 64 + 1) * 64;
  void *memory = std::aligned_alloc(64, bytes);
  if (!memory) throw std::bad_alloc();
  return Floats(static_cast<float *>(memory));
}

}  // namespace engine
