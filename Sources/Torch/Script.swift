internal import CTorch
package import Foundation
import HostSystem

/// Writes a network as TorchScript, which `torch.jit.load` reads without this program.
///
/// The operations of `forward` on `example` are recorded, so it must do the same with every input.
///
/// - Parameters:
///   - url: The file; it is written completely or not at all.
///   - example: An input like those that the network will see.
///   - parameters: The tensors that are stored under names; dots become underscores.
///   - forward: The network, from input to output.
/// - Throws: ``TorchError``.
package func saveScript(
  to url: URL, example: Tensor, parameters: [(name: String, tensor: Tensor)],
  forward: (Tensor) throws(TorchError) -> Tensor
) throws(TorchError) {
  let partial = url.deletingLastPathComponent()
    .appending(path: ".\(url.lastPathComponent).\(UUID().uuidString.prefix(8)).tmp")
  defer { unlink(partial.path) }
  // lint: only without any memory
  let names = parameters.map { strdup($0.name.substituting(".", with: "_"))! }
  defer { for name in names { free(name) } }
  var failure: TorchError?
  try withoutActuallyEscaping(forward) { (forward) throws(TorchError) in
    let call = Forward { input in
      do throws(TorchError) { return try forward(input) } catch {
        failure = error
        return nil
      }
    }
    defer { withExtendedLifetime(call) {} }
    try check("saveScript") { message in
      names.map { UnsafePointer($0) }.withUnsafeBufferPointer { names in
        parameters.map(\.tensor.pointer).withUnsafeBufferPointer { tensors in
          loadedEngine.pointee.script.save(
            partial.path, example.pointer, names.baseAddress!, tensors.baseAddress!,
            Int64(names.count), forwardCalled, Unmanaged.passUnretained(call).toOpaque(), message)
        }
      }
    }
  }
  if let failure { throw failure }
  guard rename(partial.path, url.path) == 0 else {
    throw .failed(operation: "saveScript", detail: systemReason())
  }
}

/// Passes a closure through C and keeps its result.
private final class Forward {
  let run: (Tensor) -> Tensor?
  var output: Tensor?
  init(_ run: @escaping (Tensor) -> Tensor?) { self.run = run }
}

private let forwardCalled: CTForward = { context, input, out in
  let input = Tensor(owning: input)
  guard let context else { return CT_FAILED }
  let call = Unmanaged<Forward>.fromOpaque(context).takeUnretainedValue()
  call.output = call.run(input)
  guard let output = call.output else { return CT_FAILED }
  out.pointee = output.pointer
  return CT_OK
}
