internal import CTorch
import HostSystem

/// Makes a step of an optimizer that keeps three tensors per parameter.
///
/// - Parameters:
///   - moments: Nil before the first step; what the step makes is filled in.
///   - step: Gets the parameters, the moments and the number of parameters.
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
