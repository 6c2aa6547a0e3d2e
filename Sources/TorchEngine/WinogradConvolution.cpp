// Winograd's F(2x2, 3x3) along the last two axes (Lavin and Gray, Fast Algorithms for Convolutional
// Neural Networks, 2016): 16 products for 2 x 2 outputs instead of 36. The taps of the first axis
// are summed among the products, so that 2D and 3D are alike. Three axes at once would save more
// multiplications, but no time for 32 channels: twice as many points pass through the caches.
//
// A tile is 2 x 2 outputs; a group of tiles moves through the image along the first axis and keeps
// the points of as many planes as there are taps.
//
// Every sum has a fixed order, whatever the number of threads and the width of the registers.
#include "WinogradConvolution.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "WorkingMemory.h"
#include "Parallel.h"

namespace engine {
namespace {

constexpr int64_t mostRows = ConvolutionKernels::mostRows, mostChannels = ConvolutionKernels::mostChannels;
/// The transformations process whole registers of these.
constexpr int64_t channelUnit = 16;
constexpr int64_t points = 16;
/// The number of floats between two points, beyond what a point needs: sixteen streams at a power
/// of two would share a few lines of the first-level cache.
constexpr int64_t gap = 16;

/// The computation of both directions: target[o] = sum over k of source[o - padding + k] *
/// weight[k].
struct Work {
  Image source, target;
  Axes padding;
  /// Taps of the first axis.
  int64_t taps;

  int64_t tilesAlong(int axis) const { return quotientUp(target.size[axis], 2); }
  int64_t tiles() const { return target.samples * tilesAlong(1) * tilesAlong(2); }
};

Work forwardWork(const ConvolutionGeometry &g) { return {g.input, g.output, g.padding, g.kernel[0]}; }

Work adjointWork(const ConvolutionGeometry &g) {
  Axes padding;
  for (int axis = 0; axis < 3; ++axis) padding[axis] = g.kernel[axis] - 1 - g.padding[axis];
  return {g.output, g.input, padding, g.kernel[0]};
}

/// Some tiles, one after the other in the order of samples and lines, and the positions of their
/// voxels.
template <class Value>
class TileGroup {
 public:
  const int64_t count;

  /// - isSource: the 4 x 4 voxels of the source that a tile sees, instead of its 2 x 2 of the target.
  /// - outside: stands for voxels outside the image.
  TileGroup(const Work &work, int64_t first, int64_t count, bool isSource, Value *outside)
      : count(count), image(isSource ? work.source : work.target), outside(outside) {
    const int64_t side = isSource ? 4 : 2;
    const int64_t rows = work.tilesAlong(1), columns = work.tilesAlong(2);
    for (int64_t tile = first; tile < first + count; ++tile) {
      const int64_t sample = tile / (rows * columns);
      const int64_t top = 2 * (tile / columns % rows) - (isSource ? work.padding[1] : 0);
      const int64_t left = 2 * (tile % columns) - (isSource ? work.padding[2] : 0);
      for (int64_t y = top; y < top + side; ++y) {
        for (int64_t x = left; x < left + side; ++x) {
          const bool isInside = y >= 0 && y < image.size[1] && x >= 0 && x < image.size[2];
          const int64_t row = sample * image.size[0] * image.size[1] + y;
          offsets.push_back(isInside ? (row * image.size[2] + x) * image.channels : -1);
        }
      }
    }
    pointers.resize(offsets.size());
  }

  /// The voxels of all tiles in a plane.
  Value *const *voxels(Value *values, int64_t plane) {
    const int64_t start = plane * image.size[1] * image.size[2] * image.channels;
    for (size_t i = 0; i < offsets.size(); ++i) {
      pointers[i] = offsets[i] < 0 ? outside : values + start + offsets[i];
    }
    return pointers.data();
  }

 private:
  const Image image;
  Value *const outside;
  std::vector<int64_t> offsets;
  std::vector<Value *> pointers;
};

/// The points of a group of tiles, for the planes that the taps of one target plane read: (slot, point, tile, channels).
struct PlaneRing {
  const int64_t slots, tiles, channels;
  Floats values;
  std::vector<int64_t> planes;

  PlaneRing(int64_t slots, int64_t tiles, int64_t channels)
      : slots(slots), tiles(tiles), channels(channels), values(alignedFloats(slots * points * pointStride())),
        planes(slots, -1) {}

