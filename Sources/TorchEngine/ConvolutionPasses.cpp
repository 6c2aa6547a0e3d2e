// Both directions gather: an output voxel sums the values of its taps in the source. Sources are
// read in place: there is no padded copy and no matrix of patches. A tile consists of a few voxels
// of a line, whose sums stay in registers over all taps and channels of the source.
//
// Every sum has a fixed order, whatever the number of threads.
#include "ConvolutionPasses.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <vector>

#include "WorkingMemory.h"
#include "Parallel.h"
#include "WinogradConvolution.h"

namespace engine {
namespace {

constexpr int64_t mostRows = ConvolutionKernels::mostRows;
/// Weights that stay in the second-level cache while a chunk of lines is processed.
constexpr int64_t cachedBytes = 160 << 10;

/// A tap along one axis: the target `q` reads the source `step * q + offset`.
struct Tap {
  int64_t index, offset;
};

/// The targets `first + every * q` of an axis, and their common taps.
struct AxisPart {
  int64_t first, every, count, step;
  std::vector<Tap> taps;
};

/// The positions of the taps of a part's targets. The taps of the last axis are numbered outermost,
/// so that at the ends of a line, a tile has few runs of taps for the same voxels.
struct Gathering {
  Image source, target;
  std::array<AxisPart, 3> axes;
  /// The number of floats from a voxel of the source to the next.
  int64_t voxelStride;

  int64_t taps() const { return axes[0].taps.size() * axes[1].taps.size() * axes[2].taps.size(); }
  int64_t lines() const { return target.samples * axes[0].count * axes[1].count; }
};

/// Weights in the layout of the kernels: (blocks, taps, source channels, channels of a block).
struct PackedWeights {
  int64_t blocks, taps, channels, width;
  Floats values;

  const float *at(int64_t block, int64_t tap) const {
    return values.get() + (block * taps + tap) * channels * width;
  }
};

/// - targetStride, sourceStride: between weights of neighbouring channels; taps are one apart.
PackedWeights pack(const Gathering &g, const Axes &kernel, const float *weight,
                   int64_t targetStride, int64_t sourceStride, int64_t width) {
  std::vector<int64_t> places;
  for (const Tap &x : g.axes[2].taps)
    for (const Tap &z : g.axes[0].taps)
      for (const Tap &y : g.axes[1].taps)
        places.push_back((z.index * kernel[1] + y.index) * kernel[2] + x.index);
  const int64_t taps = places.size(), channels = g.source.channels;
  PackedWeights packed{quotientUp(g.target.channels, width), taps, channels, width, nullptr};
  packed.values = alignedFloats(packed.blocks * taps * channels * width);
  parallelFor(packed.blocks * channels, 64, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t block = i / channels, channel = i % channels, first = block * width;
      const int64_t count = std::min(width, g.target.channels - first);
      const float *from = weight + first * targetStride + channel * sourceStride;
      for (int64_t tap = 0; tap < taps; ++tap) {
        float *to = packed.values.get() + ((block * taps + tap) * channels + channel) * width;
        for (int64_t t = 0; t < count; ++t) to[t] = from[t * targetStride + places[tap]];
        std::fill(to + count, to + width, 0.0f);
      }
    }
  });
  return packed;
}

/// The taps of one line of targets, for each of its tiles.
class LineTaps {
 public:
  /// Neighbouring taps that the same rows of a tile have.
  struct Run {
    int64_t number, taps, firstRow, rows;
    const float *const *sources;
  };

  LineTaps(const Gathering &g, const float *source, int64_t rows, int64_t group)
      : g(g), source(source), group(group), count(g.axes[2].count), tiles(quotientUp(count, rows)), runs(tiles) {
    pointers.resize(tiles * g.taps() * mostRows);
  }

  int64_t tileCount() const { return tiles; }
  int64_t begin(int64_t tile) const { return tile * count / tiles; }

