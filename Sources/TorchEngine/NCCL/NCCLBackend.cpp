// Makes c10d's NCCL backend. Compiled into a separate library if NVIDIA's headers are available.
#define USE_C10D_NCCL
#include "NCCLBackend.h"

#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

extern "C" __attribute__((visibility("default"))) void nnunet_make_nccl_backend(
    engine::NCCLBackendRequest &request) {
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = request.timeout;
  request.backend = c10::make_intrusive<c10d::ProcessGroupNCCL>(request.store, request.rank,
                                                                request.count, options);
}
