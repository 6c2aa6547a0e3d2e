import Arrays

/// An abdomen with an organ that contains lesions, as in CT.
///
/// The organ (label 1) resembles a liver, its lesions (label 2) are darker and inside it. A spleen
/// of the same density on the other side, a stomach and bowel loops are background.
struct AbdomenScene: PhantomScene {
  static let extent = SIMD3<Float>(28, 20, 20)
  static let air = SIMD4<Float>(repeating: -1000)

  /// Densities in HU: portal venous, native, arterial and late phase.
  private enum Tissue {
    static let fat = SIMD4<Float>(-98, -100, -99, -98)
    static let muscle = SIMD4<Float>(58, 48, 54, 56)
    static let bowel = SIMD4<Float>(38, 28, 42, 36)
    static let gas = SIMD4<Float>(-750, -750, -750, -750)
    static let stomach = SIMD4<Float>(18, 15, 18, 18)
    static let cortex = SIMD4<Float>(520, 510, 515, 518)
    static let marrow = SIMD4<Float>(190, 175, 185, 188)
    static let disc = SIMD4<Float>(85, 78, 82, 84)
    static let aorta = SIMD4<Float>(165, 42, 320, 120)
    static let organ = SIMD4<Float>(118, 56, 74, 98)
    static let spleen = SIMD4<Float>(122, 50, 112, 96)
    static let lesion = SIMD4<Float>(58, 36, 46, 70)
    static let core = SIMD4<Float>(30, 22, 26, 34)
  }

  private let shape: SmoothField
  private let loops: SmoothField
  private let rotation: SmallRotation
  private let shift: SIMD3<Float>
  private let body: Ellipsoid
  private let organ: (Ellipsoid, Ellipsoid)
  private let lesions: [Ellipsoid]
  private let spleen: Ellipsoid
  private let stomach: Ellipsoid
  private let spine: Ellipsoid
  private let aorta: BentTube
  private let discPhase: Float

  init(using random: inout StreamRandom) {
    shape = SmoothField(extent: Self.extent, wavelength: 14, using: &random)
    loops = SmoothField(extent: Self.extent, wavelength: 5.5, using: &random)
    rotation = SmallRotation(limit: 0.1, using: &random)
    shift = random.point(1.2)
    // A long body: its ends are outside the image.
    body = Ellipsoid(
      center: .zero, radii: SIMD3(random.number(25...27), random.number(17...18.5), 75))
    let center = SIMD3<Float>(
      random.number(-11 ... -9), random.number(-2...0), random.number(0...4))
    let right = Ellipsoid(
      center: center,
      radii: SIMD3(random.number(9...10.5), random.number(8.5...10), random.number(10...13)))
    let left = Ellipsoid(
      center: center + SIMD3(random.number(8...10), random.number(-5 ... -3.5), 1.5),
      radii: SIMD3(random.number(8...10), random.number(4...5), random.number(5...6.5)))
    organ = (right, left)
    lesions = Self.drawLesions(in: right, &random)
    spleen = Ellipsoid(
      center: SIMD3(random.number(15...17), random.number(3...5), random.number(0...5)),
      radii: SIMD3(random.number(4...5), random.number(6...7), random.number(6...8)))
    stomach = Ellipsoid(
      center: SIMD3(random.number(9...12), random.number(-6 ... -4), random.number(-4...0)),
      radii: SIMD3(random.number(5...6.5), random.number(4...5), random.number(6...8)))
    spine = Ellipsoid(center: SIMD3(0, 10.5, 0), radii: SIMD3(4.4, 3.6, 400))
    let wave = random.number(-1...1)
    aorta = BentTube(
      nodes: (0..<5).map { index in
        let t = Float(index) / 2 - 1
        return .init(center: SIMD3(2.2 + wave * t, 4.8, 24 * t), radius: 1.6)
      })
    discPhase = random.number(0...10)
  }

