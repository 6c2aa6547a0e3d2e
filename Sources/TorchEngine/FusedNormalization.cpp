// Memory access dominates these operations, so a sample is read while it is in the cache: pass one
// sums, pass two writes. Sums are float32 in blocks of rows and float64 over the blocks; blocks do
// not depend on the number of threads, so neither do the results.
#include "FusedNormalization.h"

#include <ATen/TracerMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <type_traits>
#include <utility>
#include <vector>

#include "Elements.h"
#include "Parallel.h"

namespace engine {
namespace {

constexpr int64_t rowsPerBlock = 1024;
/// Channels that are summed in registers together.
constexpr int64_t lanes = 32;

inline float load(const float *address) { return *address; }
inline float load(const c10::BFloat16 *address) {
  return std::bit_cast<float>(static_cast<uint32_t>(address->x) << 16);
}
inline void store(float value, float *address) { *address = value; }
inline void store(float value, c10::BFloat16 *address) {
  // To nearest, ties to even.
  const auto bits = std::bit_cast<uint32_t>(value);
  address->x = static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/// Calls `body(sample, firstRow, endRow, block)` for all blocks, in parallel.
///
/// A body captures by value: each thread copies the body, so that its numbers can stay in
/// registers. In memory, the stores of a loop might change them.
template <class Body>
void forEachBlock(int64_t firstSample, int64_t samples, int64_t rows, Body &&body) {
  const int64_t blocks = (rows + rowsPerBlock - 1) / rowsPerBlock;
  parallelFor(samples * blocks, [&](int64_t i) {
    const auto own = body;
    const int64_t block = i % blocks, first = block * rowsPerBlock;
    own(firstSample + i / blocks, first, std::min(first + rowsPerBlock, rows), block);
  });
}

/// Calls `body(firstChannel, width)` with full lanes as a constant, so that loops over them unroll.
template <class Body>
inline void forEachLane(int64_t channels, Body &&body) {
  int64_t c = 0;
  for (; c + lanes <= channels; c += lanes) body(c, std::integral_constant<int64_t, lanes>());
  if (c < channels) body(c, channels - c);
}

struct Extents {
  int64_t samples, channels, rows;

  explicit Extents(const at::Tensor &tensor)
      : samples(tensor.size(0)),
        channels(tensor.size(1)),
        rows(tensor.numel() / (tensor.size(0) * tensor.size(1))) {}

  int64_t blocks() const { return (rows + rowsPerBlock - 1) / rowsPerBlock; }
  /// The samples that together fit into the cache.
  int64_t group() const {
    constexpr int64_t cachedElements = 1 << 20;
    return std::clamp<int64_t>(cachedElements / (channels * rows), 1, samples);
  }
};

/// Two sums per channel of each block, for a group of samples.
class BlockSums {
 public:
  explicit BlockSums(const Extents &e)
      : blocks(e.blocks()), channels(e.channels), sums(e.group() * blocks * 2 * channels) {}

  /// Stores the sums of some channels; `sample` counts from the group's first one.
  template <class Width>
  void set(int64_t sample, int64_t block, int64_t c, Width width, const float *first,
           const float *second) {
    float *out = sums.data() + (sample * blocks + block) * 2 * channels;
    for (int64_t i = 0; i < width; ++i) {
      out[c + i] = first[i];
      out[channels + c + i] = second[i];
    }
  }

  /// A channel's sums over all blocks.
  std::pair<double, double> total(int64_t sample, int64_t c) const {
    double first = 0, second = 0;
    for (int64_t block = 0; block < blocks; ++block) {
      const float *in = sums.data() + (sample * blocks + block) * 2 * channels;
      first += in[c];
      second += in[channels + c];
    }
    return {first, second};
  }

 private:
  int64_t blocks, channels;
  std::vector<float> sums;
};

template <class Scalar>
void forwardKernel(const Extents &e, const Scalar *x, const float *weight, const float *bias,
                   double epsilon, float slope, Scalar *y, float *mean, float *inverse) {
  const int64_t C = e.channels;
  BlockSums blockSums(e);
  std::vector<float> factors(e.group() * 2 * C);
  for (int64_t start = 0; start < e.samples; start += e.group()) {
    const int64_t count = std::min(e.group(), e.samples - start);
    forEachBlock(start, count, e.rows, [=, &blockSums](int64_t n, int64_t first, int64_t end, int64_t block) {
      const Scalar *sample = x + n * e.rows * C;
      forEachLane(C, [&](int64_t c, auto width) {
        // Distances from the first voxel: squares of large values would cancel.
        float pivot[lanes], sum[lanes] = {}, square[lanes] = {};
        for (int64_t i = 0; i < width; ++i) pivot[i] = load(sample + c + i);
        for (int64_t r = first; r < end; ++r) {
          const Scalar *row = sample + r * C + c;
          for (int64_t i = 0; i < width; ++i) {
            const float value = load(row + i) - pivot[i];
            sum[i] += value;
            square[i] += value * value;
          }
        }
        blockSums.set(n - start, block, c, width, sum, square);
      });
    });
    for (int64_t n = start; n < start + count; ++n) {
      for (int64_t c = 0; c < C; ++c) {
        const auto [sum, square] = blockSums.total(n - start, c);
        const double distance = sum / e.rows;
        const double variance = std::max(square / e.rows - distance * distance, 0.0);
        const double scale = 1 / std::sqrt(variance + epsilon);
        const double centre = distance + load(x + n * e.rows * C + c);
        mean[n * C + c] = static_cast<float>(centre);
        inverse[n * C + c] = static_cast<float>(scale);
        factors[(n - start) * 2 * C + c] = static_cast<float>(inverse[n * C + c] * weight[c]);
        factors[((n - start) * 2 + 1) * C + c] = bias[c];
      }
    }
    const float *const allFactors = factors.data();
    forEachBlock(start, count, e.rows, [=](int64_t n, int64_t first, int64_t end, int64_t) {
      const float *factor = allFactors + (n - start) * 2 * C, *shift = factor + C;
      forEachLane(C, [&](int64_t c, auto width) {
        float centre[lanes], slopes[lanes], shifts[lanes];
        for (int64_t i = 0; i < width; ++i) {
          centre[i] = mean[n * C + c + i];
          slopes[i] = factor[c + i];
          shifts[i] = shift[c + i];
        }
        for (int64_t r = first; r < end; ++r) {
          const int64_t at = (n * e.rows + r) * C + c;
          for (int64_t i = 0; i < width; ++i) {
            const float value = (load(x + at + i) - centre[i]) * slopes[i] + shifts[i];
            store(value > 0 ? value : value * slope, y + at + i);
          }
        }
      });
    });
  }
}

/// The numbers of some channels, in a local copy.
struct Lane {
  float mean[lanes], inverse[lanes], weight[lanes], bias[lanes];

  template <class Width>
  Lane(Width width, const float *m, const float *v, const float *w, const float *b) {
    for (int64_t i = 0; i < width; ++i) {
      mean[i] = m[i];
      inverse[i] = v[i];
      weight[i] = w[i];
      bias[i] = b[i];
    }
  }
};

/// Sums, per sample and channel, the gradient before the ReLU and its product with the normalized
/// input; then the gradient of the input is inverse * weight * (g - mean(g) - x^ * mean(g * x^)).
template <class Scalar>
void backwardKernel(const Extents &e, const Scalar *x, const Scalar *dy, const float *weight,
                    const float *bias, const float *mean, const float *inverse, float slope,
                    Scalar *dx, double *weightGradient, double *biasGradient) {
  const int64_t C = e.channels;
  BlockSums blockSums(e);
  std::vector<float> means(e.group() * 2 * C);
  for (int64_t start = 0; start < e.samples; start += e.group()) {
    const int64_t count = std::min(e.group(), e.samples - start);
    forEachBlock(start, count, e.rows, [=, &blockSums](int64_t n, int64_t first, int64_t end, int64_t block) {
      forEachLane(C, [&](int64_t c, auto width) {
        const Lane lane(width, mean + n * C + c, inverse + n * C + c, weight + c, bias + c);
        float sum[lanes] = {}, product[lanes] = {};
        for (int64_t r = first; r < end; ++r) {
          const int64_t at = (n * e.rows + r) * C + c;
          for (int64_t i = 0; i < width; ++i) {
            const float unit = (load(x + at + i) - lane.mean[i]) * lane.inverse[i];
            const float g = load(dy + at + i);
            const float masked = unit * lane.weight[i] + lane.bias[i] > 0 ? g : g * slope;
            sum[i] += masked;
            product[i] += masked * unit;
          }
        }
        blockSums.set(n - start, block, c, width, sum, product);
      });
    });
    for (int64_t n = start; n < start + count; ++n) {
      for (int64_t c = 0; c < C; ++c) {
        const auto [sum, product] = blockSums.total(n - start, c);
        biasGradient[c] += sum;
        weightGradient[c] += product;
        means[(n - start) * 2 * C + c] = static_cast<float>(sum / e.rows);
        means[((n - start) * 2 + 1) * C + c] = static_cast<float>(product / e.rows);
      }
    }
    const float *const allMeans = means.data();
    forEachBlock(start, count, e.rows, [=](int64_t n, int64_t first, int64_t end, int64_t) {
      const float *sum = allMeans + (n - start) * 2 * C, *product = sum + C;
      forEachLane(C, [&](int64_t c, auto width) {
        const Lane lane(width, mean + n * C + c, inverse + n * C + c, weight + c, bias + c);
        float sums[lanes], products[lanes];
        for (int64_t i = 0; i < width; ++i) {
          sums[i] = sum[c + i];
          products[i] = product[c + i];
        }
        for (int64_t r = first; r < end; ++r) {
          const int64_t at = (n * e.rows + r) * C + c;
          for (int64_t i = 0; i < width; ++i) {
            const float unit = (load(x + at + i) - lane.mean[i]) * lane.inverse[i];
            const float g = load(dy + at + i);
            const float masked = unit * lane.weight[i] + lane.bias[i] > 0 ? g : g * slope;
            store((masked - sums[i] - unit * products[i]) * lane.inverse[i] * lane.weight[i],
                  dx + at + i);
          }
        }
      });
    });
  }
}

template <class Body>
void withScalar(at::ScalarType type, Body &&body) {
  type == at::kFloat ? body(float()) : body(c10::BFloat16());
}

struct InstanceNormLeakyReLU : torch::autograd::Function<InstanceNormLeakyReLU> {
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &input,
                            const at::Tensor &weight, const at::Tensor &bias, double epsilon,
                            double slope) {
    const Extents e(input);
    auto output = at::empty_like(input);
    auto mean = at::empty({e.samples, e.channels}, weight.options().requires_grad(false));
    auto inverse = at::empty_like(mean);
    withScalar(input.scalar_type(), [&](auto scalar) {
      using Scalar = decltype(scalar);
      forwardKernel(e, elements<Scalar>(input), elements<float>(weight),
                    elements<float>(bias), epsilon, static_cast<float>(slope),
                    output.data_ptr<Scalar>(), mean.data_ptr<float>(), inverse.data_ptr<float>());
    });
    context->save_for_backward({input, weight, bias, mean, inverse});
    context->saved_data["slope"] = slope;
    return output;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &input = saved[0], &weight = saved[1];
    const Extents e(input);
    const auto gradient = gradients[0].to(input.scalar_type()).contiguous(channelsLast(input));
    auto inputGradient = at::empty_like(input);
    std::vector<double> weightSums(e.channels), biasSums(e.channels);
    withScalar(input.scalar_type(), [&](auto scalar) {
      using Scalar = decltype(scalar);
      backwardKernel(e, elements<Scalar>(input), elements<Scalar>(gradient),
                     elements<float>(weight), elements<float>(saved[2]),
                     elements<float>(saved[3]), elements<float>(saved[4]),
                     static_cast<float>(context->saved_data["slope"].toDouble()),
                     inputGradient.template data_ptr<Scalar>(), weightSums.data(),
                     biasSums.data());
    });
    const auto asTensor = [&](std::vector<double> &sums) {
      return at::from_blob(sums.data(), {e.channels}, at::kDouble).to(at::kFloat);
    };
    return {inputGradient, asTensor(weightSums), asTensor(biasSums), at::Tensor(), at::Tensor()};
  }
};

/// Whether the kernels above can read these tensors.
bool canFuse(const at::Tensor &input, const at::Tensor &weight, const at::Tensor &bias) {
  const auto isPlain = [&](const at::Tensor &values) {
    return values.scalar_type() == at::kFloat && values.is_contiguous() && values.is_cpu() &&
           values.numel() == input.size(1);
  };
  return input.is_cpu() && (input.dim() == 4 || input.dim() == 5) && input.numel() > input.size(0) * input.size(1) &&
         (input.scalar_type() == at::kFloat || input.scalar_type() == at::kBFloat16) &&
         input.is_contiguous(channelsLast(input)) && isPlain(weight) && isPlain(bias);
}

}  // namespace

at::Tensor instanceNormLeakyReLU(const at::Tensor &input, const at::Tensor &weight,
                                 const at::Tensor &bias, double epsilon, double slope) {
  // Recorded operations must be libtorch's own.
  if (canFuse(input, weight, bias) && !at::tracer::impl::is_dispatch_enabled()) {
    return InstanceNormLeakyReLU::apply(input, weight, bias, epsilon, slope);
  }
  auto normalized = at::instance_norm(input, weight, bias, {}, {}, /*use_input_stats=*/true,
                                      /*momentum=*/0.1, epsilon, /*cudnn_enabled=*/true);
  return at::leaky_relu_(normalized, slope);
}

}  // namespace engine
