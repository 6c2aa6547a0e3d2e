import Arrays
import Foundation
import HostSystem
import TestSupport
import Testing

@testable import Imaging

/// Damaged and hostile files of every format except NIfTI: an error, and no memory for missing
/// data.
@Suite struct HostileFormatTests {
  private static let sound = [
    "itk_int16.nrrd", "plain_int16.nrrd", "text.nrrd", "itk_int16.mha", "plain_int16.mha",
    "plain_int16.gipl", "plain_int16.gipl.gz", "gray.png", "gray.bmp", "strips_uint8.tif",
    "lzw_uint8.tif", "packbits_uint8.tif", "tiles_uint8.tif", "big_uint8.tif",
  ]

  @Test(arguments: sound)
  func everyTruncationIsAnError(name: String) throws {
    let content = try Data(contentsOf: fixtureURL("formats/\(name)"))
    let folder = try temporaryFolder()
    let url = folder.appending(path: name)
    var refused = 0
    for length in 0..<content.count {
      try content.prefix(length).write(to: url)
      if (try? VolumeFile.readChannels(at: url)) == nil { refused += 1 }
    }
    // The last digits of a text, and the ends of directories, may be missing without harm.
    #expect(refused >= content.count - 20, "\(name): \(refused) of \(content.count)")
  }

  private func error(of text: String, _ data: Data = Data(), name: String) throws -> ImagingError? {
    let url = try temporaryFolder().appending(path: name)
    try (Data(text.utf8) + data).write(to: url)
    do throws(ImagingError) {
      _ = try VolumeFile.readChannels(at: url)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: ["raw", "gzip", "ascii"])
  func aHeaderThatClaimsGigabytesIsRefused(encoding: String) throws {
    let error = try error(
      of: "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 40000 40000 4000\n"
        + "encoding: \(encoding)\n\n", Data(count: 100), name: "a.nrrd")
    guard case .truncated = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    "9223372036854775807 2 2", "-1 5 5", "0 5 5", "1e3 2 2", "2147483648 1 1", "4 5", "1 2 3 4 5 6",
  ])
  func impossibleSizesAreRefused(sizes: String) throws {
    let dimension = sizes.parts(at: " ").count
    #expect(
      try error(
        of: "NRRD0004\ntype: uchar\ndimension: \(dimension)\nsizes: \(sizes)\nencoding: raw\n\n",
        name: "a.nrrd") != nil)
    #expect(
      try error(
        of: "NDims = \(dimension)\nDimSize = \(sizes)\nElementType = MET_UCHAR\n"
          + "ElementDataFile = LOCAL\n", name: "a.mha") != nil)
  }

  @Test(arguments: ["/etc/passwd", "../a.raw", "b/../../a.raw", "a\u{0}b", "%d.raw", "LIST"])
  func aHeaderDoesNotLeadToFilesElsewhere(file: String) throws {
    for (name, text) in [
      (
        "a.nhdr",
        "NRRD0004\ntype: uchar\ndimension: 2\nsizes: 2 2\nencoding: raw\ndata file: \(file)\n"
      ),
      ("a.mhd", "NDims = 2\nDimSize = 2 2\nElementType = MET_UCHAR\nElementDataFile = \(file)\n"),
    ] {
      switch try error(of: text, name: name) {
      case .invalidHeader(_, let field, _, _): #expect(field.lowercased().hasSuffix("file"))
      case .unsupported: #expect(file == "%d.raw" || file == "LIST")
      case let error: Issue.record("\(name) \(file): \(String(describing: error))")
      }
    }
  }

  @Test func namesOfOtherFormatsAreToldApart() throws {
    for (file, ending) in [
      ("gray.png", ".bmp"), ("gray.bmp", ".png"), ("gray.png", ".tif"), ("gray.tif", ".nrrd"),
      ("gray.tif", ".mha"), ("itk_int16.nrrd", ".gipl"),
    ] {
      let url = try temporaryFolder().appending(path: "a" + ending)
      try Data(contentsOf: fixtureURL("formats/\(file)")).write(to: url)
      #expect {
        try VolumeFile.readHeader(at: url)
      } throws: {
        guard case .wrongFormat(let path, _, _) = $0 as? ImagingError else { return false }
        return path == url.path
      }
    }
  }

  @Test func directoriesThatGoInACircleAreRefused() throws {
    var file = try Data(contentsOf: fixtureURL("formats/gray.tif"))
    let start = file.withUnsafeBytes { Int($0.loadUnaligned(fromByteOffset: 4, as: UInt32.self)) }
    let count = file.withUnsafeBytes {
      Int($0.loadUnaligned(fromByteOffset: start, as: UInt16.self))
    }
    let link = start + 2 + 12 * count
    file.replaceSubrange(link..<link + 4, with: file[4..<8])
    let error = try error(of: "", file, name: "a.tif")
    guard case .invalidHeader(_, "its directories", _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
