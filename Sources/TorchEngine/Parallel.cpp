#include "Parallel.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace engine {
namespace {

/// GNU's entry point of a parallel region; LLVM's and Intel's runtimes have it, too.
using Region = void (*)(void (*body)(void *), void *context, unsigned threads, unsigned flags);

/// The one of the runtime that libtorch itself uses, so that there is only one set of threads.
Region libtorchRegion() {
  Dl_info information;
  if (!dladdr(reinterpret_cast<const void *>(&at::get_num_threads), &information)) return nullptr;
  void *const library = dlopen(information.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (!library) return nullptr;
  const auto region = reinterpret_cast<Region>(dlsym(library, "GOMP_parallel"));
  dlclose(library);
  return region;
}

struct Loop {
  int64_t count;
  void (*body)(void *, int64_t);
  void *context;
  std::atomic<int64_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;

  void run() {
    try {
      for (int64_t index; (index = next.fetch_add(1, std::memory_order_relaxed)) < count;) body(context, index);
    } catch (...) {
      next = count;
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
  }
};

}  // namespace

void runInParallel(int64_t count, void (*body)(void *, int64_t), void *context) {
  static const Region region = libtorchRegion();
  const int64_t threads = std::min<int64_t>(at::get_num_threads(), count);
  Loop loop{count, body, context};
  if (threads <= 1 || at::in_parallel_region()) {
    loop.run();
  } else if (region) {
    region([](void *loop) { static_cast<Loop *>(loop)->run(); }, &loop, static_cast<unsigned>(threads), 0);
  } else {
    std::vector<std::thread> others;
    for (int64_t i = 1; i < threads; ++i) others.emplace_back([&] { loop.run(); });
    loop.run();
    for (auto &other : others) other.join();
  }
  if (loop.failure) std::rethrow_exception(loop.failure);
}

}  // namespace engine
