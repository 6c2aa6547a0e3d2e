#include "CUDALibrary.h"

#include <dlfcn.h>
#include <unistd.h>

#include <mutex>
#include <stdexcept>
#include <string>

namespace engine {
namespace {

std::once_flag loading;
std::string problem;

/// The path of a file next to the library of this function.
std::string besideEngine(const char *file) {
  Dl_info information;
  if (!dladdr(reinterpret_cast<const void *>(&loadCUDA), &information)) return file;
  const std::string path = information.dli_fname;
  return path.substr(0, path.rfind('/') + 1) + file;
}

std::string lastError() {
  const char *text = dlerror();
  return text ? text : "unknown reason";
}

void load() {
#ifdef __linux__
  // The driver's library. Without it, libtorch_cuda could also be loaded, but would only cost
  // memory.
  if (!dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL)) {
    problem = "this machine has no NVIDIA driver";
    return;
  }
  // Found along the engine's run path, where libtorch_cpu was found.
  if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_LOCAL)) return;
  const auto error = lastError();
  problem = error.rfind("libtorch_cuda.so: cannot open", 0) == 0
                ? "this libtorch has no CUDA"
                : "libtorch's CUDA library cannot be loaded: " + error;
#else
  problem = "this system has no CUDA";
#endif
}

}  // namespace

void loadCUDA() { std::call_once(loading, load); }

const char *cudaProblem() {
  loadCUDA();
  return problem.empty() ? nullptr : problem.c_str();
}

NCCLBackendEntry ncclBackendEntry() {
  const auto path = besideEngine(ncclBackendFile);
  if (access(path.c_str(), F_OK) != 0) return nullptr;
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void *entry = library ? dlsym(library, ncclBackendSymbol) : nullptr;
  if (!entry) throw std::runtime_error("NCCL cannot be used: " + lastError());
  return reinterpret_cast<NCCLBackendEntry>(entry);
}

}  // namespace engine
