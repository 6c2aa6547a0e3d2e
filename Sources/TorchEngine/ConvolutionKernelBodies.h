// The bodies of the kernels, included by ConvolutionKernels.cpp once for each width of registers with
//   KERNEL            the attribute that lets a function use them
//   Vector, LANES     a register and the floats in it
//   ALL_PASSES        whether they are for all passes
//   ROWS              rows or columns whose sums fit the registers, two registers each
//   LOAD, STORE       from and to any address
//   BROADCAST         one float, in all lanes
//   MULTIPLY_ADD      a * b + c, rounded once
//   ADD, SUBTRACT     a + b and a - b
//   ZERO              all lanes zero
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

/// One axis of `spread`: the transformation of the four voxels that two outputs see.
KERNEL inline void spreadAxis(Vector &a, Vector &b, Vector &c, Vector &d) {
  const Vector first = SUBTRACT(a, c), second = ADD(b, c), third = SUBTRACT(c, b), fourth = SUBTRACT(b, d);
  a = first, b = second, c = third, d = fourth;
}

KERNEL void spread(const float *const *voxels, int64_t channels, float *out, int64_t pointStride) {
  for (int64_t channel = 0; channel < channels; channel += LANES) {
    Vector values[4][4];
#pragma GCC unroll 4
    for (int y = 0; y < 4; ++y) {
#pragma GCC unroll 4
      for (int x = 0; x < 4; ++x) values[y][x] = LOAD(voxels[4 * y + x] + channel);
      spreadAxis(values[y][0], values[y][1], values[y][2], values[y][3]);
    }
#pragma GCC unroll 4
    for (int x = 0; x < 4; ++x) {
      spreadAxis(values[0][x], values[1][x], values[2][x], values[3][x]);
#pragma GCC unroll 4
      for (int y = 0; y < 4; ++y) STORE(out + (4 * y + x) * pointStride + channel, values[y][x]);
    }
  }
}

KERNEL void spreadOutputs(const float *const *voxels, int64_t channels, float *out, int64_t pointStride) {
  const Vector zero = ZERO();
  for (int64_t channel = 0; channel < channels; channel += LANES) {
    Vector values[2][4];
#pragma GCC unroll 2
    for (int y = 0; y < 2; ++y) {
      const Vector left = LOAD(voxels[2 * y] + channel), right = LOAD(voxels[2 * y + 1] + channel);
      values[y][0] = left, values[y][1] = ADD(left, right);
      values[y][2] = SUBTRACT(left, right), values[y][3] = SUBTRACT(zero, right);
    }
#pragma GCC unroll 4
    for (int x = 0; x < 4; ++x) {
      const Vector upper = values[0][x], lower = values[1][x];
      STORE(out + x * pointStride + channel, upper);
      STORE(out + (4 + x) * pointStride + channel, ADD(upper, lower));
      STORE(out + (8 + x) * pointStride + channel, SUBTRACT(upper, lower));
      STORE(out + (12 + x) * pointStride + channel, SUBTRACT(zero, lower));
    }
  }
}

KERNEL void collect(const float *points, int64_t pointStride, const float *start, float *const *out) {
#pragma GCC unroll 2
  for (int64_t lane = 0; lane < block; lane += LANES) {
    Vector values[2][4];
#pragma GCC unroll 4
    for (int x = 0; x < 4; ++x) {
      const float *from = points + x * pointStride + lane;
      const Vector second = LOAD(from + 4 * pointStride), third = LOAD(from + 8 * pointStride);
      values[0][x] = ADD(ADD(LOAD(from), second), third);
      values[1][x] = SUBTRACT(SUBTRACT(second, third), LOAD(from + 12 * pointStride));
    }
    const Vector first = LOAD(start + lane);
#pragma GCC unroll 2
    for (int y = 0; y < 2; ++y) {
      STORE(out[2 * y] + lane, ADD(first, ADD(ADD(values[y][0], values[y][1]), values[y][2])));
      STORE(out[2 * y + 1] + lane,
            ADD(first, SUBTRACT(SUBTRACT(values[y][1], values[y][2]), values[y][3])));
    }
  }
}

template <size_t... Index>
constexpr ConvolutionKernels table(std::index_sequence<Index...>) {
  return {ALL_PASSES, block, ROWS, {gather<Index + 1>...}, {sum<Index + 1>...}, spread, spreadOutputs, collect};
}

constexpr ConvolutionKernels kernels = table(std::make_index_sequence<ROWS>());
