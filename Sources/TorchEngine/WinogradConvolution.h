// Convolutions of 3×3 voxels with fewer multiplications, in 32-bit floats.
#pragma once

#include "ConvolutionPasses.h"

namespace engine {

/// Whether the three functions below apply to a convolution and are worth their additions.
///
/// The answer depends only on shapes: the results of a training must not depend on the load of the
/// machine.
bool isForWinograd(const ConvolutionGeometry &geometry);

/// Like `convolve` and its neighbours, for a geometry with `isForWinograd`.
void convolveByWinograd(const ConvolutionKernels &kernels, const ConvolutionGeometry &geometry,
                        const float *input, const float *weight, const float *bias, float *output);

void convolveAdjointByWinograd(const ConvolutionKernels &kernels, const ConvolutionGeometry &geometry,
                               const float *output, const float *weight, const float *bias, float *input);

void sumWeightGradientByWinograd(const ConvolutionKernels &kernels, const ConvolutionGeometry &geometry,
                                 const float *input, const float *output, float *weight);

}  // namespace engine
