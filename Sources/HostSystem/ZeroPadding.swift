extension BinaryInteger {
  /// The number's digits, with zeros in front of them up to `count`, such as `004`.
  package func zeroPadded(to count: Int, radix: Int = 10, uppercase: Bool = false) -> String {
    let digits = String(self, radix: radix, uppercase: uppercase)
    return String(repeating: "0", count: max(count - digits.utf8.count, 0)) + digits
  }
}
