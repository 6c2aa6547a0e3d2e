#include "Engine.h"

namespace engine {
namespace {

at::Tensor unary(CTUnary operation, const at::Tensor &tensor) {
  switch (operation) {
    case CT_NEGATE: return at::neg(tensor);
    case CT_ABSOLUTE: return at::abs(tensor);
    case CT_EXPONENTIAL: return at::exp(tensor);
    case CT_LOGARITHM: return at::log(tensor);
    case CT_SQUARE_ROOT: return at::sqrt(tensor);
    case CT_SIGMOID: return at::sigmoid(tensor);
  }
  TORCH_CHECK(false, "unknown operation ", static_cast<int>(operation));
}

at::Tensor larger(const at::Tensor &left, const at::Tensor &right) {
  return at::maximum(left, right);
}

at::Tensor larger(const at::Tensor &left, const at::Scalar &right) {
  return at::clamp_min(left, right);
}

/// `Right` is a tensor or a scalar; libtorch overloads the operations for both.
template <class Right>
at::Tensor binary(CTBinary operation, const at::Tensor &left, const Right &right) {
  switch (operation) {
    case CT_ADD: return at::add(left, right);
    case CT_SUBTRACT: return at::sub(left, right);
    case CT_MULTIPLY: return at::mul(left, right);
    case CT_DIVIDE: return at::div(left, right);
    case CT_EQUAL: return at::eq(left, right);
    case CT_MAXIMUM: return larger(left, right);
  }
  TORCH_CHECK(false, "unknown operation ", static_cast<int>(operation));
}

at::Tensor reduce(CTReduction operation, const at::Tensor &tensor, at::IntArrayRef axes,
                  bool keepAxes) {
  switch (operation) {
    case CT_SUM: return axes.empty() ? at::sum(tensor) : at::sum(tensor, axes, keepAxes);
    case CT_MEAN: return axes.empty() ? at::mean(tensor) : at::mean(tensor, axes, keepAxes);
  }
  TORCH_CHECK(false, "unknown operation ", static_cast<int>(operation));
}

}  // namespace

const CTMathFunctions mathFunctions = {
    .unary =
        [](CTUnary operation, CTTensor *tensor, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] { return unary(operation, tensor->value); });
        },
    .binary =
        [](CTBinary operation, CTTensor *left, CTTensor *right, CTTensor **out,
           CTMessage *message) {
          return guarded(out, message, [&] { return binary(operation, left->value, right->value); });
        },
    .binaryScalar =
        [](CTBinary operation, CTTensor *left, double right, CTTensor **out, CTMessage *message) {
          return guarded(out, message,
                         [&] { return binary(operation, left->value, at::Scalar(right)); });
        },
    .reduce =
        [](CTReduction operation, CTTensor *tensor, CTInts axes, bool keepAxes, CTTensor **out,
           CTMessage *message) {
          return guarded(out, message,
                         [&] { return reduce(operation, tensor->value, ints(axes), keepAxes); });
        },
    .argmax =
        [](CTTensor *tensor, int64_t axis, CTTensor **out, CTMessage *message) {
          return guarded(out, message, [&] { return at::argmax(tensor->value, axis); });
        },
    .oneHot =
        [](CTTensor *labels, int64_t classes, CTScalarType type, CTTensor **out,
           CTMessage *message) {
          return guarded(out, message, [&] {
            auto shape = labels->value.sizes().vec();
            shape.insert(shape.begin() + 1, classes);
            auto result =
                at::zeros(shape, labels->value.options().dtype(scalarType(type)));
            return result.scatter_(1, labels->value.unsqueeze(1), 1.0);
          });
        },
    .allFinite =
        [](CTTensor *tensor, bool *result, CTMessage *message) {
          return guarded(message,
                         [&] { *result = at::isfinite(tensor->value).all().item<bool>(); });
        },
    .addInPlace =
        [](CTTensor *tensor, CTTensor *other, double scale, CTMessage *message) {
          return guarded(message, [&] { tensor->value.add_(other->value, scale); });
        },
    .scaleInPlace =
        [](CTTensor *tensor, double factor, CTMessage *message) {
          return guarded(message, [&] { tensor->value.mul_(factor); });
        },
};

}  // namespace engine
