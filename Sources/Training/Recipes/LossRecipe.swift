import HostSystem

/// The loss of a training.
///
/// Terms are added with their weights; all are means over classes and samples.
public struct LossRecipe: Codable, Hashable, Sendable {
  /// The summands, one at least.
  public var terms: [Term]
  /// A linear change to the weights of another recipe with the same terms.
  public var transition: Transition?

  /// One summand.
  public struct Term: Codable, Hashable, Sendable {
    /// The kind of the summand.
    public var kind: Kind
    /// Its weight.
    public var weight = 1.0

    /// Creates a summand.
    public init(_ kind: Kind, weight: Double = 1) {
      self.kind = kind
      self.weight = weight
    }
  }

  /// The kinds of summands.
  public enum Kind: Codable, Hashable, Sendable {
    /// The mean cross entropy of all voxels.
    case crossEntropy
    /// The cross entropy of the worst `percent` of the voxels.
    case topCrossEntropy(percent: Double)
    /// The focal loss; `alpha` weights the background, `1 - alpha` all other classes.
    case focal(alpha: Double, gamma: Int)
    /// Soft Dice; `smoothing` is added to numerator and denominator, `background` counts as a class
    /// or not.
    case dice(smoothing: Double, background: Bool)
    /// With squares in the denominator.
    case squaredDice(smoothing: Double, background: Bool)
    /// Classes weighted by the inverse of their volume.
    case generalizedDice(smoothing: Double, background: Bool)
    /// Matthews' correlation coefficient.
    case matthewsCorrelation(background: Bool)
    /// For regions: the mean of every output's binary cross entropy.
    case binaryCrossEntropy
    /// For regions: Dice of sigmoids.
    case regionDice(smoothing: Double)
    /// A loss that a package added, with the parameters that differ from the registered ones.
    case registered(name: String, parameters: [String: Double]? = nil)

    /// Whether, like Dice, it is one value for the whole batch rather than a mean over samples.
    func sumsOverBatch(_ dice: Bool) -> Bool {
      switch self {
      case .crossEntropy, .topCrossEntropy, .focal, .binaryCrossEntropy, .registered: false
      case .dice, .squaredDice, .generalizedDice, .matthewsCorrelation, .regionDice: dice
      }
    }

    /// Whether it is for outputs that are regions, or for labels.
    func fits(regions: Bool) -> Bool {
      switch self {
      case .binaryCrossEntropy, .regionDice: regions
      case .registered: true
      default: !regions
      }
    }
  }

  /// When and to which weights a loss changes.
  public struct Transition: Codable, Hashable, Sendable {
    /// Up to this epoch, the terms have their original weights.
    public var from: Int
    /// From this epoch on, they have the new ones.
    public var to: Int
    /// The new weight of each term, in the order of the terms.
    public var weights: [Double]
  }

  /// Creates a loss from its summands; without a transition, the weights do not change.
  public init(_ terms: [Term], transition: Transition? = nil) {
    self.terms = terms
    self.transition = transition
  }

  /// nnU-Net's loss.
  public static let diceAndCrossEntropy = LossRecipe(
    [Term(.dice(smoothing: 1e-5, background: false)), Term(.crossEntropy)])

  /// The weights of the terms in an epoch.
  ///
  /// nnU-Net v1 changes them at the end of an epoch before it counts the next one, so that an epoch
  /// has the weights of the previous one (`nnUNetTrainerV2_graduallyTransitionFromCEToDice`).
  func weights(epoch: Int) -> [Double] {
    let own = terms.map(\.weight)
    guard let transition else { return own }
    let passed = Double(epoch - 1 - transition.from) / Double(transition.to - transition.from)
    let progress = min(max(passed, 0), 1)
    return zip(own, transition.weights).map { $0 + ($1 - $0) * progress }
  }
}

extension LossRecipe: CustomStringConvertible {
  /// Names of the terms with their weights, as the log shows them.
  public var description: String {
    terms.map { term in
      let name = term.kind.words
      return term.weight == 1 ? name : "\(NumberText.short(term.weight)) × \(name)"
    }.joined(separator: " + ") + (transition == nil ? "" : ", with a transition")
  }
}

extension LossRecipe.Kind {
  /// Its readable name.
  fileprivate var words: String {
    switch self {
    case .crossEntropy: "cross entropy"
    case .topCrossEntropy(let percent):
      "cross entropy of the worst \(NumberText.short(percent)) %"
    case .focal: "focal loss"
    case .dice: "Dice"
    case .squaredDice: "Dice with squares"
    case .generalizedDice: "generalized Dice"
    case .matthewsCorrelation: "Matthews correlation"
    case .binaryCrossEntropy: "binary cross entropy"
    case .regionDice: "Dice of regions"
    case .registered(let name, _): name
    }
  }
}
