import Arrays

/// The anatomy of one case: its structures and their positions, independent of any image.
///
/// Coordinates are x (to the patient's left), y (to posterior), z (to superior) in units that make
/// the anatomy fill a box of ``extent``; images with another field of view show it stretched.
protocol PhantomScene: Sendable {
  /// The anatomy is within `-extent...extent`.
  static var extent: SIMD3<Float> { get }
  /// The signal of air, which surrounds everything, per channel.
  static var air: SIMD4<Float> { get }

  /// Draws an anatomy.
  init(using random: inout StreamRandom)

  /// The signal and the label at `point`, with a transition of the width `blur` between two
  /// tissues.
  func sample(at point: SIMD3<Float>, blur: Float) -> TissueSample
}

/// The content of a scene at one point: layers are painted over each other.
struct TissueSample: Sendable {
  /// The signal in up to four channels.
  var signal: SIMD4<Float>
  var label: UInt8 = 0

  init(signal: SIMD4<Float>) { self.signal = signal }

  /// Paints a tissue over the existing ones where `distance` from its surface is negative.
  mutating func paint(_ tissue: SIMD4<Float>, distance: Float, blur: Float, label: UInt8? = nil) {
    let coverage = min(max(0.5 - distance / blur, 0), 1)
    signal += (tissue - signal) * coverage
    if let label, distance < 0 { self.label = label }
  }
}

/// A rotation by small angles, about x, y and z in turn.
struct SmallRotation: Sendable {
  private let rows: (SIMD3<Float>, SIMD3<Float>, SIMD3<Float>)

  /// Draws a rotation by up to `limit` radians about each axis.
  init(limit: Double, using random: inout StreamRandom) {
    // Small angles first give a shear; then its rows are made perpendicular and of unit length.
    let angles = (0..<3).map { _ in Float(random.uniform(in: -limit...limit)) }
    var first = SIMD3<Float>(1, -angles[2], angles[1])
    var second = SIMD3<Float>(angles[2], 1, -angles[0])
    first /= (first * first).sum().squareRoot()
    second -= first * (first * second).sum()
    second /= (second * second).sum().squareRoot()
    let third = SIMD3<Float>(
      first.y * second.z - first.z * second.y, first.z * second.x - first.x * second.z,
      first.x * second.y - first.y * second.x)
    rows = (first, second, third)
  }

  func callAsFunction(_ point: SIMD3<Float>) -> SIMD3<Float> {
    SIMD3((rows.0 * point).sum(), (rows.1 * point).sum(), (rows.2 * point).sum())
  }
}

extension StreamRandom {
  /// A uniform number in single precision.
  mutating func number(_ range: ClosedRange<Double>) -> Float { Float(uniform(in: range)) }

  /// A point of the box `-limit...limit`.
  mutating func point(_ limit: Double) -> SIMD3<Float> {
    SIMD3(number(-limit...limit), number(-limit...limit), number(-limit...limit))
  }
}
