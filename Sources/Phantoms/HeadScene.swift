import Arrays

/// A head with a curved organ of two parts, as in MR.
///
/// The organ resembles a hippocampus: a thick front part (label 1) that narrows into a tail (label
/// 2), with white matter below, a fluid-filled horn next to it, and in front a round neighbour with
/// nearly the same signal that is not part of it. So neither intensity nor position alone is enough
/// to find it.
struct HeadScene: PhantomScene {
  static let extent = SIMD3<Float>(20, 28, 20)
  static let air = SIMD4<Float>(2, 2, 2, 2)

  /// Signals in arbitrary units: T1, T2, FLAIR and proton density weighting.
  private enum Tissue {
    static let scalp = SIMD4<Float>(150, 105, 100, 110)
    static let bone = SIMD4<Float>(18, 12, 12, 18)
    static let fluid = SIMD4<Float>(28, 185, 24, 120)
    static let gray = SIMD4<Float>(78, 104, 104, 130)
    static let white = SIMD4<Float>(120, 74, 78, 104)
    static let vessel = SIMD4<Float>(165, 30, 60, 40)
    static let organHead = SIMD4<Float>(90, 112, 122, 128)
    static let organTail = SIMD4<Float>(78, 116, 116, 132)
  }

  private let shape: SmoothField
  private let folds: SmoothField
  private let rotation: SmallRotation
  private let shift: SIMD3<Float>
  private let head: Ellipsoid
  private let organ: BentTube
  private let horn: BentTube
  private let vessel: BentTube
  private let neighbour: Ellipsoid
  /// Where the organ's head ends along the organ.
  private let division: Float

  init(using random: inout StreamRandom) {
    shape = SmoothField(extent: Self.extent, wavelength: 13, using: &random)
    folds = SmoothField(extent: Self.extent, wavelength: 6, using: &random)
    rotation = SmallRotation(limit: 0.14, using: &random)
    shift = random.point(1.5)
    head = Ellipsoid(
      center: random.point(0.5),
      radii: SIMD3(random.number(22...24), random.number(30...32), random.number(22...24)))
    let line = CenterLine(using: &random)
    organ = line.organ
    horn = line.horn
    neighbour = Ellipsoid(
      center: line.front + SIMD3(random.number(-1...1), -3.5, random.number(2...4)),
      radii: SIMD3(random.number(3...4), random.number(3...4), random.number(3...4)))
    vessel = Self.drawVessel(&random)
    division = random.number(0.4...0.45)
  }

  func sample(at position: SIMD3<Float>, blur: Float) -> TissueSample {
    let warp = shape(position)
    let texture = folds(position)
    let fine = SIMD3(texture.x, texture.y, texture.z)
    let point =
      rotation(position - shift) + 0.9 * SIMD3(warp.x, warp.y, warp.z) + 0.25 * fine
    var sample = TissueSample(signal: Self.air)
    let depth = head.distance(to: point)
    sample.paint(Tissue.scalp, distance: depth, blur: blur)
    sample.paint(Tissue.bone, distance: depth + 1.6, blur: blur)
    sample.paint(Tissue.fluid, distance: depth + 3.4, blur: blur)
    let surface = depth + 4.6 + 0.5 * texture.w
    guard surface < blur else { return sample }
    sample.paint(Tissue.gray, distance: surface, blur: blur)
    // The cortex is a layer of gray matter with a folded inner border; there are some deep gray
    // islands.
    let folded = surface + 2.5 + 1.7 * texture.w
    let whiteDepth = max(folded, 2.2 * (0.5 * warp.w + 0.9 * texture.w - 1.15))
    sample.paint(Tissue.white, distance: whiteDepth, blur: max(blur, 1.2))
    paintOrgan(&sample, point, texture.w, blur)
    return sample
  }

  private func paintOrgan(
    _ sample: inout TissueSample, _ point: SIMD3<Float>, _ texture: Float, _ blur: Float
  ) {
    sample.paint(Tissue.gray, distance: neighbour.distance(to: point), blur: blur)
    let (depth, along) = organ.distance(to: point)
    sample.paint(Tissue.white, distance: depth - 1.1, blur: blur)
    sample.paint(Tissue.fluid, distance: horn.distance(to: point).distance, blur: blur)
    sample.paint(Tissue.vessel, distance: vessel.distance(to: point).distance, blur: blur)
    let part = min(max((along - division) * 20 + 0.5, 0), 1)
    let tissue = Tissue.organHead + (Tissue.organTail - Tissue.organHead) * part
    sample.paint(
      tissue * (1 + 0.03 * texture), distance: depth, blur: blur, label: along < division ? 1 : 2)
  }

  private static func drawVessel(_ random: inout StreamRandom) -> BentTube {
    let start = SIMD3<Float>(
      random.number(6...10), random.number(-16 ... -10), random.number(2...8))
    let bend = random.point(3)
    return BentTube(
      nodes: (0..<9).map { index in
        let t = Float(index) / 8
        let center = start + SIMD3(-2, 20, -4) * t + bend * (4 * t * (1 - t))
        return .init(center: center, radius: 0.9)
      })
  }
}

/// The curved line of the organ and of the horn next to it.
private struct CenterLine {
  let organ: BentTube
  let horn: BentTube
  /// The organ's front end.
  let front: SIMD3<Float>

  init(using random: inout StreamRandom) {
    let length = random.number(26...31)
    let start = SIMD3<Float>(random.number(-5 ... -3), -length / 2 + 1, random.number(-4 ... -2))
    let rise = random.number(6...9)
    let inward = random.number(4...7)
    let bow = random.number(2.5...4)
    let (headRadius, tailRadius) = (random.number(4.2...5.2), random.number(1.8...2.4))
    let centers = (0..<15).map { index -> SIMD3<Float> in
      let t = Float(index) / 14
      let arch = 4 * t * (1 - t)
      return start + SIMD3(inward * t * t - bow * arch, length * t, rise * t * t - 0.4 * bow * arch)
    }
    let radii = (0..<15).map { index -> Float in
      let t = Float(index) / 14
      // Thick in front, slowly thinner, rounded at both ends.
      let body = headRadius + (tailRadius - headRadius) * (t * (2 - t))
      let end = min(1, 0.55 + 5 * t) * min(1, 0.6 + 5 * (1 - t))
      return body * end
    }
    front = centers[0]
    organ = BentTube(nodes: zip(centers, radii).map { .init(center: $0, radius: $1) })
    let width = random.number(0.9...1.7)
    horn = BentTube(
      nodes: zip(centers, radii).dropFirst(2).map { center, radius in
        .init(center: center + SIMD3(-0.55, 0, 0.85) * (radius + 0.6 * width), radius: width)
      })
  }
}
