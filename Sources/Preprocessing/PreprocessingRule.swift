import Plans
public import Resampling

/// What a preprocessor does differently from the others, by the names that plans use.
///
/// Packages add their own rules to a ``PreprocessingTable``.
public struct PreprocessingRule: Hashable, Sendable {
  /// How images are resampled.
  public var images: ResamplingRule
  /// How labels are resampled.
  public var labels: ResamplingRule
  /// The axes that keep the spacing of the case.
  public var keeps: KeptAxes
  /// The number that all intensities are divided by instead of being normalized; nil normalizes.
  public var divisor: Float?
  /// A package's change of a case at the end; nil for none.
  public var filter: CaseFilter?

  /// The axes that are not resampled.
  public enum KeptAxes: Hashable, Sendable {
    /// All axes get the target spacing.
    case none
    /// The first axis does not change: slices are resampled in their plane.
    case first
    /// The first axis does not change where the target is NaN.
    case firstWhereUndefined
    /// Nothing is resampled.
    case all
  }

  /// Creates a rule; without arguments, that of `GenericPreprocessor`.
  ///
  /// - Parameters:
  ///   - images: How images are resampled.
  ///   - labels: How labels are resampled.
  ///   - keeps: The axes that keep the spacing of the case.
  ///   - divisor: The number that all intensities are divided by instead of being normalized; nil
  ///     normalizes.
  ///   - filter: A package's change of a case at the end; nil for none.
  public init(
    images: ResamplingRule = .images, labels: ResamplingRule = .labels, keeps: KeptAxes = .none,
    divisor: Float? = nil, filter: CaseFilter? = nil
  ) {
    self.images = images
    self.labels = labels
    self.keeps = keeps
    self.divisor = divisor
    self.filter = filter
  }

  /// The rule of a preprocessor of the plans.
  ///
  /// - Throws: ``PreprocessingError/unknownPreprocessor(name:known:)``.
  public init(named name: String) throws(PreprocessingError) {
    self = try PreprocessingTable().rule(named: name)
  }

  /// The rule of nnU-Net v2's `DefaultPreprocessor`; 2D networks keep the spacing of the first axis.
  public static func ofV2(axes: Int) -> PreprocessingRule {
    var rule = PreprocessingRule(keeps: axes == 2 ? .first : .none)
    rule.labels.decision = .largest
    return rule
  }

  /// The names of nnU-Net's preprocessors.
  public static var namesOfNNUNet: [String] { known.keys.sorted() }

  static let known: [String: PreprocessingRule] = [
    ExperimentPlans.preprocessor3D: PreprocessingRule(),
    ExperimentPlans.preprocessor2D: PreprocessingRule(keeps: .first),
    "GenericPreprocessor_linearResampling": PreprocessingRule(
      images: ResamplingRule(order: .linear)),
    "Preprocessor3DDifferentResampling": PreprocessingRule(
      images: ResamplingRule(order: .cubic, orderAlongSeparateAxis: .cubic),
      labels: ResamplingRule(order: .linear, orderAlongSeparateAxis: .linear)),
    "PreprocessorFor3D_LeaveOriginalZSpacing": PreprocessingRule(keeps: .firstWhereUndefined),
    "PreprocessorFor3D_NoResampling": PreprocessingRule(keeps: .all),
    "GenericPreprocessor_scale_uint8_to_0_1": PreprocessingRule(keeps: .first, divisor: 255),
  ]

  /// The spacing in mm that a case is resampled to; both arguments have the same axis order.
  func spacing(target: [Double], original: [Double]) -> [Double] {
    switch keeps {
    case .none: target
    case .first: [original[0]] + target.dropFirst()
    case .firstWhereUndefined: target[0].isNaN ? [original[0]] + target.dropFirst() : target
    case .all: original
    }
  }
}
