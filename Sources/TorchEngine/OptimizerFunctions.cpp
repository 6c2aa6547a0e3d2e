#include "Engine.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "Elements.h"
#include "Parallel.h"

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

/// The length of a gradient as a vector. libtorch's sum has another order for each number of threads.
at::Tensor length(const at::Tensor &gradient) {
  if (!gradient.is_cpu() || gradient.scalar_type() != at::kFloat || !gradient.is_non_overlapping_and_dense()) {
    return at::linalg_vector_norm(gradient);
  }
  constexpr int64_t together = 1 << 14;
  const float *values = elements<float>(gradient);
  std::vector<double> sums((gradient.numel() + together - 1) / together);
  parallelFor(gradient.numel(), together, [&](int64_t begin, int64_t end) {
    double sum = 0;
    for (int64_t i = begin; i < end; ++i) sum += static_cast<double>(values[i]) * values[i];
    sums[begin / together] = sum;
  });
  double total = 0;
  for (const double sum : sums) total += sum;
  return at::full({}, std::sqrt(total), gradient.options());
}

/// One parameter's step, in the order of operations of torch.optim.Adam.
void adamUpdate(at::Tensor &parameter, CTTensor **moments, const CTAdamOptions &options) {
  auto gradient = parameter.grad();
  if (options.weightDecay != 0) gradient = gradient.add(parameter, options.weightDecay);
  const int used = options.keepsLargest ? 3 : 2;
  for (int moment = 0; moment < used; ++moment) {
    if (!moments[moment]) moments[moment] = own(at::zeros_like(parameter));
  }
  auto &first = moments[0]->value;
  auto &second = moments[1]->value;
  first.lerp_(gradient, 1 - options.firstDecay);
  second.mul_(options.secondDecay).addcmul_(gradient, gradient, 1 - options.secondDecay);
  if (options.keepsLargest) at::maximum_out(moments[2]->value, moments[2]->value, second);
  const auto step = static_cast<double>(options.step);
  const auto firstCorrection = 1 - std::pow(options.firstDecay, step);
  const auto secondCorrection = std::sqrt(1 - std::pow(options.secondDecay, step));
  const auto &spread = options.keepsLargest ? moments[2]->value : second;
  const auto denominator = (spread.sqrt() / secondCorrection).add_(options.epsilon);
  parameter.addcdiv_(first, denominator, -options.learningRate / firstCorrection);
}

/// The factor of RAdam's step, and whether it is divided by the second moment.
std::pair<double, bool> rangerFactor(const CTRangerOptions &options) {
  const auto step = static_cast<double>(options.step);
  const auto secondPower = std::pow(options.secondDecay, step);
  const auto firstCorrection = 1 - std::pow(options.firstDecay, step);
  const auto longest = 2 / (1 - options.secondDecay) - 1;
  const auto length = longest - 2 * step * secondPower / (1 - secondPower);
  if (length <= options.threshold) return {1 / firstCorrection, false};
  const auto rectified = (1 - secondPower) * (length - 4) / (longest - 4) * (length - 2) / length *
                         longest / (longest - 2);
  return {std::sqrt(rectified) / firstCorrection, true};
}

/// One parameter's step, in the order of operations of nnU-Net v1's Ranger.
void rangerUpdate(at::Tensor &parameter, CTTensor **moments, const CTRangerOptions &options) {
  const auto gradient = parameter.grad();
  for (int moment = 0; moment < 2; ++moment) {
    if (!moments[moment]) moments[moment] = own(at::zeros_like(parameter));
  }
  if (!moments[2]) moments[2] = own(parameter.detach().clone());
  auto &first = moments[0]->value;
  auto &second = moments[1]->value;
  auto &slow = moments[2]->value;
  second.mul_(options.secondDecay).addcmul_(gradient, gradient, 1 - options.secondDecay);
  first.mul_(options.firstDecay).add_(gradient, 1 - options.firstDecay);
  if (options.weightDecay != 0) parameter.mul_(1 - options.weightDecay * options.learningRate);
  const auto [factor, isRectified] = rangerFactor(options);
  if (isRectified) {
    parameter.addcdiv_(first, second.sqrt().add_(options.epsilon), -factor * options.learningRate);
  } else {
    parameter.add_(first, -factor * options.learningRate);
  }
  if (options.step % options.slowInterval == 0) {
    slow.add_(parameter - slow, options.slowShare);
    parameter.copy_(slow);
  }
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
    .adamStep =
        [](CTTensor *const *parameters, CTTensor **moments, int32_t count, CTAdamOptions options,
           CTMessage *message) {
          return guarded(message, [&] {
            c10::NoGradGuard unrecorded;
            for (int32_t i = 0; i < count; ++i) {
              if (parameters[i]->value.grad().defined())
                adamUpdate(parameters[i]->value, moments + 3 * i, options);
            }
          });
        },
    .rangerStep =
        [](CTTensor *const *parameters, CTTensor **moments, int32_t count, CTRangerOptions options,
           CTMessage *message) {
          return guarded(message, [&] {
            c10::NoGradGuard unrecorded;
            for (int32_t i = 0; i < count; ++i) {
              if (parameters[i]->value.grad().defined())
                rangerUpdate(parameters[i]->value, moments + 3 * i, options);
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
            for (const auto &gradient : all) norms.push_back(length(gradient));
            const auto total = at::linalg_vector_norm(at::stack(norms));
            *norm = total.item().toDouble();
            // Like torch.nn.utils.clip_grad_norm_: a factor of 1 is also applied, and a NaN
            // spreads.
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