  /// A tile's runs of a group of taps; a tap outside the image is in none.
  std::pair<const Run *, const Run *> find(int64_t tile, int64_t firstNumber) const {
    const auto &all = runs[tile];
    const auto isBefore = [](const Run &run, int64_t number) { return run.number < number; };
    const auto low = std::lower_bound(all.begin(), all.end(), firstNumber, isBefore);
    const auto high = std::lower_bound(low, all.end(), firstNumber + group, isBefore);
    return {all.data() + (low - all.begin()), all.data() + (high - all.begin())};
  }

  void move(int64_t sample, int64_t z, int64_t y) {
    const auto &[depth, height, width] = g.source.size;
    for (auto &tileRuns : runs) tileRuns.clear();
    int64_t number = 0;
    for (const Tap &tapX : g.axes[2].taps) {
      for (const Tap &tapZ : g.axes[0].taps) {
        const int64_t sourceZ = g.axes[0].step * z + tapZ.offset;
        for (const Tap &tapY : g.axes[1].taps) {
          const int64_t sourceY = g.axes[1].step * y + tapY.offset;
          if (sourceZ >= 0 && sourceZ < depth && sourceY >= 0 && sourceY < height) {
            add(number, source + ((sample * depth + sourceZ) * height + sourceY) * width * g.voxelStride, tapX);
          }
          ++number;
        }
      }
    }
  }

 private:
  const Gathering &g;
  const float *source;
  int64_t group, count, tiles;
  std::vector<std::vector<Run>> runs;
  std::vector<const float *> pointers;

  void add(int64_t number, const float *line, const Tap &tap) {
    const int64_t step = g.axes[2].step, width = g.source.size[2];
    // The targets with their source in the line.
    const int64_t low = tap.offset < 0 ? quotientUp(-tap.offset, step) : 0;
    const int64_t high = tap.offset >= width ? 0 : (width - 1 - tap.offset) / step + 1;
    for (int64_t tile = 0; tile < tiles; ++tile) {
      const int64_t first = std::max(low, begin(tile)), end = std::min(high, begin(tile + 1));
      if (first >= end) continue;
      const float **to = pointers.data() + (tile * g.taps() + number) * mostRows;
      for (int64_t q = first; q < end; ++q) to[q - first] = line + (step * q + tap.offset) * g.voxelStride;
      auto &all = runs[tile];
      const int64_t firstRow = first - begin(tile), rows = end - first;
      if (!all.empty() && number % group != 0) {
        Run &run = all.back();
        if (run.number + run.taps == number && run.firstRow == firstRow && run.rows == rows) {
          ++run.taps;
          continue;
        }
      }
      all.push_back({number, 1, firstRow, rows, to});
    }
  }
};

