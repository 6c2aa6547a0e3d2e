// The innermost loops of convolutions in 32-bit floats, for the processor that runs the program.
#pragma once

#include <cstdint>

namespace engine {

/// Kernels that share the width of a register.
///
/// Each output is one chain of fused multiplications and additions in the order of taps and channels, so that all
/// kernels give the same bits.
struct ConvolutionKernels {
  /// The largest number of sources in one call of `gather` or `sum`.
  static constexpr int64_t mostRows = 12;
  /// The largest number of output channels of a block.
  static constexpr int64_t mostChannels = 32;

  /// Whether outputs and gradients of inputs are also computed with them, not only the gradient of
  /// the weights: oneDNN's code for AVX-512 is faster in those passes.
  bool areForAllPasses;
  /// Output channels of a block.
  int64_t blockChannels;
  /// The largest number of rows, or columns, of a call: as many as fit into the registers.
  int64_t rows;

  /// out[row][block] = start + sum over taps and channels of source[tap][row][channel] * weights[tap][channel][block].
  ///
  /// - `sources`: `taps` groups of `mostRows` pointers, of which `rows` are read.
  /// - `weights`: (taps, channels, block), aligned to 64 bytes.
  /// - `out`: rows of a block, `outStride` apart.
  /// - `start`: a block that each row begins with; null to continue with the values in `out`.
  using Gather = void (*)(const float *const *sources, int64_t taps, int64_t channels,
                          const float *weights, const float *start, float *out, int64_t outStride);
  /// By the number of rows minus one.
  Gather gather[mostRows];

  /// out[column][block] += sum over lines and rows of x[line][row][column] * y[line][row][block].
  ///
  /// `out` is aligned to 64 bytes.
  using Sum = void (*)(const float *x, int64_t xRow, int64_t xLine, const float *y, int64_t yRow,
                       int64_t yLine, int64_t rows, int64_t lines, float *out);
  /// By the number of columns minus one.
  Sum sum[mostRows];

  /// Winograd's F(2x2, 3x3) of one tile: the 4 x 4 voxels that 2 x 2 outputs see, as its 16 points.
  ///
  /// - `voxels`: 16 pointers, in the order of lines.
  /// - `channels`: a multiple of 16.
  /// - `out`: the channels of each point, `pointStride` apart.
  using Spread = void (*)(const float *const *voxels, int64_t channels, float *out, int64_t pointStride);
  Spread spread;
  /// The adjoint of `collect`: 4 voxels of the gradient of the output as 16 points.
  Spread spreadOutputs;
  /// The 2 x 2 outputs of a tile, a block of channels each: start + the transformation of its 16
  /// products.
  using Collect = void (*)(const float *points, int64_t pointStride, const float *start, float *const *out);
  Collect collect;
};

/// The kernels for this processor; null if it has no fused multiplication and addition, or if there
/// are no kernels for it. `NNUNET_CPU=avx2` in the environment disables wider registers.
const ConvolutionKernels *convolutionKernels();

}  // namespace engine