  int64_t pointStride() const { return tiles * channels + gap; }
  float *at(int64_t plane, int64_t point) const {
    return values.get() + (plane % slots * points + point) * pointStride();
  }
  void forget() { std::fill(planes.begin(), planes.end(), -1); }
};

/// Ensures that a ring contains the points of a plane.
void spread(const ConvolutionKernels &kernels, PlaneRing &ring, TileGroup<const float> &group, const float *source,
            int64_t plane) {
  if (ring.planes[plane % ring.slots] == plane) return;
  ring.planes[plane % ring.slots] = plane;
  const float *const *voxels = group.voxels(source, plane);
  for (int64_t tile = 0; tile < group.count; ++tile) {
    kernels.spread(voxels + tile * points, ring.channels, ring.at(plane, 0) + tile * ring.channels,
                   ring.pointStride());
  }
}

/// The taps of the first axis that reach a plane of the source.
std::pair<int64_t, int64_t> tapsInside(const Work &work, int64_t plane) {
  const int64_t first = plane - work.padding[0];
  return {std::max<int64_t>(0, -first), std::min(work.taps, work.source.size[0] - first)};
}

/// Weights at the points: (point, block, taps, source channels, channels of a block).
struct PointWeights {
  int64_t blocks, taps, channels, width;
  Floats values;

  float *at(int64_t point, int64_t block, int64_t tap, int64_t channel) const {
    return values.get() + (((point * blocks + block) * taps + tap) * channels + channel) * width;
  }
};

/// One axis of the transformation from taps to points.
void spreadTaps(float left, float middle, float right, float &first, float &second, float &third, float &fourth) {
  first = left;
  second = 0.5f * (left + middle + right);
  third = 0.5f * (left - middle + right);
  fourth = right;
}

/// - targetStride, sourceStride: between the weights of neighbouring channels.
/// - isTurned: the taps are those of the adjoint, the last one first.
PointWeights pointWeights(const Work &work, const float *weight, int64_t targetStride, int64_t sourceStride,
                          bool isTurned, int64_t width) {
  const int64_t channels = work.source.channels, taps = work.taps;
  PointWeights result{quotientUp(work.target.channels, width), taps, channels, width, nullptr};
  result.values = alignedFloats(points * result.blocks * taps * channels * width);
  parallelFor(result.blocks * channels, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t block = i / channels, channel = i % channels;
      const int64_t count = std::min(width, work.target.channels - block * width);
      for (int64_t tap = 0; tap < taps; ++tap) {
        const int64_t sourceTap = isTurned ? taps - 1 - tap : tap;
        const float *from = weight + block * width * targetStride + channel * sourceStride + sourceTap * 9;
        float plain[9][mostChannels] = {}, lines[4][3][mostChannels];
        for (int64_t t = 0; t < count; ++t) {
          for (int k = 0; k < 9; ++k) plain[k][t] = from[t * targetStride + (isTurned ? 8 - k : k)];
        }
        for (int x = 0; x < 3; ++x) {
          for (int64_t t = 0; t < width; ++t) {
            spreadTaps(plain[x][t], plain[3 + x][t], plain[6 + x][t], lines[0][x][t], lines[1][x][t], lines[2][x][t],
                       lines[3][x][t]);
          }
        }
        for (int y = 0; y < 4; ++y) {
          float *const to[4] = {result.at(4 * y, block, tap, channel), result.at(4 * y + 1, block, tap, channel),
                                result.at(4 * y + 2, block, tap, channel), result.at(4 * y + 3, block, tap, channel)};
          for (int64_t t = 0; t < width; ++t) {
            spreadTaps(lines[y][0][t], lines[y][1][t], lines[y][2][t], to[0][t], to[1][t], to[2][t], to[3][t]);
          }
        }
      }
    }
  });
  return result;
}

/// The tiles of a group: as many as fit into the caches together with the weights of a point, and a
/// multiple of what fits into registers.
constexpr int64_t groupTiles = 24;

/// One thread's work on groups of tiles.
class Convolving {
 public:
  Convolving(const ConvolutionKernels &kernels, const Work &work, const PointWeights &weights, const float *bias)
      : kernels(kernels), work(work), weights(weights), blocks(weights.blocks), width(weights.width),
        ring(work.taps, groupTiles, work.source.channels), rowsOfTaps(work.taps * mostRows),
        starts(blocks * width), zeros(std::max(work.source.channels, mostChannels)),
        productStride(groupTiles * blocks * width + gap), products(alignedFloats(points * productStride)) {
    if (bias) std::copy(bias, bias + work.target.channels, starts.begin());
  }

