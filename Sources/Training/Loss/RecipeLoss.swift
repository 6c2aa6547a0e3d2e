import HostSystem
package import Torch

/// The loss that a recipe describes, in one epoch.
package struct RecipeLoss: SegmentationLoss {
  package var recipe: LossRecipe
  /// Whether Dice is summed over the batch.
  package var sumsOverBatch: Bool
  package var epoch: Int
  /// Where the rest of the batch is.
  package var batch: SharedBatch
  /// Losses that packages added.
  package var registered: [String: RegisteredLoss]

  package init(
    _ recipe: LossRecipe, sumsOverBatch: Bool, epoch: Int = 0, batch: SharedBatch = SharedBatch(),
    registered: [String: RegisteredLoss] = [:]
  ) {
    self.recipe = recipe
    self.sumsOverBatch = sumsOverBatch
    self.epoch = epoch
    self.batch = batch
    self.registered = registered
  }

  package func callAsFunction(logits: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
    var total: Tensor?
    for (term, weight) in zip(recipe.terms, recipe.weights(epoch: epoch)) where weight != 0 {
      let loss = try value(of: term.kind, logits: logits, labels: labels)
      let weight = weight * (isOfWholeBatch(term.kind) ? 1 : batch.weight)
      let weighted = weight == 1 ? loss : try loss * weight
      total = if let sum = total { try sum + weighted } else { weighted }
    }
    // Without weights, there is nothing to learn, but there is a loss.
    guard let total else { return try logits.sum() * 0 }
    return total
  }

  /// Whether a term is one value of the whole batch.
  private func isOfWholeBatch(_ kind: LossRecipe.Kind) -> Bool {
    guard case .registered(let name, let parameters) = kind else {
      return kind.sumsOverBatch(sumsOverBatch)
    }
    return makeRegistered(name, parameters).isOfWholeBatch
  }

  /// A loss of a package.
  ///
  /// - Precondition: It is registered; `TrainingSetup` has checked that.
  private func makeRegistered(
    _ name: String, _ parameters: [String: Double]?
  ) -> any SegmentationLoss {
    guard let loss = registered[name] else { preconditionFailure("no loss \(name) is registered") }
    return loss.make(
      LossContext(
        parameters: loss.parameters.merging(parameters ?? [:]) { $1 }, sumsOverBatch: sumsOverBatch,
        batch: batch, epoch: epoch))
  }

  private func value(
    of kind: LossRecipe.Kind, logits: Tensor, labels: Tensor
  ) throws(TorchError) -> Tensor {
    switch kind {
    case .crossEntropy: return try crossEntropy(logits: logits, labels: labels)
    case .topCrossEntropy(let percent):
      let voxels = labels.shape.trustedProduct
      return try largestCrossEntropies(
        logits: logits, labels: labels, count: max(Int(trusted: Double(voxels) * percent / 100), 1))
    case .focal(let alpha, let gamma):
      return try FocalLoss(alpha: alpha, gamma: gamma)(logits: logits, labels: labels)
    case .dice(let smoothing, let background):
      var dice = SoftDice(sumsOverBatch: sumsOverBatch)
      dice.smoothing = smoothing
      dice.batch = batch
      dice.includesBackground = background
      return try dice(logits: logits, labels: labels)
    case .squaredDice(let smoothing, let background):
      return try overlap(background).squaredDice(
        logits: logits, labels: labels, smoothing: smoothing)
    case .generalizedDice(let smoothing, let background):
      return try overlap(background).generalizedDice(
        logits: logits, labels: labels, smoothing: smoothing)
    case .matthewsCorrelation(let background):
      return try overlap(background).matthewsCorrelation(logits: logits, labels: labels)
    case .binaryCrossEntropy:
      return try binaryCrossEntropy(logits: logits, targets: labels.converted(to: .float32))
    case .regionDice(let smoothing):
      return try regionDice(logits: logits, masks: labels, smoothing: smoothing)
    case .registered(let name, let parameters):
      let loss = makeRegistered(name, parameters)
      return try loss(logits: logits, labels: labels)
    }
  }

  private func overlap(_ background: Bool) -> OverlapLosses {
    OverlapLosses(sumsOverBatch: sumsOverBatch, includesBackground: background, batch: batch)
  }

  /// Source: nnU-Net v1, `DC_and_BCE_loss`: Dice of sigmoids, every region counts.
  private func regionDice(
    logits: Tensor, masks: Tensor, smoothing: Double
  ) throws(TorchError) -> Tensor {
    let (probabilities, target) = (try logits.sigmoid(), try masks.converted(to: .float32))
    let axes = (sumsOverBatch ? [0] : []) + Array(2..<logits.rank)
    var overlap = try (probabilities * target).sum(axes: axes)
    var total = try probabilities.sum(axes: axes) + target.sum(axes: axes)
    if sumsOverBatch { (overlap, total) = (try batch.total(overlap), try batch.total(total)) }
    return try -((overlap * 2 + smoothing) / (total + (smoothing + 1e-8))).mean()
  }
}

