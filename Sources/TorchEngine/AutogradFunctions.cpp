#include "Engine.h"

#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>

namespace engine {

const CTAutogradFunctions autogradFunctions = {
    .setRequiresGradient =
        [](CTTensor *tensor, bool required, CTMessage *message) {
          return guarded(message, [&] { tensor->value.set_requires_grad(required); });
        },
    .requiresGradient = [](CTTensor *tensor) { return tensor->value.requires_grad(); },
    .detach =
        [](CTTensor *tensor, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] { return tensor->value.detach(); });
        },
    .backward =
        [](CTTensor *tensor, CTMessage *message) {
          return guarded(message, [&] { tensor->value.backward(); });
        },
    .backwardFrom =
        [](CTTensor *tensor, CTTensor *gradient, CTMessage *message) {
          return guarded(message, [&] { tensor->value.backward(gradient->value); });
        },
    .gradient =
        [](CTTensor *tensor, CTTensor **out, CTMessage *message) {
          *out = nullptr;
          return guarded(message, [&] {
            const auto &gradient = tensor->value.grad();
            if (gradient.defined()) *out = own(gradient);
          });
        },
    .clearGradient =
        [](CTTensor *tensor, CTMessage *message) {
          return guarded(message, [&] { tensor->value.mutable_grad().reset(); });
        },
    .setRecording =
        [](bool enabled) {
          const bool before = c10::GradMode::is_enabled();
          c10::GradMode::set_enabled(enabled);
          return before;
        },
    .setAutocast =
        [](CTDeviceType device, bool enabled, CTScalarType type) {
          const auto target = deviceType(device);
          const bool before = at::autocast::is_autocast_enabled(target);
          at::autocast::set_autocast_enabled(target, enabled);
          if (type == CT_FLOAT32) return before;
          if (enabled) at::autocast::set_autocast_dtype(target, scalarType(type));
          if (!enabled) at::autocast::clear_cache();
          return before;
        },
};

}  // namespace engine
