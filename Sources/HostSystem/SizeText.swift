/// The extents of an array in messages, such as `20×24×22`.
package func sizeText(_ extents: [Int]) -> String {
  extents.map(String.init).joined(separator: "×")
}
