// Convolutions of 32-bit floats on the CPU with our own kernels and with gradients.
#pragma once

#include <ATen/ATen.h>

#include <optional>

namespace engine {

/// Convolves (b, c, spatial…) over two or three axes with (out, in, kernel…), or transposed with (in, out, kernel…).
///
/// Uses our own kernels for 32-bit floats in the memory of a processor that has them, otherwise
/// libtorch's.
at::Tensor convolution(const at::Tensor &input, const at::Tensor &weight,
                       const std::optional<at::Tensor> &bias, at::IntArrayRef stride,
                       at::IntArrayRef padding, bool isTransposed);

}  // namespace engine
