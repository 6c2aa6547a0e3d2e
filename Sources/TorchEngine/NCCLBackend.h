// The interface between the engine and its part for NCCL, which is a separate library: it needs
// libtorch_cuda, and the engine must load without it.
#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include <chrono>

namespace engine {

struct NCCLBackendRequest {
  c10::intrusive_ptr<c10d::Store> store;
  int rank, count;
  std::chrono::milliseconds timeout;
  /// The answer.
  c10::intrusive_ptr<c10d::Backend> backend;
};

/// The type of the part's only export; throws what c10d throws.
using NCCLBackendEntry = void (*)(NCCLBackendRequest &request);
constexpr const char *ncclBackendSymbol = "nnunet_make_nccl_backend";
constexpr const char *ncclBackendFile = "libNNUNetTorchNCCL.so";

}  // namespace engine
