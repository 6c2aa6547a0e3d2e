#include "DirectConvolution.h"

#include <ATen/TracerMode.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include "ConvolutionPasses.h"
#include "Elements.h"
#include "WinogradConvolution.h"

namespace engine {
namespace {

at::Tensor libtorchConvolution(const at::Tensor &input, const at::Tensor &weight,
                               const std::optional<at::Tensor> &bias, at::IntArrayRef stride,
                               at::IntArrayRef padding, bool isTransposed) {
  const std::vector<int64_t> dilation(stride.size(), 1), outputPadding(stride.size(), 0);
  // The per-rank functions are those that autocast knows.
  if (isTransposed) {
    return stride.size() == 2 ? at::conv_transpose2d(input, weight, bias, stride, padding,
                                                     outputPadding, 1, dilation)
                              : at::conv_transpose3d(input, weight, bias, stride, padding,
                                                     outputPadding, 1, dilation);
  }
  return stride.size() == 2 ? at::conv2d(input, weight, bias, stride, padding, dilation, 1)
                            : at::conv3d(input, weight, bias, stride, padding, dilation, 1);
}

/// The last three axes, of which the first may be missing.
Axes axes(at::IntArrayRef values, int64_t missing) {
  return values.size() == 2 ? Axes{missing, values[0], values[1]} : Axes{values[0], values[1], values[2]};
}

Image image(at::IntArrayRef shape) { return {shape[0], axes(shape.slice(2), 1), shape[1]}; }

std::vector<int64_t> outputShape(at::IntArrayRef input, at::IntArrayRef weight, at::IntArrayRef stride,
                                 at::IntArrayRef padding, bool isTransposed) {
  std::vector<int64_t> shape{input[0], weight[isTransposed ? 1 : 0]};
  for (size_t axis = 0; axis < stride.size(); ++axis) {
    const int64_t size = input[axis + 2], kernel = weight[axis + 2];
    shape.push_back(isTransposed ? (size - 1) * stride[axis] - 2 * padding[axis] + kernel
                                 : (size + 2 * padding[axis] - kernel) / stride[axis] + 1);
  }
  return shape;
}

/// Between the smaller, convolved image and the larger one; a transposed convolution computes the larger.
ConvolutionGeometry geometry(at::IntArrayRef larger, at::IntArrayRef smaller, at::IntArrayRef weight,
                             at::IntArrayRef stride, at::IntArrayRef padding) {
  return {image(larger), image(smaller), axes(weight.slice(2), 1), axes(stride, 1), axes(padding, 0)};
}

/// Whether outputs and gradients of inputs are also ours: on all processors where Winograd's
/// algorithm is faster, and where the kernel is 1×1×1, as the order of oneDNN's sums then depends
/// on the number of threads.
bool isForAllPasses(const ConvolutionGeometry &g) {
  return convolutionKernels()->areForAllPasses || g.taps() == 1 || isForWinograd(g);
}

/// The output, by the way chosen here.
at::Tensor output(const at::Tensor &input, const at::Tensor &weight, const std::optional<at::Tensor> &bias,
                  at::IntArrayRef stride, at::IntArrayRef padding, bool isTransposed) {
  const auto shape = outputShape(input.sizes(), weight.sizes(), stride, padding, isTransposed);
  const auto g = isTransposed ? geometry(shape, input.sizes(), weight.sizes(), stride, padding)
                              : geometry(input.sizes(), shape, weight.sizes(), stride, padding);
  if (!isForAllPasses(g)) return libtorchConvolution(input, weight, bias, stride, padding, isTransposed);
  const auto source = input.contiguous(channelsLast(input)), plain = weight.contiguous();
  const auto start = bias ? bias->contiguous() : at::Tensor();
  auto output = at::empty(shape, source.options().memory_format(channelsLast(source)));
  const float *startValues = start.defined() ? elements<float>(start) : nullptr;
  (isTransposed ? convolveAdjoint : convolve)(*convolutionKernels(), g, elements<float>(source),
                                              elements<float>(plain), startValues, output.data_ptr<float>());
  return output;
}

at::Tensor inputGradient(const ConvolutionGeometry &g, const at::Tensor &source, const at::Tensor &weight,
                         const at::Tensor &gradient, at::IntArrayRef stride, at::IntArrayRef padding,
                         bool isTransposed) {
  if (!isForAllPasses(g)) {
    const std::vector<int64_t> dilation(stride.size(), 1), outputPadding(stride.size(), 0);
    return std::get<0>(at::convolution_backward(gradient, source, weight, {}, stride, padding, dilation, isTransposed,
                                                outputPadding, 1, {true, false, false}));
  }
  auto result = at::empty_like(source);
  const auto plain = weight.contiguous();
  (isTransposed ? convolve : convolveAdjoint)(*convolutionKernels(), g, elements<float>(gradient),
                                              elements<float>(plain), nullptr, result.data_ptr<float>());
  return result;
}

struct DirectConvolution : torch::autograd::Function<DirectConvolution> {
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &input,
                            const at::Tensor &weight, const std::optional<at::Tensor> &bias,
                            std::vector<int64_t> stride, std::vector<int64_t> padding,
                            bool isTransposed) {
    const auto source = input.contiguous(channelsLast(input));
    const auto result = output(source, weight, bias, stride, padding, isTransposed);
    context->save_for_backward({source, weight});
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    context->saved_data["isTransposed"] = isTransposed;
    context->saved_data["hasBias"] = bias.has_value();
    return result;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &source = saved[0], &weight = saved[1];
    const auto stride = context->saved_data["stride"].toIntVector();
    const auto padding = context->saved_data["padding"].toIntVector();
    const bool isTransposed = context->saved_data["isTransposed"].toBool();
    const auto gradient = gradients[0].contiguous(channelsLast(source));
    const float *from = elements<float>(source), *to = elements<float>(gradient);
    const auto g = isTransposed
                       ? geometry(gradient.sizes(), source.sizes(), weight.sizes(), stride, padding)
                       : geometry(source.sizes(), gradient.sizes(), weight.sizes(), stride, padding);
    torch::autograd::variable_list results(6);
    if (context->needs_input_grad(0)) {
      results[0] = inputGradient(g, source, weight, gradient, stride, padding, isTransposed);
    }
    if (context->needs_input_grad(1)) {
      results[1] = at::empty(weight.sizes(), weight.options());
      sumWeightGradient(*convolutionKernels(), g, isTransposed ? to : from, isTransposed ? from : to,
                        results[1].data_ptr<float>());
    }
    if (context->saved_data["hasBias"].toBool() && context->needs_input_grad(2)) {
      results[2] = at::empty({gradient.size(1)}, weight.options());
      sumChannels(image(gradient.sizes()), to, results[2].data_ptr<float>());
    }
    return results;
  }
};

/// Whether the kernels can read these tensors.
bool isDirect(const at::Tensor &input, const at::Tensor &weight, const std::optional<at::Tensor> &bias,
              at::IntArrayRef stride, at::IntArrayRef padding, bool isTransposed) {
  const auto isFloats = [](const at::Tensor &values) {
    return values.is_cpu() && values.scalar_type() == at::kFloat && values.layout() == at::kStrided;
  };
  if (!convolutionKernels() || !isFloats(input) || !isFloats(weight) || (bias && !isFloats(*bias))) return false;
  // Recorded operations must be libtorch's own, and autocast needs another type.
  if (at::tracer::impl::is_dispatch_enabled() || at::autocast::is_autocast_enabled(at::kCPU)) return false;
  const int64_t rank = input.dim();
  if ((rank != 4 && rank != 5) || weight.dim() != rank || input.numel() == 0) return false;
  if (static_cast<int64_t>(stride.size()) != rank - 2 || stride.size() != padding.size()) return false;
  // libtorch reports what is wrong with shapes that do not match.
  if (input.size(1) != weight.size(isTransposed ? 0 : 1)) return false;
  if (bias && (bias->dim() != 1 || bias->size(0) != weight.size(isTransposed ? 1 : 0))) return false;
  for (int64_t axis = 0; axis < rank - 2; ++axis) {
    if (stride[axis] < 1 || padding[axis] < 0 || weight.size(axis + 2) < 1) return false;
  }
  for (const int64_t size : outputShape(input.sizes(), weight.sizes(), stride, padding, isTransposed)) {
    if (size < 1) return false;
  }
  return true;
}

}  // namespace

at::Tensor convolution(const at::Tensor &input, const at::Tensor &weight,
                       const std::optional<at::Tensor> &bias, at::IntArrayRef stride,
                       at::IntArrayRef padding, bool isTransposed) {
  if (!isDirect(input, weight, bias, stride, padding, isTransposed)) {
    return libtorchConvolution(input, weight, bias, stride, padding, isTransposed);
  }
  const bool isRecorded = at::GradMode::is_enabled() && (input.requires_grad() || weight.requires_grad() ||
                                                         (bias && bias->requires_grad()));
  if (!isRecorded) return output(input, weight, bias, stride, padding, isTransposed);
  return DirectConvolution::apply(input, weight, bias, stride.vec(), padding.vec(), isTransposed);
}

}  // namespace engine
