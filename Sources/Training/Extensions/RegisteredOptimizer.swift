public import Networks

/// An optimizer that a package has added.
package struct RegisteredOptimizer: Sendable {
  /// Its parameters by name, with the values that they have unless a recipe gives others.
  package let parameters: [String: Double]
  /// Makes the optimizer for a network.
  package let make: @Sendable (OptimizerContext) -> any Optimizer

  package init(
    parameters: [String: Double] = [:],
    make: @escaping @Sendable (OptimizerContext) -> any Optimizer
  ) {
    self.parameters = parameters
    self.make = make
  }
}

/// What an optimizer of a package is made with.
public struct OptimizerContext {
  /// The values of all parameters that were registered.
  public let values: [String: Double]
  /// The rate of the first epoch.
  public let learningRate: Double
  /// The weight decay of the recipe.
  public let weightDecay: Double
  /// What is optimized.
  public let parameters: ParameterStore

  /// The value of a parameter.
  ///
  /// - Precondition: The optimizer was registered with it.
  public subscript(name: String) -> Double {
    guard let value = values[name] else {
      preconditionFailure("the optimizer was registered without a parameter \(name)")
    }
    return value
  }
}
