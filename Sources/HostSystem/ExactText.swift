// A text as the system and other programs see it: its bytes.
//
// Swift's `Character` is what a person sees, often several Unicode scalars: "/\u{301}" contains no
// Character "/", although the system finds a folder there, and two texts with different bytes may
// be equal. Decisions about paths, names of files, formats and quoting are made with these
// functions.
extension StringProtocol where SubSequence == Substring {
  /// Whether the bytes of the text begin with those of `prefix`.
  package func begins(with prefix: some StringProtocol) -> Bool { utf8.starts(with: prefix.utf8) }

  /// Whether the bytes of the text end with those of `suffix`.
  package func ends(with suffix: some StringProtocol) -> Bool {
    utf8.reversed().starts(with: suffix.utf8.reversed())
  }

  /// Whether the text contains the bytes of `part`.
  package func holds(_ part: some StringProtocol) -> Bool {
    part.isEmpty || place(of: part, from: startIndex) != nil
  }

  /// Whether both texts have the same bytes; `==` considers "é" and "e\u{301}" equal.
  package func isExactly(_ other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }

  /// The text after `prefix`; nil if the text does not begin with it.
  package func dropping(prefix: some StringProtocol) -> Substring? {
    guard begins(with: prefix) else { return nil }
    return self[utf8.index(startIndex, offsetBy: prefix.utf8.count)...]
  }

  /// The text before `suffix`; nil if the text does not end with it.
  package func dropping(suffix: some StringProtocol) -> Substring? {
    guard ends(with: suffix) else { return nil }
    return self[..<utf8.index(endIndex, offsetBy: -suffix.utf8.count)]
  }

  /// Splits the text at the bytes of `separator`.
  ///
  /// - Parameters:
  ///   - separator: One byte or more.
  ///   - maxSplits: The largest number of splits.
  ///   - omittingEmpty: Whether to omit parts without a byte.
  /// - Returns: The parts in their order, without the separators.
  package func parts(
    at separator: some StringProtocol, maxSplits: Int = .max, omittingEmpty: Bool = true
  ) -> [Substring] {
    precondition(!separator.isEmpty, "a text is cut at something")
    var parts: [Substring] = []
    var start = startIndex
    while parts.count < maxSplits, let place = place(of: separator, from: start) {
      if !omittingEmpty || start < place { parts.append(self[start..<place]) }
      start = utf8.index(place, offsetBy: separator.utf8.count)
    }
    if !omittingEmpty || start < endIndex { parts.append(self[start...]) }
    return parts
  }

  /// The text with every `part` replaced.
  package func substituting(_ part: some StringProtocol, with replacement: String) -> String {
    parts(at: part, omittingEmpty: false).joined(separator: replacement)
  }

  /// The lines of the text without their ends, `\n` or `\r\n`; empty ones count.
  package var lines: [Substring] {
    parts(at: "\n", omittingEmpty: false).map { $0.dropping(suffix: "\r") ?? $0 }
  }

  /// The part of a path after its last `/`.
  package var fileName: Substring {
    parts(at: "/", omittingEmpty: false).last ?? self[...]
  }

  /// Where the bytes of `part` first occur from an index on.
  private func place(of part: some StringProtocol, from start: Index) -> Index? {
    guard let first = part.utf8.first else { return nil }
    var rest = utf8[start...]
    while let candidate = rest.firstIndex(of: first) {
      if utf8[candidate...].starts(with: part.utf8) { return candidate }
      rest = utf8[utf8.index(after: candidate)...]
    }
    return nil
  }
}

extension Unicode.Scalar {
  /// Whether it is one of A-Z and a-z.
  package var isASCIILetter: Bool { ("A"..."Z").contains(self) || ("a"..."z").contains(self) }

  /// Whether it is one of 0-9.
  package var isASCIIDigit: Bool { ("0"..."9").contains(self) }

  /// Whether a terminal, a shell or a reader of lines interprets it as a command rather than as
  /// text: a control character, or one of Unicode's line separators.
  package var isControl: Bool {
    properties.generalCategory == .control || self == "\u{2028}" || self == "\u{2029}"
  }

  /// Whether it changes the direction of text, so that a reader sees another text than the system.
  package var turnsText: Bool {
    ("\u{202A}"..."\u{202E}").contains(self) || ("\u{2066}"..."\u{2069}").contains(self)
  }
}

extension Sequence<String> {
  /// Those that are not among the others, byte by byte: two spellings of a letter are one text for
  /// Swift, but two names for the system.
  package func namesMissing(in others: some Sequence<String>) -> [String] {
    let known = Set(others.map { Array($0.utf8) })
    return filter { !known.contains(Array($0.utf8)) }
  }
}