  /// The outputs of a group of tiles, from one plane to another.
  void convolve(int64_t firstTile, const float *source, float *target, int64_t firstPlane, int64_t lastPlane) {
    const int64_t count = std::min(groupTiles, work.tiles() - firstTile);
    TileGroup<const float> from(work, firstTile, count, true, zeros.data());
    TileGroup<float> to(work, firstTile, count, false, nullptr);
    ring.forget();
    for (int64_t plane = firstPlane; plane < lastPlane; ++plane) {
      const auto [firstTap, lastTap] = tapsInside(work, plane);
      for (int64_t tap = firstTap; tap < lastTap; ++tap) {
        spread(kernels, ring, from, source, plane - work.padding[0] + tap);
      }
      multiply(plane, count, firstTap, lastTap);
      collect(to.voxels(target, plane), count);
    }
  }

 private:
  const ConvolutionKernels &kernels;
  const Work &work;
  const PointWeights &weights;
  const int64_t blocks, width;
  PlaneRing ring;
  std::vector<const float *> rowsOfTaps;
  std::vector<float> starts, zeros;
  /// (point, block, tile, channels of a block)
  const int64_t productStride;
  const Floats products;
  /// Outputs without a place in the target: voxels outside it, and blocks that are only partly in
  /// it.
  float outside[mostChannels], copies[4][mostChannels];

  void multiply(int64_t plane, int64_t count, int64_t firstTap, int64_t lastTap) {
    const int64_t channels = work.source.channels;
    for (int64_t point = 0; point < points; ++point) {
      forEachPart(count, kernels.rows, [&](int64_t low, int64_t rows) {
        for (int64_t tap = firstTap; tap < lastTap; ++tap) {
          const float *values = ring.at(plane - work.padding[0] + tap, point) + low * channels;
          for (int64_t row = 0; row < rows; ++row) {
            rowsOfTaps[(tap - firstTap) * mostRows + row] = values + row * channels;
          }
        }
        for (int64_t block = 0; block < blocks; ++block) {
          float *out = products.get() + point * productStride + (block * groupTiles + low) * width;
          kernels.gather[rows - 1](rowsOfTaps.data(), lastTap - firstTap, channels,
                                   weights.at(point, block, firstTap, 0), zeros.data(), out, width);
        }
      });
    }
  }

  void collect(float *const *voxels, int64_t count) {
    for (int64_t tile = 0; tile < count; ++tile, voxels += 4) {
      for (int64_t block = 0; block < blocks; ++block) {
        const int64_t used = std::min(width, work.target.channels - block * width);
        float *out[4];
        for (int i = 0; i < 4; ++i) {
          out[i] = !voxels[i] ? outside : used < width ? copies[i] : voxels[i] + block * width;
        }
        kernels.collect(products.get() + (block * groupTiles + tile) * width, productStride,
                        starts.data() + block * width, out);
        if (used == width) continue;
        for (int i = 0; i < 4; ++i) {
          if (voxels[i]) std::copy_n(copies[i], used, voxels[i] + block * width);
        }
      }
    }
  }
};

void convolve(const ConvolutionKernels &kernels, const Work &work, const PointWeights &weights, const float *source,
              const float *bias, float *target) {
  const int64_t groups = quotientUp(work.tiles(), groupTiles), depth = work.target.size[0];
  // A few large groups are split along the first axis; each part then reads the adjacent planes
  // again.
  const int64_t parts = std::clamp<int64_t>(quotientUp(64, groups), 1, depth), items = groups * parts;
  parallelFor(items, quotientUp(items, 4 * at::get_num_threads()), [&](int64_t begin, int64_t end) {
    Convolving convolving(kernels, work, weights, bias);
    for (int64_t item = begin; item < end; ++item) {
      const int64_t part = item % parts;
      convolving.convolve(item / parts * groupTiles, source, target, part * depth / parts, (part + 1) * depth / parts);
    }
  });
}

/// How the gradient of the weights is split into parts, which depends only on the shapes: their
/// number determines the order of the sums.
struct SumParts {
  /// The largest number of channels of both sides in a part, so that its sums stay in the
  /// second-level cache.
  static constexpr int64_t mostTogether = 64;
  int64_t inputs, outputs, taps, depth, together, tiles, pieces, chunks, units, slabs;

