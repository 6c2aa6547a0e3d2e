// The elements of a tensor in memory, and their order.
#pragma once

#include <ATen/ATen.h>

namespace engine {

/// The elements, to read.
///
/// Not at::Tensor's template for this purpose: clang 18 and newer give it another symbol name than
/// the g++ that compiled libtorch, which exports it up to 2.12.
template <class Scalar>
const Scalar *elements(const at::Tensor &tensor) {
  return static_cast<const Scalar *>(tensor.const_data_ptr());
}

/// The memory format in which the channels of a voxel are neighbours, for a tensor of four or five
/// axes.
inline at::MemoryFormat channelsLast(const at::Tensor &tensor) {
  return tensor.dim() == 5 ? at::MemoryFormat::ChannelsLast3d : at::MemoryFormat::ChannelsLast;
}

}  // namespace engine
