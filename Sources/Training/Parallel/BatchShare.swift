/// The part of a batch that one of several processes makes and trains on.
package struct BatchShare: Hashable, Sendable {
  /// The number of samples in the batch of all processes together.
  package let batchSize: Int
  /// The positions of this process's samples in it.
  package let elements: Range<Int>
  /// The weight of this process's mean: with these weights, the mean over processes is the mean of
  /// all samples.
  package let weight: Double

  /// Divides a batch as evenly as possible; the first processes take one sample more.
  ///
  /// Which samples show foreground depends on their place in the whole batch, so a batch is the
  /// same for any number of processes. nnU-Net v1 gives each rank a probability of foreground and
  /// rounds within the rank.
  ///
  /// - Throws: ``TrainingError/batchTooSmall(size:ranks:)`` if a process would have none.
  package init(batchSize: Int, rank: Int, of count: Int) throws(TrainingError) {
    guard batchSize >= count else { throw .batchTooSmall(size: batchSize, ranks: count) }
    let (size, rest) = batchSize.quotientAndRemainder(dividingBy: count)
    let first = rank * size + min(rank, rest)
    self.batchSize = batchSize
    elements = first..<first + size + (rank < rest ? 1 : 0)
    weight = Double(elements.count * count) / Double(batchSize)
  }
}
