import HostSystem

/// The value below which `percent` percent of `values` are, with linear interpolation.
///
/// Equals `numpy.percentile(values, percent)` to the last bit.
///
/// - Parameters:
///   - values: The sample, in any order.
///   - percent: A number in 0...100.
/// - Returns: The percentile; NaN if a value is NaN.
/// - Precondition: `values` is not empty.
package func percentile(_ values: [Double], _ percent: Double) -> Double {
  guard !values.contains(where: \.isNaN) else { return .nan }
  return percentile(sorted: values.sorted(), percent)
}

/// The same for values that are already in ascending order.
package func percentile(sorted values: [Double], _ percent: Double) -> Double {
  let (index, fraction) = percentilePosition(percent, count: values.count)
  let lower = values[index]
  let upper = values[min(index + 1, values.count - 1)]
  return interpolate(lower, upper, difference: upper - lower, at: fraction)
}

/// The percentile of single-precision values, with NumPy's rounding: the difference of the
/// neighbours in single precision, the rest in double.
package func percentile(_ values: [Float], _ percent: Double) -> Double {
  guard !values.contains(where: \.isNaN) else { return .nan }
  return percentile(sorted: values.sorted(), percent)
}

/// The same for values that are already in ascending order.
package func percentile(sorted values: [Float], _ percent: Double) -> Double {
  let (index, fraction) = percentilePosition(percent, count: values.count)
  let lower = values[index]
  let upper = values[min(index + 1, values.count - 1)]
  return interpolate(
    Double(lower), Double(upper), difference: Double(upper - lower), at: fraction)
}

/// The middle value, or the mean of the two middle values: `numpy.median`.
///
/// - Precondition: `values` is not empty.
package func median(_ values: [Double]) -> Double {
  precondition(!values.isEmpty, "the median of nothing")
  guard !values.contains(where: \.isNaN) else { return .nan }
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// The median of single-precision values, with NumPy's rounding.
package func median(_ values: [Float]) -> Float {
  precondition(!values.isEmpty, "the median of nothing")
  guard !values.contains(where: \.isNaN) else { return .nan }
  let sorted = values.sorted()
  let middle = sorted.count / 2
  return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

private func percentilePosition(_ percent: Double, count: Int) -> (index: Int, fraction: Double) {
  precondition(count > 0, "a percentile of nothing")
  precondition((0...100).contains(percent), "percentile \(percent) is not in 0...100")
  let position = percent / 100 * Double(count - 1)
  let index = min(Int(trusted: position), count - 1)
  return (index, position - Double(index))
}

private func interpolate(
  _ lower: Double, _ upper: Double, difference: Double, at fraction: Double
) -> Double {
  // From the nearer end, so that the result never passes a neighbour.
  fraction >= 0.5 ? upper - difference * (1 - fraction) : lower + difference * fraction
}