/// Computes the targets of a gathering.
void gather(const ConvolutionKernels &kernels, const Gathering &g, const PackedWeights &weights,
            const float *source, const float *bias, float *target) {
  const int64_t width = kernels.blockChannels, channels = g.target.channels, taps = g.taps();
  const int64_t lines = g.lines(), threads = at::get_num_threads();
  std::vector<float> starts(weights.blocks * width);
  if (bias) std::copy(bias, bias + channels, starts.begin());

  // If the weights of a block are large, some of their taps at a time stay in the cache for many
  // lines.
  const int64_t tapBytes = g.source.channels * width * static_cast<int64_t>(sizeof(float));
  const int64_t group = std::max<int64_t>(1, cachedBytes / tapBytes);
  const int64_t wanted = group < taps ? quotientUp(lines, 2 * threads) : quotientUp(lines, 4 * threads);
  const int64_t chunk = std::clamp<int64_t>(wanted, 1, group < taps ? 64 : 8);
  const int64_t stride = g.axes[2].every * channels;

  parallelFor(lines, chunk, [&](int64_t firstLine, int64_t lastLine) {
    std::vector<LineTaps> lineTaps(lastLine - firstLine, LineTaps(g, source, kernels.rows, group));
    std::vector<float *> rows(lineTaps.size());
    for (int64_t line = firstLine; line < lastLine; ++line) {
      const int64_t y = line % g.axes[1].count, z = line / g.axes[1].count % g.axes[0].count;
      const int64_t sample = line / (g.axes[0].count * g.axes[1].count);
      lineTaps[line - firstLine].move(sample, z, y);
      const int64_t targetZ = g.axes[0].first + g.axes[0].every * z;
      const int64_t targetY = g.axes[1].first + g.axes[1].every * y;
      const int64_t row = (sample * g.target.size[0] + targetZ) * g.target.size[1] + targetY;
      rows[line - firstLine] = target + (row * g.target.size[2] + g.axes[2].first) * channels;
    }
    float copies[mostRows * ConvolutionKernels::mostChannels];
    for (int64_t block = 0; block < weights.blocks; ++block) {
      const int64_t used = std::min(width, channels - block * width);
      const float *const start = starts.data() + block * width;
      for (int64_t from = 0; from < std::max<int64_t>(taps, 1); from += group) {
        for (size_t line = 0; line < lineTaps.size(); ++line) {
          const LineTaps &l = lineTaps[line];
          for (int64_t tile = 0; tile < l.tileCount(); ++tile) {
            const int64_t count = l.begin(tile + 1) - l.begin(tile);
            float *const out = rows[line] + l.begin(tile) * stride + block * width;
            // The kernels write whole blocks.
            float *const to = used < width ? copies : out;
            const int64_t toStride = used < width ? width : stride;
            auto [run, end] = l.find(tile, from);
            bool isStarted = from > 0;
            if (isStarted && used < width) {
              for (int64_t r = 0; r < count; ++r) std::copy_n(out + r * stride, used, to + r * width);
            }
            if (!isStarted && (run == end || run->rows < count)) {
              for (int64_t r = 0; r < count; ++r) std::copy_n(start, width, to + r * toStride);
              isStarted = true;
            }
            for (; run < end; ++run) {
              kernels.gather[run->rows - 1](run->sources, run->taps, g.source.channels,
                                            weights.at(block, run->number), isStarted ? nullptr : start,
                                            to + run->firstRow * toStride, toStride);
              isStarted = true;
            }
            if (used < width) {
              for (int64_t r = 0; r < count; ++r) std::copy_n(to + r * width, used, out + r * stride);
            }
          }
        }
      }
    }
  });
}

/// Targets that are outputs: each has all taps.
AxisPart forwardPart(const ConvolutionGeometry &g, int axis) {
  AxisPart part{0, 1, g.output.size[axis], g.stride[axis], {}};
  for (int64_t k = 0; k < g.kernel[axis]; ++k) part.taps.push_back({k, k - g.padding[axis]});
  return part;
}

/// Targets that are inputs, by their remainder when divided by the stride, which determines their
/// taps.
std::vector<AxisPart> adjointParts(const ConvolutionGeometry &g, int axis) {
  std::vector<AxisPart> parts;
  const int64_t stride = g.stride[axis], size = g.input.size[axis];
  for (int64_t first = 0; first < std::min(stride, size); ++first) {
    AxisPart part{first, stride, quotientUp(size - first, stride), 1, {}};
    for (int64_t k = g.kernel[axis] - 1; k >= 0; --k) {
      const int64_t distance = first + g.padding[axis] - k;
      if (distance % stride == 0) part.taps.push_back({k, distance / stride});
    }
    parts.push_back(part);
  }
  return parts;
}

/// A convolution of few channels as one of more channels: the taps along a line and the channels of
/// their voxels follow each other in a copy that has zeros around each line.
struct Merged {
  ConvolutionGeometry geometry;
  int64_t voxelStride;
  Floats values;

  static bool isUseful(const ConvolutionGeometry &g) { return g.kernel[2] > 1 && g.input.channels <= 4; }

