#include "Elements.h"
#include "Engine.h"

#include <ATen/TracerMode.h>

#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

namespace engine {

at::ScalarType scalarType(CTScalarType type) {
  switch (type) {
    case CT_UINT8: return at::kByte;
    case CT_INT32: return at::kInt;
    case CT_INT64: return at::kLong;
    case CT_FLOAT16: return at::kHalf;
    case CT_BFLOAT16: return at::kBFloat16;
    case CT_FLOAT32: return at::kFloat;
    case CT_FLOAT64: return at::kDouble;
    case CT_BOOL: return at::kBool;
    case CT_INT16: return at::kShort;
  }
  TORCH_CHECK(false, "unknown scalar type ", static_cast<int>(type));
}

CTScalarType scalarType(at::ScalarType type) {
  switch (type) {
    case at::kByte: return CT_UINT8;
    case at::kInt: return CT_INT32;
    case at::kLong: return CT_INT64;
    case at::kHalf: return CT_FLOAT16;
    case at::kBFloat16: return CT_BFLOAT16;
    case at::kFloat: return CT_FLOAT32;
    case at::kDouble: return CT_FLOAT64;
    case at::kBool: return CT_BOOL;
    case at::kShort: return CT_INT16;
    default: TORCH_CHECK(false, "scalar type ", type, " is not used here");
  }
}

c10::DeviceType deviceType(CTDeviceType type) {
  switch (type) {
    case CT_CPU: return at::kCPU;
    case CT_CUDA: return at::kCUDA;
    case CT_MPS: return at::kMPS;
  }
  TORCH_CHECK(false, "unknown device type ", static_cast<int>(type));
}

at::Device device(CTDevice device) {
  const auto type = deviceType(device.type);
  return type == at::kCPU ? at::Device(type)
                          : at::Device(type, static_cast<c10::DeviceIndex>(device.index));
}

namespace {

at::TensorOptions options(CTScalarType type, CTDevice target) {
  return at::TensorOptions().dtype(scalarType(type)).device(device(target));
}

const CTDevice host = {CT_CPU, 0};

}  // namespace

const CTTensorFunctions tensorFunctions = {
    .release =
        [](CTTensor *tensor) {
          delete tensor;
          --liveHandles;
        },
    .liveHandles = [] { return liveHandles; },
    .fill =
        [](CTInts shape, double value, CTScalarType type, CTDevice target, CTTensor **out,
           CTMessage *message) {
          return guarded(out, message,
                         [&] { return at::full(ints(shape), value, options(type, target)); });
        },
    .normal =
        [](CTInts shape, double mean, double deviation, uint64_t seed, CTTensor **out,
           CTMessage *message) {
          return guarded(out, message, [&] {
            auto generator = at::detail::createCPUGenerator(seed);
            return at::normal(mean, deviation, ints(shape), generator, options(CT_FLOAT32, host));
          });
        },
    .copyFromHost =
        [](const void *data, CTInts shape, CTScalarType type, CTDevice target, CTTensor **out,
           CTMessage *message) {
          return guarded(out, message, [&] {
            auto source =
                at::from_blob(const_cast<void *>(data), ints(shape), options(type, host));
            return source.to(device(target), source.scalar_type(), false, /*copy=*/true);
          });
        },
    .borrowHost =
        [](void *data, CTInts shape, CTScalarType type, void (*release)(void *), void *context,
           CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] {
            return at::from_blob(
                data, ints(shape), [release, context](void *) { release(context); },
                options(type, host));
          });
        },
    .rank = [](CTTensor *tensor) { return static_cast<int32_t>(tensor->value.dim()); },
    .shape =
        [](CTTensor *tensor, int64_t *extents) {
          for (const auto extent : tensor->value.sizes()) *extents++ = extent;
        },
    .scalarType =
        [](CTTensor *tensor, CTScalarType *type, CTMessage *message) {
          return guarded(message, [&] { *type = scalarType(tensor->value.scalar_type()); });
        },
    .device =
        [](CTTensor *tensor) {
          const auto device = tensor->value.device();
          const auto type = device.is_cuda() ? CT_CUDA : device.is_mps() ? CT_MPS : CT_CPU;
          return CTDevice{type, device.has_index() ? device.index() : 0};
        },
    .isSame =
        [](CTTensor *first, CTTensor *second) { return first->value.is_same(second->value); },
    .item =
        [](CTTensor *tensor, double *value, CTMessage *message) {
          return guarded(message, [&] { *value = tensor->value.item().toDouble(); });
        },
    .copyToHost =
        [](CTTensor *tensor, CTScalarType type, void *destination, int64_t bytes,
           CTMessage *message) {
          return guarded(message, [&] {
            const auto &value = tensor->value;
            TORCH_CHECK(static_cast<int64_t>(value.numel() * c10::elementSize(scalarType(type))) ==
                            bytes,
                        value.numel(), " elements do not fill ", bytes, " bytes");
            auto target = at::from_blob(destination, value.sizes(), options(type, host));
            c10::NoGradGuard unrecorded;
            target.copy_(value);
          });
        },
    .hostAddress = [](CTTensor *tensor) -> const void * {
      const auto &value = tensor->value;
      return value.device().is_cpu() && value.is_contiguous() ? value.const_data_ptr() : nullptr;
    },
    .convert =
        [](CTTensor *tensor, CTScalarType type, CTDevice target, CTTensor **out,
           CTMessage *message) {
          return guarded(out, message, [&] {
            return tensor->value.to(device(target), scalarType(type));
          });
        },
    .contiguous =
        [](CTTensor *tensor, CTMemoryFormat format, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] {
            const auto &value = tensor->value;
            // The order in memory says nothing about the network, and copies fix an extent.
            if (at::tracer::impl::is_dispatch_enabled()) return value;
            if (format == CT_CONTIGUOUS) return value.contiguous();
            const auto wanted = channelsLast(value);
            if (value.suggest_memory_format() == wanted) return value.contiguous(wanted);
            // With one channel, both orders look alike; only new strides show which one is meant.
            return at::empty(value.sizes(), value.options().memory_format(wanted)).copy_(value);
          });
        },
    .clone =
        [](CTTensor *tensor, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] { return tensor->value.clone(); });
        },
    .assign =
        [](CTTensor *tensor, CTTensor *source, CTMessage *message) {
          return guarded(message, [&] {
            c10::NoGradGuard unrecorded;
            tensor->value.copy_(source->value);
          });
        },
    .reshape =
        [](CTTensor *tensor, CTInts shape, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] { return tensor->value.reshape(ints(shape)); });
        },
    .permute =
        [](CTTensor *tensor, CTInts axes, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] { return tensor->value.permute(ints(axes)); });
        },
    .narrow =
        [](CTTensor *tensor, int64_t axis, int64_t start, int64_t length, CTTensor **out,
           CTMessage *message) {
          return guarded(out, message, [&] { return tensor->value.narrow(axis, start, length); });
        },
    .flip =
        [](CTTensor *tensor, CTInts axes, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] { return tensor->value.flip(ints(axes)); });
        },
    .concatenate =
        [](CTTensor *const *tensors, int32_t count, int64_t axis, CTTensor **out,
           CTMessage *message) {
          return guarded(out, message, [&] {
            std::vector<at::Tensor> values;
            for (int32_t i = 0; i < count; ++i) values.push_back(tensors[i]->value);
            return at::cat(values, axis);
          });
        },
};

}  // namespace engine