  func sample(at position: SIMD3<Float>, blur: Float) -> TissueSample {
    let warp = shape(position)
    let texture = loops(position)
    let fine = SIMD3(texture.x, texture.y, texture.z)
    let point = rotation(position - shift) + 0.8 * SIMD3(warp.x, warp.y, warp.z) + 0.2 * fine
    var sample = TissueSample(signal: Self.air)
    let depth = body.distance(to: point)
    sample.paint(Tissue.muscle * 0.4, distance: depth, blur: blur)  // skin
    sample.paint(Tissue.fat, distance: depth + 0.7, blur: blur)
    sample.paint(Tissue.muscle, distance: depth + 2.6 + 0.5 * warp.w, blur: blur)
    let cavity = depth + 4.6 + 0.3 * warp.w
    sample.paint(Tissue.fat, distance: cavity, blur: blur)
    let bowel = max(cavity + 0.8, 2.5 * (0.2 - texture.w))
    sample.paint(Tissue.bowel, distance: bowel, blur: blur)
    sample.paint(Tissue.gas, distance: max(cavity + 1.5, 3 * (2.1 - texture.w)), blur: blur)
    paintSpine(&sample, point, blur)
    paintOrgans(&sample, point, texture.w, blur)
    return sample
  }

  private func paintSpine(_ sample: inout TissueSample, _ point: SIMD3<Float>, _ blur: Float) {
    let depth = spine.distance(to: point)
    sample.paint(Tissue.muscle, distance: depth - 2.2, blur: blur)
    sample.paint(Tissue.cortex, distance: depth, blur: blur)
    sample.paint(Tissue.marrow, distance: depth + 0.9, blur: blur)
    let height = (point.z + discPhase).truncatingRemainder(dividingBy: 10)
    let disc = abs(height < 0 ? height + 10 : height) - 2
    sample.paint(Tissue.disc, distance: max(depth, disc), blur: blur)
    sample.paint(Tissue.aorta, distance: aorta.distance(to: point).distance, blur: blur)
  }

  private func paintOrgans(
    _ sample: inout TissueSample, _ point: SIMD3<Float>, _ texture: Float, _ blur: Float
  ) {
    sample.paint(Tissue.fat, distance: stomach.distance(to: point) - 0.8, blur: blur)
    sample.paint(Tissue.muscle, distance: stomach.distance(to: point), blur: blur)
    sample.paint(Tissue.stomach, distance: stomach.distance(to: point) + 0.9, blur: blur)
    sample.paint(Tissue.fat, distance: spleen.distance(to: point) - 0.6, blur: blur)
    sample.paint(Tissue.spleen, distance: spleen.distance(to: point), blur: blur)
    let depth = smoothUnion(
      organ.0.distance(to: point), organ.1.distance(to: point), width: 2.5)
    sample.paint(Tissue.fat, distance: depth - 0.7, blur: blur)
    sample.paint(Tissue.organ * (1 + 0.02 * texture), distance: depth, blur: blur, label: 1)
    for lesion in lesions {
      // A layer of the organ remains around a lesion.
      let distance = max(lesion.distance(to: point), depth + 1.3)
      sample.paint(Tissue.lesion, distance: distance, blur: blur, label: 2)
      sample.paint(Tissue.core, distance: distance + 1.6, blur: max(blur, 1.5))
    }
  }

  private static func drawLesions(
    in organ: Ellipsoid, _ random: inout StreamRandom
  ) -> [Ellipsoid] {
    (0..<random.integer(in: 1...3)).map { index in
      let size = index == 0 ? 3.2...4.6 : 2.0...3.2
      let offset = SIMD3(
        random.number(-0.6...0.6), random.number(-0.6...0.6), random.number(-0.6...0.6))
      return Ellipsoid(
        center: organ.center + offset * organ.radii,
        radii: SIMD3(random.number(size), random.number(size), random.number(size)))
    }
  }

  /// The smaller of two distances, with the crease between the two bodies rounded off.
  private func smoothUnion(_ first: Float, _ second: Float, width: Float) -> Float {
    let overlap = max(width - abs(first - second), 0) / width
    return min(first, second) - overlap * overlap * width / 4
  }
}