  Merged(const ConvolutionGeometry &g, const float *input)
      : geometry(g), voxelStride(g.input.channels), taps(g.kernel) {
    const int64_t channels = g.input.channels, margin = g.padding[2] * channels;
    const int64_t line = g.input.size[2] * channels, wide = line + 2 * margin;
    const int64_t lines = g.input.samples * g.input.size[0] * g.input.size[1];
    geometry.input.channels *= g.kernel[2];
    geometry.input.size[2] += 2 * g.padding[2];
    geometry.kernel[2] = 1;
    geometry.padding[2] = 0;
    values = alignedFloats(lines * wide + geometry.input.channels);
    parallelFor(lines, 64, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        float *to = std::fill_n(values.get() + i * wide, margin, 0.0f);
        std::fill_n(std::copy_n(input + i * line, line, to), margin, 0.0f);
      }
    });
    std::fill_n(values.get() + lines * wide, geometry.input.channels, 0.0f);
  }

  /// (out, in, z, y, x) as (out, x and in, z, y).
  std::vector<float> merge(const float *weight) const {
    std::vector<float> merged(count());
    forEach([&](int64_t plain, int64_t place) { merged[place] = weight[plain]; });
    return merged;
  }

  void split(const float *merged, float *weight) const {
    forEach([&](int64_t plain, int64_t place) { weight[plain] = merged[place]; });
  }

 private:
  Axes taps;

  int64_t count() const { return geometry.output.channels * geometry.input.channels * taps[0] * taps[1]; }

  template <class Body>
  void forEach(Body &&body) const {
    const int64_t planes = taps[0] * taps[1], channels = voxelStride;
    for (int64_t o = 0; o < geometry.output.channels; ++o) {
      for (int64_t c = 0; c < channels; ++c) {
        for (int64_t zy = 0; zy < planes; ++zy) {
          for (int64_t x = 0; x < taps[2]; ++x) {
            body(((o * channels + c) * planes + zy) * taps[2] + x, ((o * taps[2] + x) * channels + c) * planes + zy);
          }
        }
      }
    }
  }
};

/// - voxelStride: floats from a voxel of the input to the next.
void convolve(const ConvolutionKernels &kernels, const ConvolutionGeometry &geometry, int64_t voxelStride,
              const float *input, const float *weight, const float *bias, float *output) {
  const Gathering g{geometry.input, geometry.output,
                    {forwardPart(geometry, 0), forwardPart(geometry, 1), forwardPart(geometry, 2)},
                    voxelStride};
  const int64_t taps = geometry.taps();
  const auto packed = pack(g, geometry.kernel, weight, geometry.input.channels * taps, taps,
                           kernels.blockChannels);
  gather(kernels, g, packed, input, bias, output);
}

}  // namespace

void convolve(const ConvolutionKernels &kernels, const ConvolutionGeometry &geometry,
              const float *input, const float *weight, const float *bias, float *output) {
  if (isForWinograd(geometry)) return convolveByWinograd(kernels, geometry, input, weight, bias, output);
  if (Merged::isUseful(geometry)) {
    const Merged merged(geometry, input);
    convolve(kernels, merged.geometry, merged.voxelStride, merged.values.get(), merged.merge(weight).data(), bias,
             output);
  } else {
    convolve(kernels, geometry, geometry.input.channels, input, weight, bias, output);
  }
}

void convolveAdjoint(const ConvolutionKernels &kernels, const ConvolutionGeometry &geometry,
                     const float *output, const float *weight, const float *bias, float *input) {
  if (isForWinograd(geometry)) return convolveAdjointByWinograd(kernels, geometry, output, weight, bias, input);
  const int64_t taps = geometry.taps();
  for (const AxisPart &z : adjointParts(geometry, 0)) {
    for (const AxisPart &y : adjointParts(geometry, 1)) {
      for (const AxisPart &x : adjointParts(geometry, 2)) {
        const Gathering g{geometry.output, geometry.input, {z, y, x}, geometry.output.channels};
        const auto packed = pack(g, geometry.kernel, weight, taps, geometry.input.channels * taps,
                                 kernels.blockChannels);
        gather(kernels, g, packed, output, bias, input);
      }
    }
  }
}

namespace {

/// The targets of an axis whose source by a tap is in the image.
struct Range {
  int64_t begin, end;

