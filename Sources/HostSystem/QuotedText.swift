/// Text in quoted form, so that other programs do not interpret any of it as a command.
///
/// Names of tasks, cases, labels and folders come from anywhere. Each function looks at Unicode
/// scalars: in "'\u{301}", a shell sees the end of a quotation, but Swift's `Character` is another
/// letter.
package enum QuotedText {
  /// One word of a POSIX shell, bash or zsh.
  ///
  /// Control characters are not changed: code that writes a script refuses them first (see
  /// ``requireNoControls(_:in:)``).
  package static func shellWord(_ word: String) -> String {
    let isPlain = word.unicodeScalars.allSatisfy {
      $0.isASCIILetter || $0.isASCIIDigit || "-_./=:,+@%".unicodeScalars.contains($0)
    }
    return isPlain && !word.isEmpty ? word : inSingleQuotes(word)
  }

  /// Any text in quotation marks, for a POSIX shell.
  package static func inSingleQuotes(_ text: String) -> String {
    "'" + text.substituting("'", with: "'\\''") + "'"
  }

  /// A text in quotation marks for fish, where a backslash has a meaning.
  package static func fishText(_ text: String) -> String {
    "'" + text.substituting("\\", with: "\\\\").substituting("'", with: "\\'") + "'"
  }

  /// A text as a cell of a CSV file (RFC 4180).
  ///
  /// Spreadsheets calculate cells that begin with `=`, `+`, `-` or `@`, even within quotation
  /// marks; an apostrophe before it makes it text. Numbers are written without this function.
  package static func csvCell(_ text: String) -> String {
    let isFormula =
      text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
    let cell = isFormula ? "'" + text : text
    let isPlain =
      !isFormula && cell.unicodeScalars.allSatisfy { !",\"\n\r".unicodeScalars.contains($0) }
    return isPlain ? cell : "\"" + cell.substituting("\"", with: "\"\"") + "\""
  }

  /// A text between tags or within the quotation marks of HTML, SVG and XML.
  ///
  /// Control characters, which XML does not know and browsers may drop, become U+FFFD.
  package static func markup(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case _ where scalar.isControl || scalar.value & 0xFFFE == 0xFFFE:
        result.unicodeScalars.append("\u{FFFD}")
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A text in double quotation marks for an error message, where control characters are visible as their
  /// codes and no scalar ends the line or the text.
  package static func visible(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.isControl || scalar == "\u{FEFF}" || scalar.value & 0xFFFE == 0xFFFE:
        result += escape(scalar)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let (mark, count) =
      scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
    return "\\" + mark + scalar.value.zeroPadded(to: count, radix: 16, uppercase: true)
  }

  /// Refuses a text that must not appear in a script, where a line break in it would begin a line
  /// of the script.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - place: The meaning of the text, as in "the task's name".
  /// - Throws: ``ControlCharacterError`` for the first character that is a control character or
  ///   turns the direction of the text.
  package static func requireNoControls(
    _ text: String, in place: String
  ) throws(ControlCharacterError) {
    guard let scalar = text.unicodeScalars.first(where: { $0.isControl || $0.turnsText }) else {
      return
    }
    throw ControlCharacterError(text: text, scalar: scalar, place: place)
  }
}

/// A text with a control character that a script would interpret as a command.
package struct ControlCharacterError: ExplainedError, Equatable {
  package var text: String
  package var scalar: Unicode.Scalar
  package var place: String

  package init(text: String, scalar: Unicode.Scalar, place: String) {
    (self.text, self.scalar, self.place) = (text, scalar, place)
  }

  package var message: String {
    let code = scalar.value.zeroPadded(to: 4, radix: 16, uppercase: true)
    return "\(place), \(QuotedText.visible(text)), has the control character U+\(code),"
      + " which cannot be written into a script."
  }

  package var hint: String? { "Give it another name." }
}
