public import Networks

/// An optimizer that a package added.
package struct RegisteredOptimizer: Sendable {
  /// Its parameters by name, with their default values.
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

/// The parameters for making a package's optimizer.
public struct OptimizerContext {
  /// The values of all registered parameters.
  public let values: [String: Double]
  /// The rate of the first epoch.
  public let learningRate: Double
  /// The weight decay of the recipe.
  public let weightDecay: Double
  /// The parameters to optimize.
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
