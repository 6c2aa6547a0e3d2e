import Archives
import Arrays
import Foundation
import HostSystem
import Imaging
import JSON
import Networks
import Plans

@testable import ModelExchange

/// A reader of foreign files, as the fuzzer calls it.
struct Reader: Sendable {
  let name: String
  /// Its part of all executions, in thousandths.
  let share: Int
  /// The files that are changed.
  let corpus: [String]
  let tokens: [String]
  /// The allowed bytes of memory for each byte of the file, beyond a quarter of a megabyte.
  let bytesPerByte: Int
  /// Reads the file with this name and content.
  let read: @Sendable (_ file: URL, _ bytes: [UInt8]) throws -> Void

  static let all = [pickle, torch, zip, names, npz, npy, nifti, json, safetensors] + images

  static func named(_ name: String) -> Reader? { all.first { $0.name == name } }

  /// Whether readers may throw an error.
  static func isExpected(_ error: any Error) -> Bool { error is any ExplainedError }
}

// MARK: - Models

extension Reader {
  private static let pickle = Reader(
    name: "pickle", share: 430,
    corpus: (0...5).map { "pickles/value_\($0).pkl" }
      + ["pickles/value_2_numpy1.pkl", "pickles/attack_0.pkl", "pickles/attack_4.pkl"],
    tokens: [
      "cnumpy\nndarray\n", "cnumpy\ndtype\n", "ccollections\nOrderedDict\n", "c__builtin__\nset\n",
      "cnumpy.core.multiarray\n_reconstruct\n", "cnumpy.core.multiarray\nscalar\n",
      "c_codecs\nencode\n", "ctorch._utils\n_rebuild_tensor_v2\n", "ctorch\nFloatStorage\n",
      "cbuiltins\nbytearray\n", "cos\nsystem\n", "R", "b", "Q", "(", "t", ")", "]", "}", "e", "u",
      "a", "s", "2", "0", "1", "q\u{0}", "h\u{0}", "p0\n", "g0\n", "\u{0}\u{1}\u{2}", "N", ".", "l",
      "d",
      "I1\n", "I99999999999\n", "L1L\n", "F1e400\n", "V\\u0041\n", "S'x'\n",
    ],
    bytesPerByte: 1024,
    read: { file, bytes in
      let value = try bytes.withUnsafeBytes { (buffer) throws(ExchangeError) in
        var position = 0
        return try PickleReader.read(buffer, at: &position, path: file.path).value
      }
      _ = value["a"]?.string
      _ = try value.json(path: file.path, without: [])
    })

  private static let torch = Reader(
    name: "torch", share: 100,
    corpus: ["pickles/state.pth", "pickles/state_old.pth", "pickles/state_zip64.pth"],
    tokens: [
      "data.pkl", "byteorder", "big", "PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}",
      "PK\u{6}\u{6}",
      "ctorch\nDoubleStorage\n", "ctorch\nByteStorage\n", "K\u{0}", "M\u{1}\u{0}", "Q", "R",
      "J\u{1}\u{0}\u{0}\u{0}",
    ],
    bytesPerByte: 1024,
    read: { file, bytes in
      try Data(bytes).write(to: file)
      let torch = try TorchFile(contentsOf: file)
      _ = try torch.arrays(of: torch.value)
      if let state = torch.value["state_dict"] { _ = try torch.arrays(of: state) }
    })

  private static let safetensors = Reader(
    name: "safetensors", share: 20,
    corpus: ["small.safetensors"],
    tokens: jsonTokens + ["\"data_offsets\":[0,4]", "\"dtype\":\"F32\"", "\"shape\":[1,1]"],
    bytesPerByte: 1024,
    read: { file, bytes in
      try Data(bytes).write(to: file)
      _ = try SafetensorsFile(contentsOf: file)
    })
}

// MARK: - Archives and arrays

extension Reader {
  private static let zip = Reader(
    name: "zip", share: 300,
    corpus: [
      "plain", "streamed", "zip64", "zip64_deflated", "absolute", "parent", "link", "pipe",
      "backslash", "bzip2",
    ].map { "archives/\($0).zip" },
    tokens: [
      "PK\u{1}\u{2}", "PK\u{3}\u{4}", "PK\u{5}\u{6}", "PK\u{6}\u{6}", "PK\u{6}\u{7}", "../", "/",
    ],
    // Deflate makes up to 1032 bytes of one, twice for the growth of a buffer.
    bytesPerByte: 2100,
    read: { file, bytes in
      var limits = ZipLimits.arrays
      limits.totalSize = 1 << 30
      let zip = try ZipReader(copying: bytes, path: file.path, limits: limits)
      for entry in zip.entries { _ = try zip.read(entry) }
      try zip.checkNames()
    })

  /// Names of archives' entries, scalar by scalar: the system sees what a `Character` hides.
  private static let names = Reader(
    name: "names", share: 100, corpus: ["archives/parent.zip", "archives/plain.zip"],
    tokens: ["../", "/..", "//", "/./", "\\", "/\u{301}", "\u{600}/", "..\u{FE0F}", "\u{200D}."],
    bytesPerByte: 2100,
    read: { _, bytes in
      let name = nameOfScalars(bytes)
      let path: RelativePath
      do throws(RelativePath.Objection) {
        path = try RelativePath(name)
      } catch {
        throw ArchiveError.unsafeName(path: "names", entry: name, reason: error.reason)
      }
      // The parts as the system sees them in the bytes.
      let parts = Array(name.utf8).split(
        separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
      ).map { Array($0) }
      let isSafe =
        name.utf8.first != UInt8(ascii: "/") && !parts.contains(Array("..".utf8))
        && !parts.contains(Array(".".utf8)) && !parts.dropLast().contains([])
        && !name.utf8.contains { $0 < 32 || $0 == UInt8(ascii: "\\") }
      let areSame = Swift.zip(path.parts, parts).allSatisfy { Array($0.utf8) == $1 }
      guard isSafe, areSame else { throw UnsafeName(name: name) }
    })

