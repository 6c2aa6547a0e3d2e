/// A color: red, green and blue from 0 to 1.
package struct Color: Hashable, Sendable {
  package var red: Double
  package var green: Double
  package var blue: Double

  package init(_ red: Double, _ green: Double, _ blue: Double) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  package static let black = Color(0, 0, 0)
  package static let white = Color(1, 1, 1)
  package static let gray = Color(0.45, 0.45, 0.45)
  package static let paleGray = Color(0.87, 0.87, 0.87)
  package static let blue = Color(0.09, 0.28, 0.75)
  package static let red = Color(0.82, 0.11, 0.11)
  package static let green = Color(0, 0.5, 0.18)
}
