import Arrays
import Foundation
import TestSupport
import Testing

@testable import Torch

/// Serialized, because one of them changes the number of threads.
@Suite(.serialized) struct TensorTests {
  private func counting() -> DenseArray<Float> {
    DenseArray(shape: [2, 3, 4], scalars: (0..<24).map(Float.init))
  }

  @Test func hostArraysComeBackAsTheyWent() throws {
    let array = counting()
    let tensor = try Tensor(array)
    #expect(tensor.shape == [2, 3, 4] && tensor.rank == 3 && tensor.count == 24)
    #expect(try tensor.scalarType == .float32)
    #expect(tensor.device == .cpu)
    #expect(try tensor.array() == array)
    #expect(try tensor.array(of: Int64.self).scalars == (0..<24).map(Int64.init))
    let labels = DenseArray<Int16>(shape: [3], scalars: [-1, 0, 7])
    #expect(try Tensor(labels).array() == labels)
    let empty = DenseArray<Float>(shape: [0, 2], scalars: [])
    #expect(try Tensor(empty).array(of: Float.self).count == 0)
  }

  @Test func viewsFollowNumpy() throws {
    let array = counting()
    let tensor = try Tensor(array)
    #expect(try tensor.permuted([2, 0, 1]).array() == array.transposed([2, 0, 1]))
    #expect(try tensor.reshaped(to: [-1, 4]).shape == [6, 4])
    #expect(try tensor.narrowed(axis: 2, to: 1..<3).array(of: Float.self)[1, 2, 0] == 21)
    #expect(try tensor.flipped([0, 2]).array(of: Float.self)[0, 0, 0] == 15)
    let joined = try Tensor.concatenate([tensor, tensor], axis: 1)
    #expect(joined.shape == [2, 6, 4])
    #expect(try padded(tensor, by: [(1, 0), (0, 2)], value: 9).shape == [2, 4, 6])
    #expect(try padded(tensor, by: [(1, 0), (0, 2)], value: 9).array(of: Float.self)[0, 0, 0] == 9)
  }

  @Test func arithmeticBroadcasts() throws {
    let left = try Tensor(DenseArray<Float>(shape: [2, 1], scalars: [1, 2]))
    let right = try Tensor(DenseArray<Float>(shape: [3], scalars: [10, 20, 40]))
    #expect(try (left + right).array(of: Float.self).scalars == [11, 21, 41, 12, 22, 42])
    #expect(try (right / left).array(of: Float.self).scalars == [10, 20, 40, 5, 10, 20])
    #expect(try (-(right * 2 - 1)).array(of: Float.self).scalars == [-19, -39, -79])
    #expect(try right.sum().item() == 70)
    #expect(try (left * right).mean(axes: [0], keepingAxes: true).shape == [1, 3])
    #expect(try right.argmax(axis: 0).item() == 2)
    let zeros = try Tensor(shape: [3], filledWith: 0)
    #expect(try zeros.argmax(axis: 0).item() == 0, "the first of equals wins")
    let labels = try Tensor(DenseArray<Int64>(shape: [1, 2], scalars: [1, 0]))
    #expect(try labels.oneHot(classes: 2).array(of: Float.self).scalars == [0, 1, 1, 0])
    #expect(try right.isAllFinite())
    #expect(try !(right / zeros).isAllFinite())
  }

  @Test func gradientsFlowAndCanBeSwitchedOff() throws {
    let x = try Tensor(DenseArray<Float>(shape: [2], scalars: [3, -2]))
    try x.setRequiresGradient(true)
    #expect(try x.gradient() == nil)
    try (x * x).sum().backward()
    #expect(try x.gradient()?.array(of: Float.self).scalars == [6, -4])
    try (x * 1).sum().backward()
    #expect(try x.gradient()?.array(of: Float.self).scalars == [7, -3], "gradients accumulate")
    try x.clearGradient()
    #expect(try x.gradient() == nil)
    let unrecorded = try withoutGradients { try x * x }
    #expect(!unrecorded.requiresGradient)
    #expect(throws: TorchError.self) { try unrecorded.sum().backward() }
    #expect(try (x * x).requiresGradient, "recording is on again")
  }

  @Test func autocastConvolvesInAShorterType() throws {
    let input = try Tensor(shape: [1, 1, 4, 4], filledWith: 1)
    let weight = try Tensor(shape: [2, 1, 3, 3], filledWith: 1)
    let output = try withAutocast(to: .bfloat16, on: .cpu) {
      try convolution(input, weight: weight, stride: [1, 1], padding: [1, 1])
    }
    #expect(try output.scalarType == .bfloat16)
    #expect(try output.array(of: Float.self)[0, 1, 1, 1] == 9)
    let types = try withAutocast(to: .bfloat16, on: .cpu) {
      let paused = try withoutAutocast(on: .cpu) { () throws(TorchError) in
        try convolution(input, weight: weight, stride: [1, 1], padding: [1, 1])
      }
      let resumed = try convolution(input, weight: weight, stride: [1, 1], padding: [1, 1])
      return try [paused.scalarType, resumed.scalarType]
    }
    #expect(types == [.float32, .bfloat16])
    let after = try convolution(input, weight: weight, stride: [1, 1], padding: [1, 1])
    #expect(try after.scalarType == .float32)
  }

