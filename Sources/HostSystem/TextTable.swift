/// Rows of cells as lines of a terminal: columns are padded to their widest cell.
///
/// A table that is too wide for the terminal is shown in several parts, each with the first column.
package struct TextTable: Sendable {
  /// The rows, the titles first; all have as many cells.
  package var rows: [[String]]
  /// The columns with right-aligned cells, such as numbers.
  package var rightAligned: Set<Int> = []

  package init(_ rows: [[String]], rightAligned: Set<Int> = []) {
    self.rows = rows
    self.rightAligned = rightAligned
  }

  /// The minimum width of terminals.
  package static let columns = 80
  private static let gap = 2

  /// The lines; none exceeds `columns` unless the first column and another one together do.
  package func lines(columns: Int = TextTable.columns) -> [String] {
    guard let count = rows.first?.count, count > 0 else { return [] }
    let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
    var parts: [[Int]] = [[0]]
    var width = widths[0]
    for column in 1..<max(count, 1) {
      width += Self.gap + widths[column]
      if width > columns, parts[parts.count - 1].count > 1 {
        parts.append([0])
        width = widths[0] + Self.gap + widths[column]
      }
      parts[parts.count - 1].append(column)
    }
    return Array(parts.map { lines(of: $0, widths: widths) }.joined(separator: [""]))
  }

  private func lines(of part: [Int], widths: [Int]) -> [String] {
    rows.map { row in
      var line = part.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return rightAligned.contains(column) ? space + row[column] : row[column] + space
      }.joined(separator: String(repeating: " ", count: Self.gap))
      while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
      return line
    }
  }
}

/// Breaks a paragraph at its spaces into lines of a terminal.
///
/// A part without spaces, such as a path, is not broken even if it is longer than a line.
///
/// - Parameters:
///   - text: One paragraph.
///   - columns: The longest line, in characters.
///   - indent: The beginning of all lines after the first.
/// - Returns: The lines.
package func wrapped(
  _ text: String, columns: Int = TextTable.columns, indent: String = ""
) -> [String] {
  var lines: [String] = []
  var line: String?
  for word in text.parts(at: " ", omittingEmpty: false) {
    if let begun = line, begun.count + 1 + word.count <= columns {
      line = begun + " " + word
    } else if let begun = line {
      lines.append(begun)
      line = indent + word
    } else {
      line = String(word)
    }
  }
  return lines + [line ?? ""]
}

/// A text shortened to a number of columns: the excess is removed from its middle, because messages
/// begin with their subject and end with what happened.
package func shortened(_ text: String, to columns: Int) -> String {
  guard text.count > columns else { return text }
  let kept = max(columns - 1, 0)
  return text.prefix(kept / 2) + "…" + text.suffix(kept - kept / 2)
}
