import HostSystem

/// The limits of a network's numbers: these come from files, and absurd ones would end the program.
enum NetworkLimits {
  static let counts = 1...65_536
  static let blocks = 1...1024
  static let kernels = 1...255
  static let strides = 1...1024

  /// The problem with the numbers of a network's stages; nil for valid ones.
  static func problem(
    blocks: [Int], kernels: [[Int]], strides: [[Int]], epsilon: Double
  ) -> String? {
    let lists = [
      ("convolutions or blocks of a stage", blocks, Self.blocks),
      ("kernel", Array(kernels.joined()), Self.kernels),
      ("stride", Array(strides.joined()), Self.strides),
    ]
    for (name, values, range) in lists {
      if let value = values.first(where: { !range.contains($0) }) {
        return "a number of its \(name)s is \(value), but must be \(range.lowerBound) to"
          + " \(range.upperBound)"
      }
    }
    // Usually powers of two: an image must be divisible by their product along each axis.
    for axis in 0..<(strides.first?.count ?? 0)
    where checkedProduct(strides.map { $0[axis] }).map({ $0 > 1 << 20 }) ?? true {
      return "its strides have a product beyond 1048576"
    }
    return epsilon > 0 && epsilon.isFinite ? nil : "its normalizationEpsilon is not positive"
  }
}
