// Arithmetic, reductions and selection.
#ifndef CT_MATH_H
#define CT_MATH_H

#include "CTTensor.h"

typedef enum CTUnary {
  CT_NEGATE,
  CT_ABSOLUTE,
  CT_EXPONENTIAL,
  CT_LOGARITHM,
  CT_SQUARE_ROOT,
  CT_SIGMOID,
} CTUnary;

typedef enum CTBinary {
  CT_ADD,
  CT_SUBTRACT,
  CT_MULTIPLY,
  CT_DIVIDE,
  CT_EQUAL,
  CT_MAXIMUM,
} CTBinary;

typedef enum CTReduction {
  CT_SUM,
  CT_MEAN,
} CTReduction;

typedef struct CTMathFunctions {
  CTStatus (*_Nonnull unary)(CTUnary operation, CTTensorRef tensor, CTTensorOut out,
                             CTMessage *_Nonnull message);
  /// Shapes are broadcast as in numpy.
  CTStatus (*_Nonnull binary)(CTBinary operation, CTTensorRef left, CTTensorRef right,
                              CTTensorOut out, CTMessage *_Nonnull message);
  CTStatus (*_Nonnull binaryScalar)(CTBinary operation, CTTensorRef left, double right,
                                    CTTensorOut out, CTMessage *_Nonnull message);
  /// Reduces the given axes, or all if there are none.
  CTStatus (*_Nonnull reduce)(CTReduction operation, CTTensorRef tensor, CTInts axes, bool keepAxes,
                              CTTensorOut out, CTMessage *_Nonnull message);
  /// The index of the largest element along an axis, int64; the first one wins.
  CTStatus (*_Nonnull argmax)(CTTensorRef tensor, int64_t axis, CTTensorOut out,
                              CTMessage *_Nonnull message);
  /// Adds an axis 1 of `classes` zeros and ones to an int64 tensor (b, spatial…).
  CTStatus (*_Nonnull oneHot)(CTTensorRef labels, int64_t classes, CTScalarType type,
                              CTTensorOut out, CTMessage *_Nonnull message);
  CTStatus (*_Nonnull allFinite)(CTTensorRef tensor, bool *_Nonnull result,
                                 CTMessage *_Nonnull message);
  /// tensor += other * scale, in place.
  CTStatus (*_Nonnull addInPlace)(CTTensorRef tensor, CTTensorRef other, double scale,
                                  CTMessage *_Nonnull message);
  /// tensor *= factor, in place.
  CTStatus (*_Nonnull scaleInPlace)(CTTensorRef tensor, double factor,
                                    CTMessage *_Nonnull message);
} CTMathFunctions;

#endif
