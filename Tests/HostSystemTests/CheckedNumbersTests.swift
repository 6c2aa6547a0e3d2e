import HostSystem
import Testing

@Suite struct CheckedNumbersTests {
  @Test func numbersThatDoNotFitAreNone() {
    #expect(Int(nearest: 2.5) == 3)
    #expect(Int(nearest: -2.5) == -3)
    for value in [Double.nan, .infinity, -.infinity, 1e19, -1e19, 0x1p63] {
      #expect(Int(nearest: value) == nil, "\(value)")
    }
    #expect(Int(nearest: -0x1p63) == Int.min)
    #expect(UInt8(nearest: 255.4) == 255)
    #expect(UInt8(nearest: 256) == nil)
    #expect(UInt8(nearest: -1) == nil)
  }

  @Test func limitsHold() {
    #expect(Int(nearest: 1e30, within: 0...10) == 10)
    #expect(Int(nearest: -.infinity, within: 0...10) == 0)
    #expect(Int(nearest: 4.5, within: 0...10) == 5)
    #expect(Int(nearest: .nan, within: 0...10) == nil)
    #expect(Int(nearest: 1e30, within: 0...Int.max) == Int.max)
    #expect(UInt8(nearest: 300, within: 0...255) == 255)
  }

  @Test func productsSayWhenTheyOverflow() {
    #expect(checkedProduct([2, 3, 4]) == 24)
    #expect(checkedProduct([Int]()) == 1)
    #expect(checkedProduct([5, 0, 7]) == 0)
    #expect(checkedProduct([1 << 62, 2]) == nil)
    #expect(checkedProduct([0, 1 << 62, 1 << 62]) == nil, "0 hides nothing")
    #expect(checkedProduct([3, -1]) == nil)
    #expect([2, 3, 4].trustedProduct == 24)
  }

  @Test func trustedNumbersLoseTheirFraction() {
    #expect(Int(trusted: 3.9) == 3)
    #expect(Int(trusted: Float(-3.9)) == -3)
    #expect(UInt16(trusted: 65535.5) == 65535)
  }
}