  explicit SumParts(const Work &work)
      : inputs(work.source.channels), outputs(work.target.channels), taps(work.taps), depth(work.target.size[0]),
        together(taps == 1 ? mostTogether : 32), tiles(taps == 1 ? 48 : 32), pieces(quotientUp(inputs, together)),
        chunks(quotientUp(outputs, together)), units(quotientUp(work.tiles(), tiles) * depth),
        slabs(std::clamp<int64_t>(quotientUp(64, pieces * chunks), 1, units)) {}

  int64_t count() const { return slabs * pieces * chunks; }
  /// The sums of a part: (point, tap, block, input channel, channels of a block).
  int64_t size() const { return points * taps * together * together; }
  int64_t place(int64_t slab, int64_t piece, int64_t chunk) const {
    return ((slab * pieces + piece) * chunks + chunk) * size();
  }
};

/// The sums of one part.
void sumPart(const ConvolutionKernels &kernels, const Work &work, const SumParts &parts, int64_t slab, int64_t piece,
             int64_t chunk, const float *input, const float *output, float *sums) {
  const int64_t width = kernels.blockChannels, together = parts.together, taps = parts.taps;
  const int64_t columns = std::min(together, parts.inputs - piece * together);
  const int64_t used = std::min(together, parts.outputs - chunk * together);
  const int64_t blocks = quotientUp(used, width);
  std::fill_n(sums, parts.size(), 0.0f);
  PlaneRing ring(taps, parts.tiles, columns);
  const int64_t gradientStride = parts.tiles * together + gap;
  const Floats gradients = alignedFloats(points * gradientStride);
  std::fill_n(gradients.get(), points * gradientStride, 0.0f);
  const std::vector<float> zeros(SumParts::mostTogether);
  std::optional<TileGroup<const float>> from, to;
  for (int64_t unit = slab * parts.units / parts.slabs; unit < (slab + 1) * parts.units / parts.slabs; ++unit) {
    const int64_t first = unit / parts.depth * parts.tiles, plane = unit % parts.depth;
    const int64_t count = std::min(parts.tiles, work.tiles() - first);
    if (!from || plane == 0) {
      from.emplace(work, first, count, true, zeros.data());
      to.emplace(work, first, count, false, zeros.data());
      ring.forget();
    }
    const auto [firstTap, lastTap] = tapsInside(work, plane);
    for (int64_t tap = firstTap; tap < lastTap; ++tap) {
      spread(kernels, ring, *from, input + piece * together, plane - work.padding[0] + tap);
    }
    const float *const *voxels = to->voxels(output + chunk * together, plane);
    for (int64_t tile = 0; tile < count; ++tile) {
      kernels.spreadOutputs(voxels + tile * 4, used, gradients.get() + tile * together, gradientStride);
    }
    for (int64_t point = 0; point < points; ++point) {
      const float *const y = gradients.get() + point * gradientStride;
      for (int64_t tap = firstTap; tap < lastTap; ++tap) {
        const float *const x = ring.at(plane - work.padding[0] + tap, point);
        float *const tapSums = sums + (point * taps + tap) * together * together;
        for (int64_t block = 0; block < blocks; ++block) {
          forEachPart(columns, kernels.rows, [&](int64_t c, int64_t many) {
            kernels.sum[many - 1](x + c, columns, 0, y + block * width, together, 0, count, 1,
                                  tapSums + (block * together + c) * width);
          });
        }
      }
    }
  }
}

/// One axis of the transformation from points to taps, the adjoint of `spreadTaps`.
void takeTaps(float first, float second, float third, float fourth, float &left, float &middle, float &right) {
  left = first + 0.5f * (second + third);
  middle = 0.5f * (second - third);
  right = 0.5f * (second + third) + fourth;
}

}  // namespace

