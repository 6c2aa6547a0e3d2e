#include "DirectConvolution.h"
#include "Engine.h"
#include "FusedNormalization.h"

#include <c10/core/GradMode.h>

namespace engine {

const CTNetworkFunctions networkFunctions = {
    .convolution =
        [](CTTensor *input, CTTensor *weight, CTTensor *bias, CTInts stride, CTInts padding,
           bool transposed, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] {
            const auto biasValue =
                bias ? std::optional<at::Tensor>(bias->value) : std::optional<at::Tensor>();
            return convolution(input->value, weight->value, biasValue, ints(stride), ints(padding),
                               transposed);
          });
        },
    .instanceNorm =
        [](CTTensor *input, CTTensor *weight, CTTensor *bias, double epsilon, CTTensor **out,
           CTMessage *message) {
          return guarded(out, message, [&] {
            return at::instance_norm(input->value, weight->value, bias->value, {}, {},
                                     /*use_input_stats=*/true, /*momentum=*/0.1, epsilon,
                                     /*cudnn_enabled=*/true);
          });
        },
    .groupNorm =
        [](CTTensor *input, int64_t groups, CTTensor *weight, CTTensor *bias, double epsilon,
           CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] {
            return at::group_norm(input->value, groups, weight->value, bias->value, epsilon);
          });
        },
    .instanceNormLeakyReLU =
        [](CTTensor *input, CTTensor *weight, CTTensor *bias, double epsilon, double slope,
           CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] {
            return instanceNormLeakyReLU(input->value, weight->value, bias->value, epsilon, slope);
          });
        },
    .batchNorm =
        [](CTTensor *input, CTTensor *weight, CTTensor *bias, CTTensor *mean, CTTensor *variance,
           CTTensor *steps, double momentum, double epsilon, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] {
            const bool training = c10::GradMode::is_enabled();
            if (training) {
              c10::NoGradGuard unrecorded;
              steps->value.add_(1);
            }
            return at::batch_norm(input->value, weight->value, bias->value, mean->value,
                                  variance->value, training, momentum, epsilon,
                                  /*cudnn_enabled=*/true);
          });
        },
    .gelu =
        [](CTTensor *input, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] { return at::gelu(input->value); });
        },
    .mish =
        [](CTTensor *input, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] { return at::mish(input->value); });
        },
    .averagePool =
        [](CTTensor *input, CTInts stride, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] {
            return stride.count == 2 ? at::avg_pool2d(input->value, ints(stride), ints(stride))
                                     : at::avg_pool3d(input->value, ints(stride), ints(stride));
          });
        },
    .leakyReLU =
        [](CTTensor *input, double slope, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] { return at::leaky_relu(input->value, slope); });
        },
    .leakyReLUInPlace =
        [](CTTensor *input, double slope, CTMessage *message) {
          return guarded(message, [&] { at::leaky_relu_(input->value, slope); });
        },
    .softmax =
        [](CTTensor *input, int64_t axis, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] { return at::softmax(input->value, axis); });
        },
    .crossEntropy =
        [](CTTensor *logits, CTTensor *labels, CTTensor **out, CTMessage *message) {
          return guarded(out, message,
                         [&] { return at::cross_entropy_loss(logits->value, labels->value); });
        },
    .pad =
        [](CTTensor *input, CTInts amounts, double value, CTTensor **out, CTMessage *message) {
          return guarded(out, message,
                         [&] { return at::constant_pad_nd(input->value, ints(amounts), value); });
        },
};

}  // namespace engine
