/// A color, red, green and blue from 0 to 1.
public struct Color: Hashable, Sendable {
  public var red: Double
  public var green: Double
  public var blue: Double

  public init(_ red: Double, _ green: Double, _ blue: Double) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  public static let black = Color(0, 0, 0)
  public static let white = Color(1, 1, 1)
  public static let gray = Color(0.45, 0.45, 0.45)
  public static let paleGray = Color(0.87, 0.87, 0.87)
  public static let blue = Color(0.09, 0.28, 0.75)
  public static let red = Color(0.82, 0.11, 0.11)
  public static let green = Color(0, 0.5, 0.18)
}