  @Test func stepsAndClippingMatchTheFormulas() throws {
    let weight = try Tensor(DenseArray<Float>(shape: [2], scalars: [1, -1]))
    let unused = try Tensor(DenseArray<Float>(shape: [1], scalars: [5]))
    for tensor in [weight, unused] { try tensor.setRequiresGradient(true) }
    var momentum: [Tensor?] = [nil, nil]
    let options = SGDOptions(
      learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, usesNesterov: true)
    var expected: [Float] = [1, -1]
    var buffer: [Float] = [0, 0]
    for step in 0..<3 {
      try weight.clearGradient()
      let direction = try Tensor(DenseArray<Float>(shape: [2], scalars: [30, 40]))
      try (weight * direction).sum().backward()
      let norm = try clipGradients(of: [weight, unused], toNorm: 12)
      #expect(abs(norm - 50) < 1e-4)
      try sgdStep([weight, unused], momentum: &momentum, options: options)
      for (index, clipped) in [Float(7.2), 9.6].enumerated() {
        let gradient = clipped + 0.01 * expected[index]
        buffer[index] = step == 0 ? gradient : 0.9 * buffer[index] + gradient
        expected[index] -= 0.1 * (gradient + 0.9 * buffer[index])
      }
      expectClose(try weight.array(of: Float.self).scalars, expected, absolute: 1e-5)
    }
    #expect(momentum[0] != nil)
    #expect(momentum[1] == nil, "a parameter without gradient has no momentum")
    #expect(try unused.item() == 5)
  }

  @Test func wrongShapesAreTypedErrors() throws {
    let two = try Tensor(shape: [2], filledWith: 0)
    let three = try Tensor(shape: [3], filledWith: 0)
    #expect {
      _ = try two + three
    } throws: { error in
      guard case .invalidArgument(_, let detail)? = error as? TorchError else { return false }
      return detail.contains("must match") && !detail.contains("Exception raised")
    }
  }

  @Test func tooMuchMemoryIsItsOwnError() throws {
    #expect {
      _ = try Tensor(shape: [1 << 46], filledWith: 0)
    } throws: { error in
      guard case .outOfMemory? = error as? TorchError else { return false }
      return true
    }
  }

  @Test func borrowedMemoryLivesAsLongAsTheTensor() throws {
    final class Owner {
      let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 64)
      let ended: () -> Void
      init(ended: @escaping () -> Void) { self.ended = ended }
      deinit {
        memory.deallocate()
        ended()
      }
    }
    nonisolated(unsafe) var isGone = false
    func borrow() throws -> Tensor {
      let owner = Owner { isGone = true }
      owner.memory.storeBytes(of: 2.5, toByteOffset: 4, as: Float.self)
      return try Tensor(
        borrowing: owner.memory, shape: [2, 2], scalarType: .float32, owner: owner)
    }
    func use() throws {
      let view = try borrow().narrowed(axis: 0, to: 0..<1)
      #expect(!isGone, "the view keeps the memory")
      #expect(try view.array(of: Float.self).scalars[1] == 2.5)
    }
    try use()
    #expect(isGone)
    #expect(throws: TorchError.self) {
      let owner = Owner {}
      _ = try Tensor(borrowing: owner.memory, shape: [5], scalarType: .float32, owner: owner)
    }
  }

  @Test func handlesAreGivenBack() throws {
    let before = Tensor.liveCount
    func work() throws {
      let input = try Tensor(shape: [1, 2, 5, 6, 7], filledWith: 1)
      let weight = try Tensor(normalWithShape: [3, 2, 3, 3, 3], standardDeviation: 1, seed: 1)
      try weight.setRequiresGradient(true)
      var momentum: [Tensor?] = [nil]
      let scale = try Tensor(shape: [3], filledWith: 1)
      let output = try leakyReLU(
        overwriting: instanceNorm(
          convolution(input, weight: weight, stride: [1, 2, 2], padding: [1, 1, 1]),
          weight: scale, bias: scale, epsilon: 1e-5), slope: 0.01)
      try softmax(output, axis: 1).narrowed(axis: 1, to: 0..<1).sum().backward()
      try sgdStep(
        [weight], momentum: &momentum,
        options: SGDOptions(
          learningRate: 1, momentum: 0.9, weightDecay: 0, usesNesterov: true))
      #expect(Tensor.liveCount > before)
      _ = try? input + weight
    }
    try work()
    #expect(Tensor.liveCount == before)
  }

  @Test func seedsDecideTheDraws() throws {
    let draw = { seed in
      try Tensor(normalWithShape: [8], standardDeviation: 2, seed: seed).array(of: Float.self)
    }
    #expect(try draw(5) == draw(5))
    #expect(try draw(5) != draw(6))
  }

  @Test func devicesAreFoundByName() throws {
    #expect(try Device(named: "cpu") == .cpu)
    #expect(try Device.present().first == .cpu)
    #expect(throws: TorchError.unknownDevice(name: "gpu")) { try Device(named: "gpu") }
    #expect(throws: TorchError.unknownDevice(name: "cpu:3")) { try Device(named: "cpu:3") }
    #expect(throws: TorchError.self) { try Device(named: "cuda:99") }
    #expect(try TorchRuntime.version().hasPrefix("2."))
  }

  @Test func threadsCanBeSet() throws {
    let before = try TorchRuntime.threads()
    try TorchRuntime.setThreads(1)
    #expect(try TorchRuntime.threads() == 1)
    try TorchRuntime.setThreads(before)
  }
}
