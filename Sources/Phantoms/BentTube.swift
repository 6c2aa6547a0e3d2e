import Foundation

/// A round body along a curved line, with a varying radius.
struct BentTube: Sendable {
  /// A point of the line and the radius there.
  struct Node: Sendable {
    var center: SIMD3<Float>
    var radius: Float
  }

  private let nodes: [Node]
  private let lower: SIMD3<Float>
  private let upper: SIMD3<Float>

  /// - Parameter nodes: At least two, in order; the line between them is straight.
  init(nodes: [Node]) {
    self.nodes = nodes
    let margin: Float = 4
    lower = nodes.reduce(SIMD3(repeating: .infinity)) {
      pointwiseMin($0, $1.center - $1.radius - margin)
    }
    upper = nodes.reduce(SIMD3(repeating: -.infinity)) {
      pointwiseMax($0, $1.center + $1.radius + margin)
    }
  }

  /// The signed distance from the surface, and how far along the line the nearest point is, 0...1.
  ///
  /// For points more than 4 away from the body, any larger distance may be reported.
  func distance(to point: SIMD3<Float>) -> (distance: Float, along: Float) {
    guard all(point .>= lower) && all(point .<= upper) else { return (4, 0) }
    return nodes.withUnsafeBufferPointer { nodes in
      var best = (distance: Float.infinity, along: Float(0))
      for index in 0..<nodes.count - 1 {
        let segment = nodes[index + 1].center - nodes[index].center
        let offset = point - nodes[index].center
        let projected = (offset * segment).sum() / (segment * segment).sum()
        let t = min(max(projected, 0), 1)
        let difference = offset - t * segment
        let radius = nodes[index].radius + t * (nodes[index + 1].radius - nodes[index].radius)
        let distance = (difference * difference).sum().squareRoot() - radius
        if distance < best.distance {
          best = (distance, (Float(index) + t) / Float(nodes.count - 1))
        }
      }
      return best
    }
  }
}
