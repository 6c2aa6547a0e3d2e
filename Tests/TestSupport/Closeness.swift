public import Testing

/// Expects every element within `absolute + relative * |expected|`; reports the worst one.
public func expectClose<Values: Collection, Expected: Collection>(
  _ values: Values, _ expected: Expected, absolute: Double, relative: Double = 0,
  _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) where Values.Element: BinaryFloatingPoint, Expected.Element: BinaryFloatingPoint {
  #expect(values.count == expected.count, comment, sourceLocation: sourceLocation)
  var worst = (excess: -Double.infinity, index: 0, value: 0.0, expected: 0.0)
  for (index, (value, target)) in zip(values, expected).enumerated() {
    let (value, target) = (Double(value), Double(target))
    if value.isNaN && target.isNaN { continue }
    let difference = abs(value - target)
    let excess = difference.isNaN ? .infinity : difference - absolute - relative * abs(target)
    if excess > worst.excess { worst = (excess, index, value, target) }
  }
  #expect(
    worst.excess <= 0,
    "element \(worst.index) is \(worst.value), expected \(worst.expected) \(comment?.rawValue ?? "")",
    sourceLocation: sourceLocation)
}
