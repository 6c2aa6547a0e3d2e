import Foundation
import HostSystem
import TestSupport
import Testing

@Suite struct QuotedTextTests {
  /// What a shell with only POSIX rules reads: one word, byte by byte; nil for more or fewer.
  private func wordOfShell(_ text: String) -> [UInt8]? {
    var (word, isQuoted, rest) = ([UInt8](), false, Array(text.utf8)[...])
    while let byte = rest.popFirst() {
      switch (byte, isQuoted) {
      case (UInt8(ascii: "'"), _): isQuoted.toggle()
      case (UInt8(ascii: "\\"), false): word.append(rest.popFirst() ?? 0)
      case (_, true): word.append(byte)
      case (_, false):
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        guard letters.contains(byte | 0x20) || "0123456789-_./=:,+@%".utf8.contains(byte) else {
          return nil
        }
        word.append(byte)
      }
    }
    return isQuoted ? nil : word
  }

  @Test(arguments: ["'", "", ";", "\\"])
  func everyScalarStaysInItsWord(special: String) {
    for text in textsOfAllScalars(around: special) {
      let word = wordOfShell(QuotedText.shellWord(text))
      #expect(word == Array(text.utf8), "\(text.unicodeScalars.first?.value ?? 0)")
    }
  }

  @Test func plainWordsStayAsTheyAre() {
    #expect(QuotedText.shellWord("") == "''")
    #expect(QuotedText.shellWord("a/b-1.nii.gz") == "a/b-1.nii.gz")
    #expect(QuotedText.shellWord("ä") == "'ä'")
  }

  /// bash reads every word back unchanged.
  @Test func bashReadsTheWords() throws {
    let specials = "'\"\\$`!&;|<>(){}[]*?~# \t=,".unicodeScalars
    let neighbours = ["", "a", "\u{301}", "\u{600}", "\u{200D}", "\u{FE0F}", "é", "\u{1F468}"]
    let words = specials.flatMap { special in
      neighbours.flatMap { ["\(special)\($0)", "\($0)\(special)", "'\($0)\(special)"] }
    }
    let folder = try temporaryFolder()
    let (script, output) = (folder.appending(path: "s.sh"), folder.appending(path: "out"))
    let lines = words.map { "printf '%s\\n' \(QuotedText.shellWord($0))" }
    try Data(lines.joined(separator: "\n").utf8).write(to: script)
    let child = try ChildProcess("/bin/bash", [script.path], output: output)
    waitUntil { child.poll() != nil }
    let read = try Data(contentsOf: output).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    #expect(read.count == words.count + 1)
    for (word, line) in zip(words, read) { #expect(Array(word.utf8) == Array(line), "\(word)") }
  }

  @Test(arguments: [",", "\"", "\n", "\r"])
  func everyScalarStaysInItsCell(special: String) {
    let quote = UInt8(ascii: "\"")
    for text in textsOfAllScalars(around: special) {
      let cell = Array(QuotedText.csvCell(text).utf8)
      #expect(cell.count > 1 && cell.first == quote && cell.last == quote)
      // Within the quotes every quote is doubled.
      var read: [UInt8] = []
      var rest = cell.dropFirst().dropLast()
      while let byte = rest.popFirst() {
        if byte == quote { #expect(rest.popFirst() == quote) }
        read.append(byte)
      }
      #expect(
        read.drop { $0 == UInt8(ascii: "'") }.elementsEqual(
          text.utf8.drop { $0 == UInt8(ascii: "'") }))
    }
  }

  @Test func spreadsheetsCalculateNothing() {
    #expect(QuotedText.csvCell("case_1") == "case_1")
    for mark in ["=", "+", "-", "@"] {
      #expect(QuotedText.csvCell("\(mark)1+1") == "\"'\(mark)1+1\"")
      #expect(QuotedText.csvCell("\(mark)\u{301}1") == "\"'\(mark)\u{301}1\"")
    }
    #expect(QuotedText.csvCell("a\"b") == "\"a\"\"b\"")
  }

  @Test(arguments: ["<", ">", "\"", "'", "&"])
  func everyScalarInMarkupIsText(special: String) {
    let forbidden = Set("<>\"'".utf8)
    for text in textsOfAllScalars(around: special) {
      let markup = QuotedText.markup(text)
      #expect(!markup.utf8.contains(where: forbidden.contains))
      #expect(!markup.unicodeScalars.contains { $0.isControl && $0 != "\n" && $0 != "\t" })
    }
  }

  @Test func controlsAreReplacedInMarkup() {
    #expect(QuotedText.markup("a & b\u{0}") == "a &amp; b\u{FFFD}")
  }

  @Test(arguments: ["\"", "\\", ""])
  func everyScalarInAMessageStaysInItsLine(special: String) {
    for text in textsOfAllScalars(around: special) {
      let visible = QuotedText.visible(text).unicodeScalars
      #expect(visible.first == "\"" && visible.last == "\"")
      var rest = visible.dropFirst().dropLast()
      while let scalar = rest.popFirst() {
        if scalar == "\"" || scalar.isControl { Issue.record("U+\(scalar.value) ends the text") }
        if scalar == "\\" { #expect(rest.popFirst() != nil) }
      }
    }
  }

  @Test func controlsAreVisibleInAMessage() {
    #expect(QuotedText.visible("a\u{85}\u{2028}") == "\"a\\x85\\u2028\"")
  }

  @Test func controlsAreNamed() {
    #expect {
      try QuotedText.requireNoControls("Task1_a\nb", in: "The task's name")
    } throws: {
      let error = $0 as? ControlCharacterError
      return error?.message.contains("U+000A") == true
        && error?.message.contains("The task's name") == true
    }
    #expect(throws: ControlCharacterError.self) {
      try QuotedText.requireNoControls("a\u{202E}b", in: "x")
    }
    #expect(throws: Never.self) { try QuotedText.requireNoControls("große Namen", in: "x") }
  }
}
