import Foundation
import Testing

@testable import Charts

@Suite struct AxisTests {
  @Test func marksAreRoundAndWithinTheAxis() {
    #expect(Axis(lower: 0, upper: 1).ticks(about: 10).count == 11)
    #expect(Axis(lower: -0.93, upper: 1.07).ticks(about: 10) == (-4...5).map { Double($0) * 0.2 })
    #expect(Axis(lower: 0, upper: 2).ticks(about: 10, integersOnly: true) == [0, 1, 2])
    let logarithmic = Axis(lower: 1e-6, upper: 10, scale: .logarithmic)
    #expect(logarithmic.ticks(about: 10).count == 8)
    #expect(logarithmic.label(of: 1e-3, step: 1) == "1e-3")
    #expect(abs(logarithmic.position(of: 1e-6)) < 1e-12)
    #expect(abs(logarithmic.position(of: 10) - 1) < 1e-12)
    #expect(Axis(lower: 0, upper: 1).label(of: 0.2, step: 0.1) == "0.2")
    #expect(Axis(lower: -0.04, upper: 1).label(of: -0.0, step: 0.2) == "0.0")
    #expect(Axis(lower: -1, upper: 1).label(of: -0.5, step: 0.5) == "-0.5")
    #expect(Axis(lower: 0, upper: 1).label(of: 0.25, step: 0.05) == "0.25")
    #expect(Axis(lower: 0, upper: 100).label(of: 20, step: 20) == "20")
  }

  @Test func valuesThatAreNoNumbersDoNotMoveTheAxis() {
    let axis = Axis(showing: [1, .nan, 3, .infinity], margin: 0)
    #expect(axis.lower == 1 && axis.upper == 3)
    let single = Axis(showing: [5])
    #expect(single.lower < 5 && single.upper > 5)
    let empty = Axis(showing: [])
    #expect(empty.lower < empty.upper)
  }
}

@Suite struct PictureTests {
  /// Width and height of a PNG, from its header.
  private func size(_ png: Data) throws -> [Int] {
    try #require(png.prefix(8) == Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
    return [16, 20].map { start in png[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
  }

  @Test func aProgressChartShowsItsCurves() throws {
    let whole = ProgressChart(
      title: "Task", trainingLosses: [0.5, 0, -0.4], validationLosses: [0.4, 0.1, -0.2],
      foregroundDice: [0.2, nil, 0.6])
    #expect(try size(whole.png()) == [1500, 1200])
    #expect(
      whole.lines.curves.map(\.label).prefix(3) == [
        "training loss (now -0.4000)", "validation loss (now -0.2000)",
        "Dice of validation patches (now 0.6000)",
      ])
    #expect(whole.lines.curves[2].y[1].isNaN, "an epoch without classes is a gap")
    var other = whole
    other.trainingLosses[1] = 0.3
    #expect(try other.png() != whole.png(), "the picture follows the numbers")
    #expect(try whole.png() == whole.png())
  }

  @Test func aDiceOfZeroIsNotUnderTheFrame() throws {
    var chart = ProgressChart(
      title: "", trainingLosses: [1, 2], validationLosses: [1, 2], foregroundDice: [0, 0])
    chart.averageDice = [0, 0]
    let range = try #require(chart.lines.rightRange)
    #expect(range.lowerBound < -0.02 && range.upperBound > 1.02)
    #expect(Axis(lower: range.lowerBound, upper: range.upperBound).ticks(about: 10).first == 0)
  }

  @Test func smallPicturesAreEnlarged() throws {
    let small = PixelImage(
      width: 2, height: 1, channels: .color, pixels: [1, 2, 3, 4, 5, 6])
    let large = small.enlarged(toShow: 5)
    #expect(large.width == 4 && large.height == 2)
    let row: [UInt8] = [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]
    #expect(large.pixels == row + row)
    #expect(small.enlarged(toShow: 3) == small)
    #expect(try size(small.enlarged(toShow: 512).png()) == [512, 256])
  }

  @Test func oneEpochAndNoEpochCanBeDrawn() throws {
    let one = ProgressChart(
      title: "", trainingLosses: [0.5], validationLosses: [.nan], foregroundDice: [nil])
    #expect(try size(one.png()) == [1500, 1200])
    let none = ProgressChart(
      title: "", trainingLosses: [], validationLosses: [], foregroundDice: [])
    #expect(try size(none.png()) == [1500, 1200])
    #expect(try none.png() != one.png(), "a single epoch is a visible dot")
  }

  @Test func anArchitectureIsOnePageOfPDF() throws {
    let drawing = ArchitectureDrawing(
      title: "Task", remarks: [], inputChannels: 1, outputChannels: 3,
      block: "2 × (convolution, instance norm)",
      stages: [
        .init(
          size: [40, 56, 40], features: 32, encoderKernel: [3, 3, 3], decoderKernel: [3, 3, 3],
          stride: nil, hasLoss: true),
        .init(
          size: [20, 28, 20], features: 64, encoderKernel: [3, 3, 3], decoderKernel: nil,
          stride: [2, 2, 2], hasLoss: false),
      ])
    let pdf = try drawing.pdf()
    #expect(pdf.prefix(5) == Data("%PDF-".utf8))
    #expect(String(decoding: pdf.suffix(8), as: UTF8.self).contains("%%EOF"))
    var other = drawing
    other.stages[0].features = 33
    #expect(try other.png() != drawing.png())
  }
}

@Suite struct PixelImageTests {
  @Test func pixelsArriveInThePNG() throws {
    // Checks the picture's size, and that other pixels make another file; Tools/test-report checks
    // the colors in a browser.
    let gray = PixelImage(width: 3, height: 2, channels: .gray, pixels: [0, 1, 2, 3, 4, 5])
    let png = try gray.png()
    #expect(png[16..<26] == Data([0, 0, 0, 3, 0, 0, 0, 2, 8, 0]), "3×2, 8 bits, gray")
    let color = PixelImage(
      width: 1, height: 1, channels: .color, pixels: [10, 20, 30])
    #expect(try color.png()[16..<26] == Data([0, 0, 0, 1, 0, 0, 0, 1, 8, 2]), "1×1, 8 bits, RGB")
    var other = color
    other.pixels = [30, 20, 10]
    #expect(try other.png() != color.png())
  }
}
