internal import CTorch
import HostSystem

/// Makes a step of an optimizer that keeps three tensors per parameter.
///
/// - Parameters:
///   - operation: The step's name in errors.
///   - parameters: Tensors that accumulate gradients.
///   - moments: Three entries per parameter, nil before the first step; what the step creates is
///     filled in.
///   - step: Gets the parameters, the moments, the number of parameters and where an error is
///     written.
/// - Throws: ``TorchError`` of the status that `step` returns.
func updateMoments(
  _ operation: String, of parameters: [Tensor], _ moments: inout [Tensor?],
  _ step: (
    UnsafePointer<OpaquePointer>, UnsafeMutablePointer<OpaquePointer?>, Int32,
    UnsafeMutablePointer<CTMessage>
  ) -> CTStatus
) throws(TorchError) {
  precondition(3 * parameters.count == moments.count)
  var buffers = moments.map { $0?.pointer }
  defer {
    for (index, buffer) in buffers.enumerated() where moments[index] == nil {
      moments[index] = buffer.map(Tensor.init(owning:))
    }
  }
  try check(operation) { message in
    withPointers(parameters) { parameters in
      buffers.withUnsafeMutableBufferPointer { buffers in
        guard let first = buffers.baseAddress else { return CT_OK }
        return step(parameters, first, Int32(buffers.count / 3), message)
      }
    }
  }
}
