// The three passes of a convolution over voxels in memory, in 32-bit floats.
#pragma once

#include <array>
#include <cstdint>

#include "ConvolutionKernels.h"

namespace engine {

/// Three axes; a 2D convolution has one voxel along the first.
using Axes = std::array<int64_t, 3>;

/// A batch of images with their channels last: (samples, size…, channels), without gaps.
struct Image {
  int64_t samples;
  Axes size;
  int64_t channels;
};

/// A convolution from `input` to `output`: output[o] = sum over k of input[o * stride - padding + k] * weight[k].
struct ConvolutionGeometry {
  Image input, output;
  Axes kernel, stride, padding;

  int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
};

/// The output of a convolution.
///
/// - weight: (output channels, input channels, kernel…), without gaps; bias: (output channels), or null.
void convolve(const ConvolutionKernels &kernels, const ConvolutionGeometry &geometry,
              const float *input, const float *weight, const float *bias, float *output);

/// The adjoint: the gradient of the input from that of the output, which is also a transposed
/// convolution.
///
/// - bias: (input channels), or null.
void convolveAdjoint(const ConvolutionKernels &kernels, const ConvolutionGeometry &geometry,
                     const float *output, const float *weight, const float *bias, float *input);

/// The gradient of the weight, in the weight's order, from input and gradient of the output.
void sumWeightGradient(const ConvolutionKernels &kernels, const ConvolutionGeometry &geometry,
                       const float *input, const float *output, float *weight);

/// The sum of each channel over all voxels.
void sumChannels(const Image &image, const float *values, float *sums);

}  // namespace engine
