// The bodies of the kernels, included by ConvolutionKernels.cpp once for each width of registers with
//   KERNEL            the attribute that lets a function use them
//   Vector, LANES     a register and the floats in it
//   ALL_PASSES        whether they are for all passes
//   ROWS              rows or columns whose sums fit the registers, two registers each
//   LOAD, STORE       from and to any address
//   BROADCAST         one float, in all lanes
//   MULTIPLY_ADD      a * b + c, rounded once
// No include guard: it is meant to be included several times.
//
// Loops over rows are unrolled by hand-written pragmas: before it unrolls, g++ would keep the sums in memory.

constexpr int64_t block = 2 * LANES;

template <int Rows>
KERNEL void gather(const float *const *sources, int64_t taps, int64_t channels,
                   const float *weights, const float *start, float *out, int64_t outStride) {
  Vector sums[Rows][2];
#pragma GCC unroll 12
  for (int row = 0; row < Rows; ++row) {
    const float *from = start ? start : out + row * outStride;
    sums[row][0] = LOAD(from);
    sums[row][1] = LOAD(from + LANES);
  }
  for (int64_t tap = 0; tap < taps; ++tap, sources += ConvolutionKernels::mostRows) {
    const float *source[Rows];
#pragma GCC unroll 12
    for (int row = 0; row < Rows; ++row) source[row] = sources[row];
    for (int64_t channel = 0; channel < channels; ++channel, weights += block) {
      const Vector first = LOAD(weights), second = LOAD(weights + LANES);
#pragma GCC unroll 12
      for (int row = 0; row < Rows; ++row) {
        const Vector value = BROADCAST(source[row] + channel);
        sums[row][0] = MULTIPLY_ADD(value, first, sums[row][0]);
        sums[row][1] = MULTIPLY_ADD(value, second, sums[row][1]);
      }
    }
  }
#pragma GCC unroll 12
  for (int row = 0; row < Rows; ++row) {
    STORE(out + row * outStride, sums[row][0]);
    STORE(out + row * outStride + LANES, sums[row][1]);
  }
}

template <int Columns>
KERNEL void sum(const float *x, int64_t xRow, int64_t xLine, const float *y, int64_t yRow,
                int64_t yLine, int64_t rows, int64_t lines, float *out) {
  Vector sums[Columns][2];
#pragma GCC unroll 12
  for (int column = 0; column < Columns; ++column) {
    sums[column][0] = LOAD(out + column * block);
    sums[column][1] = LOAD(out + column * block + LANES);
  }
  for (int64_t line = 0; line < lines; ++line, x += xLine, y += yLine) {
    const float *left = x, *right = y;
    for (int64_t row = 0; row < rows; ++row, left += xRow, right += yRow) {
      const Vector first = LOAD(right), second = LOAD(right + LANES);
#pragma GCC unroll 12
      for (int column = 0; column < Columns; ++column) {
        const Vector value = BROADCAST(left + column);
        sums[column][0] = MULTIPLY_ADD(value, first, sums[column][0]);
        sums[column][1] = MULTIPLY_ADD(value, second, sums[column][1]);
      }
    }
  }
#pragma GCC unroll 12
  for (int column = 0; column < Columns; ++column) {
    STORE(out + column * block, sums[column][0]);
    STORE(out + column * block + LANES, sums[column][1]);
  }
}

template <size_t... Index>
constexpr ConvolutionKernels table(std::index_sequence<Index...>) {
  return {ALL_PASSES, block, ROWS, {gather<Index + 1>...}, {sum<Index + 1>...}};
}

constexpr ConvolutionKernels kernels = table(std::make_index_sequence<ROWS>());