  Range(const ConvolutionGeometry &g, int axis, int64_t tap, int64_t low, int64_t high) {
    const int64_t stride = g.stride[axis], offset = tap - g.padding[axis];
    begin = std::max(low, offset < 0 ? quotientUp(-offset, stride) : 0);
    end = std::min(high, g.input.size[axis] - 1 < offset ? 0 : (g.input.size[axis] - 1 - offset) / stride + 1);
  }

  bool isEmpty() const { return begin >= end; }
};

/// Values with rows of whole blocks of channels: the original or a copy.
struct WholeBlocks {
  const float *values;
  int64_t stride;
  Floats copy;

  WholeBlocks(const Image &image, const float *from, int64_t width)
      : values(from), stride(quotientUp(image.channels, width) * width) {
    if (stride == image.channels) return;
    const int64_t rows = image.samples * image.size[0] * image.size[1] * image.size[2];
    copy = alignedFloats(rows * stride);
    parallelFor(rows, 1024, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        float *to = copy.get() + row * stride;
        std::fill(std::copy_n(from + row * image.channels, image.channels, to), to + stride, 0.0f);
      }
    });
    values = copy.get();
  }
};

/// - voxelStride: floats from a voxel of the input to the next.
void sumWeightGradient(const ConvolutionKernels &kernels, const ConvolutionGeometry &g, int64_t voxelStride,
                       const float *input, const float *output, float *weight) {
  const int64_t width = kernels.blockChannels, taps = g.taps(), channels = g.input.channels;
  const WholeBlocks gradient(g.output, output, width);
  const auto &[depth, height, lineWidth] = g.output.size;
  // Lines that stay in the cache while all taps and channels of a part read them.
  constexpr int64_t linesTogether = 8;
  const int64_t unitsOfPlane = quotientUp(height, linesTogether);
  const int64_t units = g.output.samples * depth * unitsOfPlane;
  // Parts for all threads of a large machine, so that their number, and with it the order of the
  // sums, depends only on the shapes.
  constexpr int64_t wantedParts = 64;
  const int64_t blocks = gradient.stride / width, together = std::min<int64_t>(channels, 32);
  const int64_t pieces = quotientUp(channels, together);
  const int64_t slabs = std::clamp<int64_t>(quotientUp(wantedParts, blocks * pieces), 1, units);
  const int64_t size = taps * together * width;
  const Floats sums = alignedFloats(slabs * blocks * pieces * size);

  parallelFor(slabs * blocks * pieces, [&](int64_t part) {
    const int64_t block = part % blocks, piece = part / blocks % pieces, slab = part / (blocks * pieces);
    const int64_t first = piece * together, count = std::min(together, channels - first);
    float *const partSums = sums.get() + part * size;
    std::fill_n(partSums, size, 0.0f);
    for (int64_t unit = slab * units / slabs; unit < (slab + 1) * units / slabs; ++unit) {
      const int64_t plane = unit / unitsOfPlane, sample = plane / depth, z = plane % depth;
      const int64_t y = unit % unitsOfPlane * linesTogether;
      for (int64_t tapZ = 0; tapZ < g.kernel[0]; ++tapZ) {
        const int64_t sourceZ = z * g.stride[0] - g.padding[0] + tapZ;
        if (sourceZ < 0 || sourceZ >= g.input.size[0]) continue;
        for (int64_t tapY = 0; tapY < g.kernel[1]; ++tapY) {
          const Range ys(g, 1, tapY, y, std::min(y + linesTogether, height));
          if (ys.isEmpty()) continue;
          const int64_t sourceY = ys.begin * g.stride[1] - g.padding[1] + tapY;
          const int64_t sourceLine = (sample * g.input.size[0] + sourceZ) * g.input.size[1] + sourceY;
          for (int64_t tapX = 0; tapX < g.kernel[2]; ++tapX) {
            const Range xs(g, 2, tapX, 0, lineWidth);
            if (xs.isEmpty()) continue;
            const int64_t sourceX = xs.begin * g.stride[2] - g.padding[2] + tapX;
            const int64_t tap = (tapZ * g.kernel[1] + tapY) * g.kernel[2] + tapX;
            const float *x = input + (sourceLine * g.input.size[2] + sourceX) * voxelStride + first;
            const int64_t row = (plane * height + ys.begin) * lineWidth + xs.begin;
            const float *dy = gradient.values + row * gradient.stride + block * width;
            forEachPart(count, kernels.rows, [&](int64_t c, int64_t columns) {
              kernels.sum[columns - 1](x + c, g.stride[2] * voxelStride,
                                       g.stride[1] * g.input.size[2] * voxelStride, dy, gradient.stride,
                                       lineWidth * gradient.stride, xs.end - xs.begin, ys.end - ys.begin,
                                       partSums + (tap * together + c) * width);
            });
          }
        }
      }
    }
  });

  parallelFor(blocks * channels, 16, [&](int64_t begin, int64_t end) {
    std::vector<float> total(taps * width);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t block = i / channels, channel = i % channels, piece = channel / together;
      std::fill(total.begin(), total.end(), 0.0f);
      for (int64_t slab = 0; slab < slabs; ++slab) {
        const float *from = sums.get() + ((slab * pieces + piece) * blocks + block) * size +
                            channel % together * width;
        for (int64_t tap = 0; tap < taps; ++tap) {
          for (int64_t o = 0; o < width; ++o) total[tap * width + o] += from[tap * together * width + o];
        }
      }
      for (int64_t o = 0; o < std::min(width, g.output.channels - block * width); ++o) {
        float *to = weight + ((block * width + o) * channels + channel) * taps;
        for (int64_t tap = 0; tap < taps; ++tap) to[tap] = total[tap * width + o];
      }
    }
  });
}

}  // namespace