/// The focal loss of softmax probabilities.
///
/// `-a·(1 - p)^γ·log(p)` per voxel, where p mixes the probabilities with one-hot labels smoothed by
/// 1e-5, and a is `alpha` for background and `1 - alpha` elsewhere.
/// Source: nnU-Net v1, `focal_loss.py`, `FocalLossV2`.
struct FocalLoss: SegmentationLoss {
  var alpha: Double
  var gamma: Int
  var smoothing = 1e-5

  func callAsFunction(logits: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
    let classes = logits.shape[1]
    let target = try labels.oneHot(classes: classes)
    let low = smoothing / Double(classes - 1)
    let smooth = try target * (1 - smoothing - low) + low
    let probability = try (smooth * softmax(logits, axis: 1)).sum(axes: [1]) + smoothing
    let background = try target.narrowed(axis: 1, to: 0..<1).sum(axes: [1])
    let weight = try background * (2 * alpha - 1) + (1 - alpha)
    var loss = try -(weight * probability.logarithm())
    let rest = try -probability + 1
    for _ in 0..<gamma { loss = try loss * rest }
    return try loss.mean()
  }
}

/// Losses made of sums of probabilities and targets over space.
struct OverlapLosses {
  var sumsOverBatch: Bool
  var includesBackground: Bool
  var batch: SharedBatch

  /// Sums over space, and over the batch if requested.
  private func sum(_ values: Tensor) throws(TorchError) -> Tensor {
    let sums = try values.sum(axes: (sumsOverBatch ? [0] : []) + Array(2..<values.rank))
    return sumsOverBatch ? try batch.total(sums) : sums
  }

  /// The negative mean over the classes that count.
  private func negativeMean(_ values: Tensor) throws(TorchError) -> Tensor {
    try -foreground(values).mean()
  }

  private func foreground(_ values: Tensor) throws(TorchError) -> Tensor {
    let axis = sumsOverBatch ? 0 : 1
    return includesBackground
      ? values : try values.narrowed(axis: axis, to: 1..<values.shape[axis])
  }

  /// Source: nnU-Net v1, `SoftDiceLossSquared`.
  func squaredDice(
    logits: Tensor, labels: Tensor, smoothing: Double
  ) throws(TorchError) -> Tensor {
    let probabilities = try softmax(logits, axis: 1)
    let target = try labels.oneHot(classes: logits.shape[1])
    let overlap = try sum(probabilities * target) + smoothing
    let total =
      try sum(probabilities * probabilities) + sum(target) + smoothing
    return try negativeMean(overlap * 2 / total)
  }

  /// Source: nnU-Net v1, `GDL` without squares.
  func generalizedDice(
    logits: Tensor, labels: Tensor, smoothing: Double
  ) throws(TorchError) -> Tensor {
    let probabilities = try softmax(logits, axis: 1)
    let target = try labels.oneHot(classes: logits.shape[1])
    let volumes = try sum(target)
    let weights = try foreground(volumes) + 1e-6
    let classAxis = sumsOverBatch ? 0 : 1
    let overlap = try (foreground(sum(probabilities * target)) / weights)
      .sum(axes: [classAxis])
    let total = try (foreground(sum(probabilities) + volumes) / weights)
      .sum(axes: [classAxis])
    return try -((overlap * 2 + smoothing) / (total + smoothing)).mean()
  }

  /// Source: nnU-Net v1, `MCCLoss` without smoothing.
  func matthewsCorrelation(logits: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
    let probabilities = try softmax(logits, axis: 1)
    let target = try labels.oneHot(classes: logits.shape[1])
    let voxels = Double(logits.shape.dropFirst(2).trustedProduct)
    let count = sumsOverBatch ? Double(batch.size ?? logits.shape[0]) : 1
    let tp = try sum(probabilities * target) / voxels
    let predicted = try sum(probabilities) / voxels
    let expected = try sum(target) / voxels
    // tn = 1 - fp - fn - tp for every sample of the sum.
    let (fp, fn) = (try predicted - tp, try expected - tp)
    let tn = try -(fp + expected) + count
    let numerator = try tp * tn - fp * fn
    let denominator = try ((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)).squareRoot()
    return try negativeMean(numerator / denominator)
  }
}
