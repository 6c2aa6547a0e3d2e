// libtorch's CUDA half, which the engine is not linked to: it is loaded if there is a driver.
#pragma once

#include "NCCLBackend.h"

namespace engine {

/// Loads libtorch_cuda once, if there is an NVIDIA driver. It registers itself with libtorch_cpu,
/// which must not have been asked for CUDA before.
void loadCUDA();

/// Why there is no CUDA after `loadCUDA`; null if it was loaded.
const char *cudaProblem();

/// The function that makes NCCL's backend, or null if this engine was built without NVIDIA's
/// headers.
///
/// @throws std::runtime_error if the part for NCCL exists, but cannot be loaded.
NCCLBackendEntry ncclBackendEntry();

}  // namespace engine