void sumWeightGradient(const ConvolutionKernels &kernels, const ConvolutionGeometry &g,
                       const float *input, const float *output, float *weight) {
  if (isForWinograd(g)) return sumWeightGradientByWinograd(kernels, g, input, output, weight);
  // A few channels of the input fill registers only together with the taps along a line.
  if (Merged::isUseful(g)) {
    const Merged merged(g, input);
    std::vector<float> sums(g.output.channels * g.input.channels * g.taps());
    sumWeightGradient(kernels, merged.geometry, merged.voxelStride, merged.values.get(), output, sums.data());
    return merged.split(sums.data(), weight);
  }
  // A few channels of the output would leave most of a block empty; without taps, both sides are
  // alike.
  if (g.taps() == 1 && g.stride == Axes{1, 1, 1} && g.padding == Axes{0, 0, 0} &&
      g.output.channels < kernels.blockChannels && g.output.channels < g.input.channels) {
    const ConvolutionGeometry swapped{g.output, g.input, g.kernel, g.stride, g.padding};
    std::vector<float> sums(g.output.channels * g.input.channels);
    sumWeightGradient(kernels, swapped, g.output.channels, output, input, sums.data());
    for (int64_t o = 0; o < g.output.channels; ++o) {
      for (int64_t c = 0; c < g.input.channels; ++c) {
        weight[o * g.input.channels + c] = sums[c * g.output.channels + o];
      }
    }
    return;
  }
  sumWeightGradient(kernels, g, g.input.channels, input, output, weight);
}

void sumChannels(const Image &image, const float *values, float *sums) {
  constexpr int64_t rowsTogether = 1024;
  const int64_t rows = image.samples * image.size[0] * image.size[1] * image.size[2];
  const int64_t channels = image.channels, parts = quotientUp(rows, rowsTogether);
  std::vector<float> partial(parts * channels);
  parallelFor(rows, rowsTogether, [&](int64_t begin, int64_t end) {
    float *to = partial.data() + begin / rowsTogether * channels;
    for (int64_t row = begin; row < end; ++row) {
      const float *from = values + row * channels;
      for (int64_t c = 0; c < channels; ++c) to[c] += from[c];
    }
  });
  for (int64_t c = 0; c < channels; ++c) {
    double total = 0;
    for (int64_t part = 0; part < parts; ++part) total += partial[part * channels + c];
    sums[c] = static_cast<float>(total);
  }
}

}  // namespace engine
