#include "Engine.h"

#include <c10/core/GradMode.h>

namespace engine {
namespace {

/// The gradients that exist, in the order of the parameters.
std::vector<at::Tensor> gradients(CTTensor *const *parameters, int32_t count) {
  std::vector<at::Tensor> result;
  for (int32_t i = 0; i < count; ++i) {
    const auto &gradient = parameters[i]->value.grad();
    if (gradient.defined()) result.push_back(gradient);
  }
  return result;
}

}  // namespace

const CTOptimizerFunctions optimizerFunctions = {
    .sgdStep =
        [](CTTensor *const *parameters, CTTensor **buffers, int32_t count, CTSGDOptions options,
           CTMessage *message) {
          return guarded(message, [&] {
            c10::NoGradGuard unrecorded;
            for (int32_t i = 0; i < count; ++i) {
              auto &parameter = parameters[i]->value;
              auto gradient = parameter.grad();
              if (!gradient.defined()) continue;
              if (options.weightDecay != 0) gradient = gradient.add(parameter, options.weightDecay);
              if (options.momentum != 0) {
                if (buffers[i]) {
                  buffers[i]->value.mul_(options.momentum).add_(gradient);
                } else {
                  buffers[i] = own(gradient.clone());
                }
                gradient = options.nesterov ? gradient.add(buffers[i]->value, options.momentum)
                                            : buffers[i]->value;
              }
              parameter.add_(gradient, -options.learningRate);
            }
          });
        },
    .clipGradients =
        [](CTTensor *const *parameters, int32_t count, double limit, double *norm,
           CTMessage *message) {
          return guarded(message, [&] {
            c10::NoGradGuard unrecorded;
            const auto all = gradients(parameters, count);
            *norm = 0;
            if (all.empty()) return;
            std::vector<at::Tensor> norms;
            for (const auto &gradient : all) norms.push_back(at::linalg_vector_norm(gradient));
            const auto total = at::linalg_vector_norm(at::stack(norms));
            *norm = total.item().toDouble();
            // As torch.nn.utils.clip_grad_norm_: a factor of 1 is applied too, a NaN spreads.
            const auto factor = at::clamp_max(limit / (total + 1e-6), 1.0);
            for (const auto &gradient : all) gradient.mul_(factor);
          });
        },
    .scaleGradients =
        [](CTTensor *const *parameters, int32_t count, double factor, bool *allFinite,
           CTMessage *message) {
          return guarded(message, [&] {
            c10::NoGradGuard unrecorded;
            *allFinite = true;
            for (const auto &gradient : gradients(parameters, count)) {
              if (factor != 1) gradient.mul_(factor);
              *allFinite = *allFinite && at::isfinite(gradient).all().item<bool>();
            }
          });
        },
};

}  // namespace engine