  /// A name that was accepted although it leads elsewhere; readers may not throw this error.
  private struct UnsafeName: Error { var name: String }

  /// Half of the bytes are typical for paths, the others begin a scalar.
  private static func nameOfScalars(_ bytes: [UInt8]) -> String {
    var scalars = String.UnicodeScalarView()
    var rest = bytes.prefix(600)[...]
    let special = Array("/./..\\a:".unicodeScalars)
    while let byte = rest.popFirst() {
      guard byte & 1 == 0 else {
        scalars.append(special[Int(byte >> 1) % special.count])
        continue
      }
      let low = UInt32(rest.popFirst() ?? 0) | UInt32(rest.popFirst() ?? 0) << 8
      // Marks that join and letters that prepend are rare among all scalars: half are of the first planes.
      let value = byte & 2 == 0 ? low & 0x0FFF : low | UInt32(byte >> 2) % 17 << 16
      scalars.append(Unicode.Scalar(value) ?? "\u{301}")
    }
    return String(scalars)
  }

  private static let npz = Reader(
    name: "npz", share: 50, corpus: ["archives/plain.npz", "archives/compressed.npz"],
    tokens: [
      "'descr': '<f8'", "'descr': '>u2'", "'fortran_order': True", "'shape': (1, 1)",
      "'shape': (0, 9223372036854775807)", "PK\u{1}\u{2}", "PK\u{5}\u{6}", "\u{93}NUMPY\u{1}\u{0}",
    ],
    bytesPerByte: 8400,
    read: { file, bytes in
      try Data(bytes).write(to: file)
      let archive = try NPZFile(at: file)
      var first: (any Error)?
      for name in archive.names {
        do {
          switch try archive.header(of: name).scalarCode {
          case Int64.npyCode: _ = try archive.read(name, as: Int64.self)
          case Int16.npyCode: _ = try archive.read(name, as: Int16.self)
          case UInt8.npyCode: _ = try archive.read(name, as: UInt8.self)
          default: _ = try archive.readFloats(name)
          }
        } catch {
          first = first ?? error
        }
      }
      if let first { throw first }
    })

  private static let npy = Reader(
    name: "npy", share: 30, corpus: ["array.npy", "half.npy"],
    tokens: [
      "'descr': '<f8'", "'descr': '<f2'", "'fortran_order': True", "'shape': (1, 1)", "(", ")", ",",
      "'shape': (0, 9223372036854775807)", "4611686018427387904", "}", "\u{2}\u{0}",
    ],
    bytesPerByte: 64,
    read: { file, bytes in
      try Data(bytes).write(to: file)
      if (try? NPYFile.read(file, as: UInt8.self)) == nil { _ = try NPYFile.readFloats(file) }
    })

  private static let nifti = Reader(
    name: "nifti", share: 50,
    corpus: [
      "written_by_simpleitk", "mirrored_by_simpleitk", "voxels/uint8_v1_le", "voxels/float32_v2_be",
      "voxels/int16_v1_le_scaled", "voxels/float64_v1_le",
    ].flatMap { ["nifti/\($0).nii.gz", "nifti/\($0).nii"] },
    tokens: ["n+1\u{0}", "ni1\u{0}", "n+2\u{0}\r\n\u{1a}\n", "\u{1f}\u{8b}"],
    bytesPerByte: 9000,
    read: { file, bytes in
      try Data(bytes).write(to: file)
      _ = try? NIfTIGridFields(at: file)
      var first: (any Error)?
      do { _ = try NIfTIFile.readVolume(at: file) } catch { first = error }
      do { _ = try NIfTIFile.readLabels(at: file) } catch { first = first ?? error }
      if let first { throw first }
    })
}

// MARK: - JSON

extension Reader {
  private static let jsonTokens = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "null", "true", "NaN",
    "-Infinity",
    "1e999", "-", "{}", "[]", "[[[[[[[[", "\"\":", "0", "[-1]", "1e5", "{\"0\":", "\u{0}", "é",
  ]

  private static let json = Reader(
    name: "json", share: 20,
    corpus: [
      "plans/hippocampus_plans_2D.json", "dataset.json", "v2_dataset.json", "v2_plans.json",
      "splits.json", "postprocessing.json", "regions.json",
    ],
    tokens: jsonTokens + [
      "\"labels\"", "\"numTraining\"", "\"regions_class_order\"", "\"configurations\"",
      "\"ignore\"",
      "\"inherits_from\"", "\"patch_size\"", "\"architecture\"",
    ],
    bytesPerByte: 2048,
    read: { file, bytes in
      let data = Data(bytes)
      var errors: [any Error] = []
      func attempt<Value: Decodable>(_ type: Value.Type) {
        do { _ = try JSONFile.decode(type, from: data, path: file.path) } catch {
          errors.append(error)
        }
      }
      attempt(ExperimentPlans.self)
      attempt(DatasetDescription.self)
      attempt(V2Dataset.self)
      attempt([String: [String]].self)
      do {
        let plans = try JSONFile.decode(V2Plans.self, from: data, path: file.path)
        for name in ["2d", "3d_lowres", "own"] {
          _ = try plans.configuration(named: name, path: file.path)
            .network(inputs: 1, outputs: 2, path: file.path)
        }
      } catch {
        errors.append(error)
      }
      // A file that is not of one kind may be of another.
      if let unexpected = errors.first(where: { !isExpected($0) }) { throw unexpected }
      if errors.count == 5, let first = errors.first { throw first }
    })
}
