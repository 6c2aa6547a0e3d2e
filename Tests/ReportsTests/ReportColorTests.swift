import Foundation
import Testing

@testable import Reports

/// The colors of series are visible on their background and distinguishable, in light and dark
/// mode.
@Suite struct ReportColorTests {
  /// The variables of the style sheet, once for each place that sets them: light, dark by the system,
  /// dark by the reader.
  private func themes() throws -> [[String: Color]] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let css = try String(
      contentsOf: root.appending(path: "Sources/Reports/Resources/report.css"), encoding: .utf8)
    let variable = /--(\w+): #([0-9a-f]{6})/
    return css.split(separator: "{").map { block in
      Dictionary(
        block.prefix { $0 != "}" }.matches(of: variable).compactMap { match in
          Int(match.2, radix: 16).map { (String(match.1), Color($0)) }
        }, uniquingKeysWith: { first, _ in first })
    }.filter { $0["paper"] != nil }
  }

  private func series(_ theme: [String: Color]) throws -> [Color] {
    try (0..<Figures.styleCount).map { try #require(theme["s\($0)"]) }
  }

  @Test func bothDarkThemesAreOne() throws {
    let themes = try themes()
    #expect(themes.count == 3)
    #expect(themes[1] == themes[2] && themes[0] != themes[1])
  }

  /// As required by the Web Content Accessibility Guidelines for small text (4.5 to 1), which is
  /// more than for lines (3 to 1).
  @Test func everySeriesIsSeen() throws {
    for theme in try themes() {
      let grounds = [try #require(theme["card"]), try #require(theme["paper"])]
      for (index, color) in try series(theme).enumerated() {
        for ground in grounds {
          #expect(color.contrast(to: ground) >= 4.5, "s\(index): \(color.contrast(to: ground))")
        }
      }
      for name in ["ink", "soft"] {
        #expect(try #require(theme[name]).contrast(to: grounds[0]) >= 4.5, "\(name)")
      }
    }
    #expect(Color(0xffffff).contrast(to: Color(0)) == 21)
    #expect(abs(Color(0x767676).contrast(to: Color(0xffffff)) - 4.54) < 0.01)
  }

  /// A difference of 2 is just visible between adjacent fields; lines and dots are apart.
  @Test func anyTwoSeriesDiffer() throws {
    for theme in try themes() {
      let colors = try series(theme)
      for first in colors.indices {
        for second in colors.indices where second > first {
          let difference = colors[first].difference(to: colors[second])
          #expect(difference >= 20, "s\(first) and s\(second): \(difference)")
        }
      }
    }
  }
}

/// A color of a style sheet.
private struct Color: Hashable {
  /// Linear red, green and blue, 0 to 1.
  let light: [Double]

  init(_ code: Int) {
    light = [16, 8, 0].map { shift in
      let value = Double(code >> shift & 0xff) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
  }

  private var luminance: Double { 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] }

  /// The contrast of WCAG 2, 1 to 21.
  func contrast(to other: Color) -> Double {
    let both = [luminance, other.luminance].sorted()
    return (both[1] + 0.05) / (both[0] + 0.05)
  }

  /// The distance in CIELAB (CIE 1976) with the white of sRGB.
  func difference(to other: Color) -> Double {
    zip(lab, other.lab).map { pow($0 - $1, 2) }.reduce(0, +).squareRoot()
  }

  private var lab: [Double] {
    let rows = [
      [0.412_456_4 / 0.950_47, 0.357_576_1 / 0.950_47, 0.180_437_5 / 0.950_47],
      [0.212_672_9, 0.715_152_2, 0.072_175_0],
      [0.019_333_9 / 1.088_83, 0.119_192_0 / 1.088_83, 0.950_304_1 / 1.088_83],
    ]
    let xyz = rows.map { row in
      let value = zip(row, light).map { $0 * $1 }.reduce(0, +)
      return value > 0.008856 ? cbrt(value) : 7.787 * value + 16.0 / 116
    }
    return [116 * xyz[1] - 16, 500 * (xyz[0] - xyz[1]), 200 * (xyz[1] - xyz[2])]
  }
}
