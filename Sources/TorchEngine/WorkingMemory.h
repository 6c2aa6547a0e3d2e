// Working memory of the convolutions, and how they cut what they go through.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace engine {

inline int64_t quotientUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// Calls `body(first, size)` for the parts of `count`: as few as there can be of at most `most`, and of nearly one size.
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

/// Floats that begin at a line of the cache; their values are undefined.
inline Floats alignedFloats(int64_t count) {
  const size_t bytes = (static_cast<size_t>(count) * sizeof(float) / 64 + 1) * 64;
  void *memory = std::aligned_alloc(64, bytes);
  if (!memory) throw std::bad_alloc();
  return Floats(static_cast<float *>(memory));
}

}  // namespace engine
