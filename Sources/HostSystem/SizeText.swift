/// The extents of an array as messages show them, such as `20×24×22`.
package func sizeText(_ extents: [Int]) -> String {
  extents.map(String.init).joined(separator: "×")
}
