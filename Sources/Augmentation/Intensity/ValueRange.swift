/// The smallest and the largest of some numbers.
///
/// - Precondition: There is at least one number, and no NaN.
func valueRange(_ values: UnsafeBufferPointer<Float>) -> ClosedRange<Float> {
  precondition(!values.isEmpty, "the range of no values")
  var low = SIMD16<Float>(repeating: values[0])
  var high = low
  let raw = UnsafeRawPointer(values.baseAddress!)
  var index = 0
  while index &+ 16 <= values.count {
    let block = raw.loadUnaligned(fromByteOffset: index &* 4, as: SIMD16<Float>.self)
    low.replace(with: block, where: block .< low)
    high.replace(with: block, where: block .> high)
    index &+= 16
  }
  var (smallest, largest) = (low.min(), high.max())
  while index < values.count {
    smallest = min(smallest, values[index])
    largest = max(largest, values[index])
    index &+= 1
  }
  return smallest...largest
}
