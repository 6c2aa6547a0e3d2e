// What the files of the engine share: the handle, its counter, and the translation of exceptions.
#pragma once

#include <ATen/ATen.h>
#include <c10/util/Exception.h>

#include <cstring>
#include <new>
#include <string_view>

extern "C" {
#include "CTorch.h"
}

struct CTTensor {
  at::Tensor value;
};

namespace engine {

/// The number of handles that this thread made minus those that it released.
extern thread_local int64_t liveHandles;

/// Passes a tensor to the caller.
inline CTTensor *own(at::Tensor tensor) {
  auto *handle = new CTTensor{std::move(tensor)};
  ++liveHandles;
  return handle;
}

inline CTStatus fail(CTStatus status, CTMessage *message, std::string_view what) {
  // libtorch appends a C++ backtrace that says nothing to users.
  what = what.substr(0, what.find("\nException raised from"));
  const size_t length = std::min(what.size(), sizeof(message->text) - 1);
  std::memcpy(message->text, what.data(), length);
  message->text[length] = 0;
  return status;
}

/// Whether the host allocator refused: libtorch has no exception type for that.
inline bool isHostMemory(std::string_view what) {
  return what.find("DefaultCPUAllocator") != what.npos || what.find("can't allocate memory") != what.npos;
}

/// Runs `body` and turns any exception into a status and a message.
template <class Body>
CTStatus guarded(CTMessage *message, Body &&body) noexcept {
  try {
    body();
    return CT_OK;
  } catch (const c10::OutOfMemoryError &error) {
    return fail(CT_OUT_OF_MEMORY, message, error.what_without_backtrace());
  } catch (const c10::NotImplementedError &error) {
    return fail(CT_NOT_AVAILABLE, message, error.what_without_backtrace());
  } catch (const c10::Error &error) {
    const std::string_view what = error.what_without_backtrace();
    return fail(isHostMemory(what) ? CT_OUT_OF_MEMORY : CT_INVALID_ARGUMENT, message, what);
  } catch (const std::bad_alloc &) {
    return fail(CT_OUT_OF_MEMORY, message, "out of host memory");
  } catch (const std::exception &error) {
    const std::string_view what = error.what();
    return fail(isHostMemory(what) ? CT_OUT_OF_MEMORY : CT_FAILED, message, what);
  } catch (...) {
    return fail(CT_FAILED, message, "unknown exception");
  }
}

/// Runs `body` and passes the returned tensor to the caller.
template <class Body>
CTStatus guarded(CTTensor **out, CTMessage *message, Body &&body) noexcept {
  *out = nullptr;
  return guarded(message, [&] { *out = own(body()); });
}

inline at::IntArrayRef ints(CTInts list) { return {list.values, static_cast<size_t>(list.count)}; }

at::ScalarType scalarType(CTScalarType type);
CTScalarType scalarType(at::ScalarType type);
at::Device device(CTDevice device);
c10::DeviceType deviceType(CTDeviceType type);

extern const CTTensorFunctions tensorFunctions;
extern const CTMathFunctions mathFunctions;
extern const CTNetworkFunctions networkFunctions;
extern const CTAutogradFunctions autogradFunctions;
extern const CTOptimizerFunctions optimizerFunctions;
extern const CTDeviceFunctions deviceFunctions;
extern const CTLossFunctions lossFunctions;
extern const CTScriptFunctions scriptFunctions;
extern const CTCollectiveFunctions collectiveFunctions;

}  // namespace engine
