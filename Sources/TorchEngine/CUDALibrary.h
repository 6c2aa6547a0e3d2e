// libtorch's CUDA half, which the engine is not linked to: it is loaded where there is a driver.
#pragma once

#include "NCCLBackend.h"

namespace engine {

/// Loads libtorch_cuda where there is an NVIDIA driver, once. It registers itself with libtorch_cpu,
/// which must not have been asked for CUDA before.
void loadCUDA();

/// Why there is no CUDA after `loadCUDA`; null if it was loaded.
const char *cudaProblem();

/// What makes NCCL's backend, or null where this engine was built without NVIDIA's headers.
///
/// @throws std::runtime_error if the part for NCCL is there but cannot be loaded.
NCCLBackendEntry ncclBackendEntry();

}  // namespace engine
