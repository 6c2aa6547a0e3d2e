// Convolutions of 32-bit floats on the CPU by kernels of our own, with gradients.
#pragma once

#include <ATen/ATen.h>

#include <optional>

namespace engine {

/// Convolves (b, c, spatial…) over two or three axes with (out, in, kernel…), or transposed with (in, out, kernel…).
///
/// Takes kernels of our own for 32-bit floats in the memory of a processor that has them; libtorch's otherwise.
at::Tensor convolution(const at::Tensor &input, const at::Tensor &weight,
                       const std::optional<at::Tensor> &bias, at::IntArrayRef stride,
                       at::IntArrayRef padding, bool isTransposed);

}  // namespace engine
