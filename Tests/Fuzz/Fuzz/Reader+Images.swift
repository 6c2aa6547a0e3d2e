import CZlib
import Foundation
import Imaging

// Images of every format except NIfTI.
extension Reader {
  static let images = [nrrd, metaImage, gipl, png, bmp, tiff]

  private static let nrrd = image(
    "nrrd", ["itk_int16", "plain_int16", "text", "list_first", "list_last", "minima", "skipped"],
    tokens: [
      "sizes: 1 1 1\n", "dimension: 4\n", "kinds: list domain domain domain\n", "endian: big\n",
      "encoding: gzip\n", "encoding: ascii\n", "encoding: raw\n", "space: RAS\n", "byte skip: -1\n",
      "line skip: 9\n", "space directions: none (1,0,0) (0,1,0) (0,0,1)\n", "type: double\n",
      "data file: /etc/passwd\n", "9223372036854775807", "\n\n", "(", ")", ":=",
    ])

  private static let metaImage = image(
    "mha", ["itk_int16", "plain_int16", "text", "zlib", "series", "vector", "flat"],
    tokens: [
      "NDims = 4\n", "DimSize = 1 1 1\n", "BinaryData = False\n", "CompressedData = True\n",
      "HeaderSize = -1\n", "HeaderSize = 9223372036854775807\n", "ElementType = MET_DOUBLE\n",
      "ElementNumberOfChannels = 3\n", "ElementDataFile = /etc/passwd\n",
      "ElementSpacing = 0 nan 1e999\n",
    ])

  private static let gipl = image(
    "gipl", ["plain_int16", "itk_float64", "flat"], tokens: ["\u{1f}\u{8b}", "\u{0}\u{8}"])

  private static let png = image(
    "png",
    [
      "gray", "color", "bits", "alpha", "deep", "palette", "palette4", "clear", "gray2",
      "interlaced",
    ], tokens: ["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "iCCP", "zTXt"],
    // A bit becomes a byte and a number of four, after deflate made 1032 bytes of one.
    bytesPerByte: 60_000, mending: mendedChecksums)

  private static let bmp = image(
    "bmp", ["gray", "color", "bits", "alpha", "palette", "high", "wide", "masks"], tokens: ["BM"],
    bytesPerByte: 64)

  private static let tiff = image(
    "tif",
    [
      "gray", "color", "bits", "planar", "volume_0000", "imagej", "lzw_uint8", "deflate_float32",
      "packbits_uint8", "tiles_uint8", "strips_uint8", "big_uint8", "motorola_uint8",
    ], tokens: ["II*\u{0}", "MM\u{0}*", "ImageJ=1\nimages=99999999\n"],
    // LZW makes up to 4096 bytes of one.
    bytesPerByte: 30_000)

  private static func image(
    _ ending: String, _ names: [String], tokens: [String], bytesPerByte: Int = 9000,
    mending mend: @escaping @Sendable ([UInt8]) -> [UInt8] = { $0 }
  ) -> Reader {
    Reader(
      name: ending, share: 50, corpus: names.map { "formats/\($0).\(ending)" }, tokens: tokens,
      bytesPerByte: bytesPerByte,
      read: { file, bytes in
        let file = file.appendingPathExtension(ending)
        try Data(mend(bytes)).write(to: file)
        defer { unlink(file.path) }
        var first: (any Error)?
        do { _ = try VolumeFile.readChannels(at: file) } catch { first = error }
        do { _ = try VolumeFile.readLabels(at: file) } catch { first = first ?? error }
        if let first { throw first }
      })
  }

  /// The chunks of a PNG picture with checksums that fit: most damage would end at them otherwise.
  private static func mendedChecksums(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    var start = 8
    while start + 12 <= bytes.count {
      let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = start + 8 + length
      guard end + 4 <= bytes.count else { break }
      let sum = bytes[start + 4..<end].withUnsafeBufferPointer {
        crc32(0, $0.baseAddress, UInt32($0.count))
      }
      for byte in 0..<4 { bytes[end + byte] = UInt8(sum >> (24 - 8 * byte) & 0xFF) }
      start = end + 4
    }
    return bytes
  }
}
