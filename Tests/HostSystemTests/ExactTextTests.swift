import HostSystem
import TestSupport
import Testing

@Suite struct ExactTextTests {
  @Test func noScalarHidesASlash() {
    for (text, scalars) in zip(textsOfAllScalars(around: "/"), allScalars) {
      let parts = text.parts(at: "/", omittingEmpty: false)
      // A slash among the scalars is a slash.
      let slashes = text.utf8.count { $0 == UInt8(ascii: "/") }
      let isRight =
        parts.count == slashes + 1 && text.holds("/\(scalars[0])/")
        && text.begins(with: "/\(scalars[0])") && text.dropping(prefix: "/") != nil
        && text.ends(with: "\(scalars[scalars.count - 1])/") && text.dropping(suffix: "/") != nil
        && text.fileName.isEmpty
        && parts.joined(separator: "/").utf8.elementsEqual(text.utf8)
      #expect(isRight, "U+\(String(scalars[0].value, radix: 16)) and following")
    }
  }

  @Test func partsAreThoseOfTheBytes() {
    #expect("a,,b,".parts(at: ",") == ["a", "b"])
    #expect("a,,b,".parts(at: ",", omittingEmpty: false) == ["a", "", "b", ""])
    #expect("a=b=c".parts(at: "=", maxSplits: 1) == ["a", "b=c"])
    // An omitted empty part does not count as a split, as in the standard library.
    #expect("=a=b=c".parts(at: "=", maxSplits: 1) == ["a", "b=c"])
    #expect("".parts(at: ",").isEmpty)
    #expect("".parts(at: ",", omittingEmpty: false) == [""])
    #expect("a__b__c".parts(at: "__") == ["a", "b", "c"])
    #expect("a___b".parts(at: "__") == ["a", "_b"])
    #expect("a\r\nb\nc".lines == ["a", "b", "c"])
    #expect("a'b''c".substituting("'", with: "'\\''") == "a'\\''b'\\'''\\''c")
  }

  @Test func equalToTheEyeIsNotTheSame() {
    #expect("\u{E9}" == "e\u{301}")
    #expect(!"\u{E9}".isExactly("e\u{301}"))
    #expect(!"\u{E9}a".begins(with: "e\u{301}"))
    // For Swift, a Kelvin sign is a K, and a Greek question mark is a semicolon.
    #expect(!"\u{212A}".begins(with: "K"))
    #expect(!"a\u{37E}b".holds(";"))
  }

  @Test func controlsAreThoseThatEndLinesOrTurnText() {
    let different = allScalars.joined().filter { scalar in
      let isControl =
        scalar.value < 32 || (127...159).contains(scalar.value)
        || [0x2028, 0x2029].contains(scalar.value)
      return scalar.isControl != isControl
    }
    #expect(different.isEmpty)
  }
}