bool isForWinograd(const ConvolutionGeometry &g) {
  if (g.kernel[1] != 3 || g.kernel[2] != 3 || g.stride != Axes{1, 1, 1}) return false;
  const int64_t inputs = g.input.channels, outputs = g.output.channels;
  if (inputs % channelUnit != 0 || outputs % channelUnit != 0) return false;
  // The cost of a product must outweigh the additions.
  if (g.kernel[0] == 1 && std::min(inputs, outputs) < 32) return false;
  // Products of a tap by the direct way, which skips voxels outside the image.
  int64_t direct = g.output.samples * g.output.size[0];
  for (int axis = 0; axis < 3; ++axis) {
    if (g.padding[axis] >= g.kernel[axis]) return false;
    if (axis == 0) continue;
    int64_t inside = 0;
    for (int64_t tap = 0; tap < 3; ++tap) {
      const int64_t offset = tap - g.padding[axis];
      inside += std::max<int64_t>(0, std::min(g.output.size[axis], g.input.size[axis] - offset) -
                                         std::max<int64_t>(0, -offset));
    }
    direct *= inside;
  }
  // Both ways must rearrange the weights, which takes as long as so many products; the additions
  // take a tenth, measured with many channels (Benchmarks/training-step, layers).
  constexpr int64_t layingOut = 128;
  const int64_t tiles = forwardWork(g).tiles() * g.output.size[0];
  return 11 * points * (tiles + layingOut) < 10 * (direct + 9 * layingOut);
}

void convolveByWinograd(const ConvolutionKernels &kernels, const ConvolutionGeometry &g, const float *input,
                        const float *weight, const float *bias, float *output) {
  const Work work = forwardWork(g);
  const int64_t taps = g.taps();
  convolve(kernels, work, pointWeights(work, weight, g.input.channels * taps, taps, false, kernels.blockChannels),
           input, bias, output);
}

void convolveAdjointByWinograd(const ConvolutionKernels &kernels, const ConvolutionGeometry &g, const float *output,
                               const float *weight, const float *bias, float *input) {
  const Work work = adjointWork(g);
  const int64_t taps = g.taps();
  convolve(kernels, work, pointWeights(work, weight, taps, g.input.channels * taps, true, kernels.blockChannels),
           output, bias, input);
}

void sumWeightGradientByWinograd(const ConvolutionKernels &kernels, const ConvolutionGeometry &g, const float *input,
                                 const float *output, float *weight) {
  const Work work = forwardWork(g);
  const SumParts parts(work);
  const int64_t width = kernels.blockChannels, taps = parts.taps, together = parts.together;
  const Floats sums = alignedFloats(parts.count() * parts.size());
  parallelFor(parts.count(), [&](int64_t part) {
    const int64_t chunk = part % parts.chunks, piece = part / parts.chunks % parts.pieces;
    const int64_t slab = part / (parts.chunks * parts.pieces);
    sumPart(kernels, work, parts, slab, piece, chunk, input, output, sums.get() + parts.place(slab, piece, chunk));
  });

  parallelFor(parts.chunks * parts.inputs, 4, [&](int64_t begin, int64_t end) {
    constexpr int64_t most = SumParts::mostTogether;
    float total[points][most], lines[3][4][most], taken[9][most];
    for (int64_t i = begin; i < end; ++i) {
      const int64_t chunk = i / parts.inputs, channel = i % parts.inputs;
      const int64_t used = std::min(together, parts.outputs - chunk * together);
      for (int64_t tap = 0; tap < taps; ++tap) {
        std::fill_n(&total[0][0], points * most, 0.0f);
        for (int64_t slab = 0; slab < parts.slabs; ++slab) {
          const float *partSums = sums.get() + parts.place(slab, channel / together, chunk);
          for (int64_t point = 0; point < points; ++point) {
            const float *tapSums = partSums + (point * taps + tap) * together * together;
            for (int64_t block = 0; block * width < used; ++block) {
              const float *from = tapSums + (block * together + channel % together) * width;
              for (int64_t o = 0; o < width; ++o) total[point][block * width + o] += from[o];
            }
          }
        }
        for (int x = 0; x < 4; ++x) {
          for (int64_t o = 0; o < together; ++o) {
            takeTaps(total[x][o], total[4 + x][o], total[8 + x][o], total[12 + x][o], lines[0][x][o], lines[1][x][o],
                     lines[2][x][o]);
          }
        }
        for (int y = 0; y < 3; ++y) {
          for (int64_t o = 0; o < together; ++o) {
            takeTaps(lines[y][0][o], lines[y][1][o], lines[y][2][o], lines[y][3][o], taken[3 * y][o],
                     taken[3 * y + 1][o], taken[3 * y + 2][o]);
          }
        }
        for (int64_t o = 0; o < used; ++o) {
          float *to = weight + (((chunk * together + o) * parts.inputs + channel) * taps + tap) * 9;
          for (int k = 0; k < 9; ++k) to[k] = taken[k][o];
        }
      }
    }
  });
}

}  // namespace engine
