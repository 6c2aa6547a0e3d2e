import Archives
import Arrays
import Foundation
import Synchronization

/// The voxels of a stored case: mapped from a `.npy` file, or unpacked from a compressed one.
package struct StoredArray: Sendable {
  /// The extent along each axis, slowest first.
  package let shape: [Int]
  private let content: Content

  private enum Content: Sendable {
    case mapped(MappedNPY<Float>)
    case packed(ChunkedArrayFile, name: String, UnpackedCases)
  }

  init(_ mapped: MappedNPY<Float>) {
    shape = mapped.shape
    content = .mapped(mapped)
  }

  init(_ packed: ChunkedArrayFile, name: String, unpacked: UnpackedCases) {
    shape = packed.shape
    content = .packed(packed, name: name, unpacked)
  }

  /// Calls `body` with all elements in C order; the buffer is valid only during the call.
  ///
  /// - Throws: `ArchiveError` if a compressed file is damaged.
  package func withScalars<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) throws -> Result {
    switch content {
    case .mapped(let mapped): return try mapped.withScalars(body)
    case .packed(let file, let name, let unpacked):
      let array = try unpacked.array(named: name) { try file.read() }
      return try array.scalars.withUnsafeBufferPointer(body)
    }
  }
}

/// A cache of recently unpacked cases, so that frequent cases are unpacked only once.
package final class UnpackedCases: Sendable {
  private let capacity: Int
  private let kept = Mutex(Kept())

  /// The arrays, the one that was used last at the end.
  private struct Kept {
    var arrays: [(name: String, array: DenseArray<Float>)] = []
    var bytes = 0

    mutating func recall(_ name: String) -> DenseArray<Float>? {
      guard let index = arrays.lastIndex(where: { $0.name == name }) else { return nil }
      let entry = arrays.remove(at: index)
      arrays.append(entry)
      return entry.array
    }

    mutating func keep(_ array: DenseArray<Float>, _ name: String, capacity: Int) {
      guard recall(name) == nil, 4 * array.count <= capacity else { return }
      arrays.append((name, array))
      bytes += 4 * array.count
      while bytes > capacity { bytes -= 4 * arrays.removeFirst().array.count }
    }
  }

  /// - Parameter capacity: The memory for all unpacked cases together, bytes; larger cases are
  ///   unpacked every time.
  package init(capacity: Int = 2 << 30) { self.capacity = capacity }

  /// The array with a name; `unpack` makes it if it is missing.
  func array(
    named name: String, _ unpack: () throws -> DenseArray<Float>
  ) throws -> DenseArray<Float> {
    if let array = kept.withLock({ $0.recall(name) }) { return array }
    let array = try unpack()
    kept.withLock { $0.keep(array, name, capacity: capacity) }
    return array
  }
}
