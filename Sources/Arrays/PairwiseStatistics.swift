/// Sums in single precision in the order in which NumPy adds contiguous arrays: buffers of 8192
/// one after another, each by halves (Higham, 1993, doi:10.1137/0914050).
///
/// So z-scores equal those of the Python original.
package func pairwiseSum(_ values: UnsafeBufferPointer<Float>) -> Float {
  guard let start = values.baseAddress else { return 0 }
  var sum: Float = 0
  for position in stride(from: 0, to: values.count, by: bufferSize) {
    sum += pairwiseSum(start + position, min(bufferSize, values.count - position))
  }
  return sum
}

/// The mean in single precision: `numpy.mean` of a contiguous float32 array.
///
/// - Returns: NaN for no values.
package func pairwiseMean(_ values: UnsafeBufferPointer<Float>) -> Float {
  Float(Double(pairwiseSum(values)) / Double(values.count))
}

/// Mean and population standard deviation in single precision: `numpy.mean` and `numpy.std`.
package func pairwiseMeanAndDeviation(
  _ values: UnsafeBufferPointer<Float>
) -> (mean: Float, standardDeviation: Float) {
  let mean = pairwiseMean(values)
  guard let start = values.baseAddress else { return (mean, .nan) }
  // numpy.std divides in single precision where numpy.mean divides in double.
  let center = pairwiseSum(values) / Float(values.count)
  var sum: Float = 0
  for position in stride(from: 0, to: values.count, by: bufferSize) {
    sum += pairwiseSquaredSum(start + position, min(bufferSize, values.count - position), center)
  }
  return (mean, Float(Double(sum) / Double(values.count)).squareRoot())
}

/// The number of elements that NumPy hands to one addition loop (`numpy.getbufsize()`).
private let bufferSize = 8192

private func pairwiseSum(_ values: UnsafePointer<Float>, _ count: Int) -> Float {
  if count < 8 {
    // NumPy starts from -0, so that the sum of negative zeros keeps its sign; the value is equal.
    var sum: Float = 0
    for index in 0..<count { sum += values[index] }
    return sum
  }
  if count <= 128 {
    var sums = load8(values)
    var index = 8
    while index < count - count % 8 {
      sums += load8(values + index)
      index += 8
    }
    var sum = foldPairs(sums)
    while index < count {
      sum += values[index]
      index += 1
    }
    return sum
  }
  let half = (count / 2) & ~7
  return pairwiseSum(values, half) + pairwiseSum(values + half, count - half)
}

/// As ``pairwiseSum(_:_:)``, of the squared distances to `center`.
private func pairwiseSquaredSum(
  _ values: UnsafePointer<Float>, _ count: Int, _ center: Float
) -> Float {
  if count < 8 {
    var sum: Float = 0
    for index in 0..<count { sum += square(values[index] - center) }
    return sum
  }
  if count <= 128 {
    let centers = SIMD8(repeating: center)
    var difference = load8(values) - centers
    var sums = difference * difference
    var index = 8
    while index < count - count % 8 {
      difference = load8(values + index) - centers
      sums += difference * difference
      index += 8
    }
    var sum = foldPairs(sums)
    while index < count {
      sum += square(values[index] - center)
      index += 1
    }
    return sum
  }
  let half = (count / 2) & ~7
  return pairwiseSquaredSum(values, half, center)
    + pairwiseSquaredSum(values + half, count - half, center)
}

@inline(__always)
private func load8(_ values: UnsafePointer<Float>) -> SIMD8<Float> {
  UnsafeRawPointer(values).loadUnaligned(as: SIMD8<Float>.self)
}

@inline(__always)
private func foldPairs(_ sums: SIMD8<Float>) -> Float {
  ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
}

@inline(__always)
private func square(_ value: Float) -> Float { value * value }
