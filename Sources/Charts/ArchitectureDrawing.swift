package import Foundation

/// The stages of a U-Net as a picture: the encoder going down on the left, the decoder up on the right.
package struct ArchitectureDrawing: Hashable, Sendable {
  /// One resolution, the highest first; the last one is the bottleneck.
  package struct Stage: Hashable, Sendable {
    /// The size of its feature maps, in voxels.
    package var size: [Int]
    package var features: Int
    package var encoderKernel: [Int]
    /// nil at the bottleneck.
    package var decoderKernel: [Int]?
    /// How much finer the resolution above is; nil at the highest.
    package var stride: [Int]?
    /// Whether the loss sees a segmentation of this resolution.
    package var hasLoss: Bool

    package init(
      size: [Int], features: Int, encoderKernel: [Int], decoderKernel: [Int]?, stride: [Int]?,
      hasLoss: Bool
    ) {
      self.size = size
      self.features = features
      self.encoderKernel = encoderKernel
      self.decoderKernel = decoderKernel
      self.stride = stride
      self.hasLoss = hasLoss
    }
  }

  package var title: String
  /// Lines below the title.
  package var remarks: [String]
  package var inputChannels: Int
  package var outputChannels: Int
  /// The content of one stage, such as "2 × (convolution, norm, leaky ReLU)".
  package var block: String
  package var stages: [Stage]

  package init(
    title: String, remarks: [String], inputChannels: Int, outputChannels: Int, block: String,
    stages: [Stage]
  ) {
    self.title = title
    self.remarks = remarks
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.block = block
    self.stages = stages
  }

  /// The picture as a PDF file of one page.
  package func pdf() throws(ChartError) -> Data {
    let canvas = try Canvas(width: Self.pageWidth, height: pageHeight, format: .pdf)
    draw(on: canvas)
    return try canvas.finish()
  }

  /// The picture as a PNG file.
  package func png() throws(ChartError) -> Data {
    let canvas = try Canvas(width: Self.pageWidth, height: pageHeight, format: .png)
    draw(on: canvas)
    return try canvas.finish()
  }
}

// MARK: - Drawing

extension ArchitectureDrawing {
  private static let pageWidth = 1120.0
  private static let boxWidth = 330.0
  private static let boxHeight = 58.0
  private static let rowHeight = 118.0
  private static let left = 60.0
  private static let right = 570.0
  private static let encoderColor = Color(0.86, 0.91, 0.98)
  private static let decoderColor = Color(0.88, 0.95, 0.87)
  private static let headColor = Color(0.99, 0.92, 0.80)

  private var firstRow: Double { 150 + 18 * Double(lines.count) }
  private var pageHeight: Double { firstRow + Self.rowHeight * Double(stages.count) }

  /// What all stages have in common appears here, not in each of them.
  private var lines: [String] { remarks + ["each stage: \(block)"] }

  private func top(of depth: Int) -> Double { firstRow + Self.rowHeight * Double(depth) }

  private func draw(on canvas: Canvas) {
    canvas.text(title, at: (Self.left, 44), size: 20, isBold: true)
    for (index, remark) in lines.enumerated() {
      canvas.text(remark, at: (Self.left, 70 + 18 * Double(index)), size: 13, .gray)
    }
    let channels = "\(inputChannels) channel\(inputChannels == 1 ? "" : "s")"
    let input = firstRow - 34
    canvas.text(
      "input: \(channels), \(Self.text(stages.first?.size ?? []))", at: (Self.left, input - 6),
      size: 13)
    canvas.arrow([(Self.left + 60, input), (Self.left + 60, firstRow)], .black)
    for depth in stages.indices { drawRow(depth, on: canvas) }
  }

  private func drawRow(_ depth: Int, on canvas: Canvas) {
    let stage = stages[depth]
    let top = top(of: depth)
    let middle = top + Self.boxHeight / 2
    box(
      at: (Self.left, top), Self.encoderColor,
      "\(stage.features) features, \(Self.text(stage.size))",
      "kernel \(Self.text(stage.encoderKernel))", on: canvas)
    if let stride = stage.stride {
      let x = Self.left + 60
      canvas.arrow([(x, top - Self.rowHeight + Self.boxHeight), (x, top)], .black)
      canvas.text("stride \(Self.text(stride))", at: (x + 12, top - 25), size: 12, .gray)
    }
    guard let kernel = stage.decoderKernel else { return }
    canvas.arrow([(Self.left + Self.boxWidth, middle), (Self.right, middle)], .gray)
    canvas.text(
      "skip connection", at: ((Self.left + Self.boxWidth + Self.right) / 2, middle - 7), size: 12,
      .gray, anchor: .middle)
    box(
      at: (Self.right, top), Self.decoderColor,
      "\(stage.features) features, \(Self.text(stage.size))",
      "kernel \(Self.text(kernel))", on: canvas)
    drawWayUp(to: depth, on: canvas)
    if stage.hasLoss { drawHead(middle: middle, isOutput: depth == 0, on: canvas) }
  }

  /// From the decoder below, or from the bottleneck, which is on the left.
  private func drawWayUp(to depth: Int, on canvas: Canvas) {
    guard depth + 1 < stages.count, let stride = stages[depth + 1].stride else { return }
    let (x, bottom) = (Self.right + 60, top(of: depth) + Self.boxHeight)
    let below = top(of: depth + 1)
    if stages[depth + 1].decoderKernel == nil {
      let middle = below + Self.boxHeight / 2
      canvas.arrow([(Self.left + Self.boxWidth, middle), (x, middle), (x, bottom)], .black)
    } else {
      canvas.arrow([(x, below), (x, bottom)], .black)
    }
    canvas.text(
      "transposed convolution \(Self.text(stride))", at: (x + 12, below - 25), size: 12, .gray)
  }

  private func drawHead(middle: Double, isOutput: Bool, on canvas: Canvas) {
    let x = Self.right + Self.boxWidth
    canvas.arrow([(x, middle), (x + 40, middle)], .black)
    canvas.fill(x + 40, middle - 24, 140, 48, Self.headColor)
    canvas.frame(x + 40, middle - 24, 140, 48, .gray)
    canvas.text(
      "\(outputChannels) outputs", at: (x + 110, middle - 4), size: 13, anchor: .middle)
    canvas.text(
      isOutput ? "segmentation" : "loss only", at: (x + 110, middle + 13), size: 12, .gray,
      anchor: .middle)
  }

  private func box(
    at corner: (x: Double, y: Double), _ color: Color, _ first: String, _ second: String,
    on canvas: Canvas
  ) {
    canvas.fill(corner.x, corner.y, Self.boxWidth, Self.boxHeight, color)
    canvas.frame(corner.x, corner.y, Self.boxWidth, Self.boxHeight, .gray)
    let middle = corner.x + Self.boxWidth / 2
    canvas.text(first, at: (middle, corner.y + 24), size: 14, anchor: .middle, isBold: true)
    // A long description gets smaller letters so that it does not cross the border.
    let width = canvas.width(of: second, size: 12)
    canvas.text(
      second, at: (middle, corner.y + 44), size: min(12, 12 * (Self.boxWidth - 16) / width),
      anchor: .middle)
  }

  private static func text(_ numbers: [Int]) -> String {
    numbers.map(String.init).joined(separator: "×")
  }
}
