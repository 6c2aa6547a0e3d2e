import HostSystem

/// The names that v2's networks have for each parameter, as PyTorch lists them.
///
/// A block contains its layers a second time in a sequence (`all_modules`), and the decoder
/// contains the whole encoder a second time (`decoder.encoder`).
struct V2StateNames {
  /// All names in PyTorch's order, with the parameter of each.
  let all: [(name: String, parameter: String)]

  /// - Parameter parameters: The parameters' first names in their order.
  init(parameters: [String]) {
    let isEncoder = { (name: String) in name.begins(with: "encoder.") }
    let encoder = Self.withSequences(parameters.filter(isEncoder))
    let decoder = Self.withSequences(parameters.filter { !isEncoder($0) })
    all = encoder + encoder.map { ("decoder." + $0.name, $0.parameter) } + decoder
  }

  /// The names of blocks, each followed by those in the block's sequence.
  private static func withSequences(
    _ parameters: [String]
  ) -> [(name: String, parameter: String)] {
    var result: [(String, String)] = []
    var sequence: [(String, String)] = []
    var current: Substring?
    for parameter in parameters {
      let layer = layer(of: parameter)
      if layer?.block != current {
        result += sequence
        sequence = []
        current = layer?.block
      }
      result.append((parameter, parameter))
      if let (block, position, rest) = layer {
        sequence.append(("\(block).all_modules.\(position).\(rest)", parameter))
      }
    }
    return result + sequence
  }

  /// The block that a parameter belongs to, the place of its layer there, and its name in the layer.
  private static func layer(
    of parameter: String
  ) -> (block: Substring, position: Int, rest: Substring)? {
    let parts = parameter.parts(at: ".")
    guard parts.count > 2, let position = ["conv", "norm"].firstIndex(of: parts[parts.count - 2])
    else { return nil }
    let rest = parts[parts.count - 1]
    let ending = parts[parts.count - 2].count + rest.count + 2
    return (parameter.dropLast(ending), position, rest)
  }
}
