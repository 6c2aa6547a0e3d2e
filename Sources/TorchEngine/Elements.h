// The elements of a tensor in memory, and their order.
#pragma once

#include <ATen/ATen.h>

namespace engine {

/// The elements, to read.
///
/// Not at::Tensor's template of this purpose: clang 18 and newer call it by another name than the g++ that compiled
/// libtorch, which has it as a symbol up to 2.12.
template <class Scalar>
const Scalar *elements(const at::Tensor &tensor) {
  return static_cast<const Scalar *>(tensor.const_data_ptr());
}

/// The order in which the channels of a voxel are neighbours, for a tensor of four or five axes.
inline at::MemoryFormat channelsLast(const at::Tensor &tensor) {
  return tensor.dim() == 5 ? at::MemoryFormat::ChannelsLast3d : at::MemoryFormat::ChannelsLast;
}

}  // namespace engine
