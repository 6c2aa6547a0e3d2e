public import Arrays
public import Foundation
public import HostSystem

/// Probabilities at the network's resolution in a file that has no name, until they are exported.
///
/// The network gives slab after slab of all labels, a file of probabilities wants label after label.
/// What lies between is on the disk beside the output and vanishes with the process, even a killed
/// one; in memory is one label at a time.
public final class ProbabilitySpill: @unchecked Sendable {
  /// The number of probabilities per voxel.
  public let outputs: Int
  /// The prepared case's size, z, y, x.
  public let size: [Int]
  private let descriptor: Int32
  private let path: String
  private var finishedPlanes = 0

  /// Makes the file.
  ///
  /// - Parameters:
  ///   - folder: Has room for `outputs · size` numbers of four bytes.
  ///   - outputs: The number of probabilities per voxel.
  ///   - size: The prepared case's size.
  public init(in folder: URL, outputs: Int, size: [Int]) throws(FileError) {
    self.outputs = outputs
    self.size = size
    path = folder.appending(path: ".probabilities.\(UUID().uuidString.prefix(8)).tmp").path
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .cannotWrite(path: path, reason: String(cString: strerror(errno)))
    }
    unlink(path)
  }

  deinit { close(descriptor) }

  private var planeBytes: Int { size[1] * size[2] * MemoryLayout<Float>.stride }

  /// Takes the next slab, `(label, z, y, x)`.
  public func append(_ slab: DenseArray<Float>) throws(FileError) {
    let count = slab.shape[1] * planeBytes
    var failed = false
    slab.scalars.withUnsafeBytes { bytes in
      for output in 0..<outputs where !failed {
        let offset = (output * size[0] + finishedPlanes) * planeBytes
        var done = 0
        while done < count, !failed {
          let written = pwrite(
            descriptor, bytes.baseAddress! + output * count + done, count - done,
            off_t(offset + done))
          if written > 0 { done += written } else { failed = errno != EINTR }
        }
      }
    }
    guard !failed else { throw .cannotWrite(path: path, reason: String(cString: strerror(errno))) }
    finishedPlanes += slab.shape[1]
  }

  /// The probabilities of one label, `(z, y, x)`.
  func probabilities(of output: Int) throws(FileError) -> DenseArray<Float> {
    precondition(finishedPlanes == size[0])
    let count = size[0] * planeBytes
    var failed = false
    let result = DenseArray<Float>(shape: size) { target in
      target.initialize(repeating: 0)
      var done = 0
      while done < count, !failed {
        let got = pread(
          descriptor, UnsafeMutableRawPointer(target.baseAddress!) + done, count - done,
          off_t(output * count + done))
        if got > 0 { done += got } else { failed = got == 0 || errno != EINTR }
      }
    }
    guard !failed else { throw .cannotRead(path: path, reason: String(cString: strerror(errno))) }
    return result
  }
}
