#include "CUDALibrary.h"
#include "Engine.h"

#ifdef __linux__
#include <malloc.h>
#endif

#include <dlfcn.h>

#include <climits>
#include <string>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/detail/MPSHooksInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/inductor/aoti_torch/c/shim.h>

namespace engine {

// glibc returns large freed blocks to the system and gets them again page by page, each with a
// fault and a page to clear. A training step allocates and frees the same blocks over and over,
// which costs a fifth of its time.
static void keepFreedMemory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

// The library's version, not that of the headers: a package's engine serves all patch versions of a
// minor version.
static const char *libraryVersion() {
  static const std::string text = [] {
    const uint64_t version = aoti_torch_abi_version();
    const auto part = [&](int shift) { return std::to_string(version >> shift & 0xff); };
    return part(56) + "." + part(48) + "." + part(40);
  }();
  return text.c_str();
}

static const char *libraryPath() {
  Dl_info information;
  if (!dladdr(reinterpret_cast<const void *>(&aoti_torch_abi_version), &information)) return nullptr;
  return information.dli_fname;
}

const CTDeviceFunctions deviceFunctions = {
    .libraryVersion = libraryVersion,
    .libraryPath = libraryPath,
    .count =
        [](CTDeviceType type) -> int32_t {
          switch (type) {
            case CT_CPU: return 1;
            case CT_CUDA:
              return at::hasCUDA() ? static_cast<int32_t>(at::detail::getCUDAHooks().deviceCount())
                                   : 0;
            case CT_MPS: return at::hasMPS() ? 1 : 0;
          }
          return 0;
        },
    .cudaProblem = cudaProblem,
    .synchronize =
        [](CTDevice target, CTMessage *message) {
          return guarded(message, [&] {
            if (target.type == CT_CPU) return;
            if (target.type == CT_MPS) return at::detail::getMPSHooks().deviceSynchronize();
            const auto where = device(target);
            c10::impl::VirtualGuardImpl(where.type()).synchronizeDevice(where.index());
          });
        },
    .setThreads = [](int32_t threads) { at::set_num_threads(threads); },
    .threads = [] { return static_cast<int32_t>(at::get_num_threads()); },
    .keepFreedMemory = keepFreedMemory,
    .seed =
        [](uint64_t seed, CTMessage *message) {
          return guarded(message, [&] { at::manual_seed(seed); });
        },
    .setDeterministic =
        [](bool enabled, CTMessage *message) {
          return guarded(message, [&] {
            at::globalContext().setDeterministicAlgorithms(enabled, /*warn_only=*/false);
            at::globalContext().setDeterministicCuDNN(enabled);
            at::globalContext().setBenchmarkCuDNN(!enabled);
          });
        },
};

}  // namespace engine
