import Arrays
package import Foundation
package import HostSystem
import Networks

extension TrainingRun {
  /// Starts with the weights of another network if name and shape agree.
  ///
  /// Weights that do not match are listed. nnU-Net v1 refuses files in which a convolution of the
  /// encoder or decoder does not match.
  ///
  /// - Throws: ``TrainingError/nothingToWarmStart(path:)``, `CheckpointError`, `FileError`.
  package func warmStart(
    from url: URL, reportingTo log: some Reporter
  ) throws {
    log.note("################### Loading pretrained weights from file \(url.path)")
    let known = Set(network.parameters.names)
    let found = try SafetensorsFile(contentsOf: url, where: known.contains).arrays
    let arrays = Dictionary(found.map { ($0.name, $0.array) }) { first, _ in first }
    var weights = try network.weights()
    var kept: [String] = []
    for index in weights.indices {
      let own = weights[index]
      if let array = arrays[own.name], array.shape == own.array.shape {
        weights[index].array = array
      } else {
        let reason = arrays[own.name].map { "has shape \($0.shape), not \(own.array.shape)" }
        kept.append("\(own.name): \(reason ?? "not in the file")")
      }
    }
    guard kept.count < weights.count else {
      throw TrainingError.nothingToWarmStart(path: url.path)
    }
    try network.load(weights)
    log.note("loaded \(weights.count - kept.count) of \(countText(weights.count, "array"))")
    for line in kept { log.warn("fresh weights for \(line)") }
  }
}
