public import Arrays
import HostSystem

/// One training patch: an image with channels and the labels of its voxels.
public struct AugmentationSample: Sendable, Equatable {
  /// Intensities, `(channel, z, y, x)` or `(channel, y, x)`.
  public var data: DenseArray<Float>
  /// Labels, `(1, z, y, x)` or `(1, y, x)`; -1 is outside the image.
  ///
  /// A second channel contains the segmentation of the previous configuration of a cascade.
  public var labels: DenseArray<Int16>

  /// Joins data and labels of the same spatial shape.
  public init(data: DenseArray<Float>, labels: DenseArray<Int16>) {
    precondition(
      data.shape.dropFirst() == labels.shape.dropFirst(),
      "labels \(labels.shape) do not fit the data \(data.shape)")
    precondition((3...4).contains(data.rank), "\(data.shape) is no image with channels")
    self.data = data
    self.labels = labels
  }

  /// The number of image channels.
  public var channels: Int { data.shape[0] }
  /// The spatial shape, `(z, y, x)` or `(y, x)`.
  public var spatialShape: [Int] { Array(data.shape.dropFirst()) }
  /// The number of voxels of one channel.
  var voxels: Int { data.shape.dropFirst().trustedProduct }

  /// Lets `body` change the voxels of one channel in place.
  public mutating func withChannel(
    _ channel: Int, _ body: (UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    let count = voxels
    data.scalars.withUnsafeMutableBufferPointer { scalars in
      body(UnsafeMutableBufferPointer(rebasing: scalars[channel * count..<(channel + 1) * count]))
    }
  }

  /// Takes one channel as an array without the channel axis.
  func channel(_ channel: Int) -> DenseArray<Float> { data.slice(channel) }

  /// Replaces the voxels of one channel.
  mutating func setChannel(_ channel: Int, to values: DenseArray<Float>) {
    precondition(values.shape == spatialShape)
    withChannel(channel) { target in
      values.scalars.withUnsafeBufferPointer { _ = target.update(from: $0) }
    }
  }
}

extension AugmentationSample {
  /// Reorders the spatial axes of image and labels: the new axis `i` is the old axis `axes[i]`.
  mutating func permute(axes: [Int]) {
    guard axes != Array(axes.indices) else { return }
    let order = [0] + axes.map { $0 + 1 }
    data = data.transposed(order)
    labels = labels.transposed(order)
  }
}
