import Testing
import Torch

@Suite struct PrecisionTests {
  @Test func imagesAreNotPredictedInBFloat16() {
    #expect(Precision.bfloat16.forPrediction(axes: 2) == .float32)
    #expect(Precision.bfloat16.forPrediction(axes: 3) == .bfloat16)
    // Its eleven bits suffice.
    #expect(Precision.float16.forPrediction(axes: 2) == .float16)
    #expect(Precision.float32.forPrediction(axes: 2) == .float32)
  }
}
