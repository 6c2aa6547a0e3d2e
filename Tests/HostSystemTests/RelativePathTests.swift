import Foundation
import HostSystem
import Synchronization
import TestSupport
import Testing

@Suite struct RelativePathTests {
  private func reason(_ text: String) -> String? {
    do {
      _ = try RelativePath(text)
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func plainPathsAreTaken() throws {
    #expect(try RelativePath("2d/Task004_X/plans.json").parts == ["2d", "Task004_X", "plans.json"])
    #expect(try RelativePath("2d/").parts == ["2d"])
    #expect(try RelativePath("großer Name.txt").description == "großer Name.txt")
    #expect(try RelativePath("..a/b..").parts == ["..a", "b.."])
  }

  @Test(arguments: [
    ("", "no name"), ("/a", "absolute"), ("a/../b", "leads out"), ("..", "leads out"),
    ("../", "leads out"), ("a//b", "empty parts"), ("./a", "empty parts"), ("a/.", "empty parts"),
    ("/", "absolute"), ("C:a", "absolute"), ("a\\b", "backslash"), ("a\nb", "control"),
    ("a\u{FFFD}", "broken"), ("a\u{2028}b", "control"),
    (String(repeating: "x", count: 256), "256 bytes"),
    (String(repeating: "x/", count: 3000), "6000 bytes"),
  ])
  func othersAreRefused(text: String, why: String) {
    #expect(reason(text)?.contains(why) == true, "\(text): \(reason(text) ?? "taken")")
  }

  /// An accepted path has exactly the parts that the system sees, whatever is next to a `/` or a
  /// `.`.
  @Test func noScalarLeadsOut() {
    for scalar in joiningScalars {
      for text in [
        "../\(scalar)a", "\(scalar)/../a", "a/..\(scalar)/b", "a/\(scalar)../b", "a/\(scalar)/../b",
        "/\(scalar)", "..\u{301}/\(scalar)",
      ] {
        guard let path = try? RelativePath(text) else { continue }
        let system = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
          .map { String(decoding: $0, as: UTF8.self) }
        let isSafe =
          !system.contains { $0.utf8.elementsEqual("..".utf8) }
          && text.utf8.first != UInt8(ascii: "/")
          && zip(path.parts, system).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
        guard isSafe else {
          Issue.record("U+\(String(scalar.value, radix: 16)) in \(text)")
          return
        }
      }
    }
    #expect(reason("a/../\u{301}b") == reason("a/../b"))
    #expect(reason("/\u{301}etc") == reason("/etc"))
    #expect(reason("\u{600}/../../b") == reason("a/../b"))
  }

  /// All scalars in release mode; a debug build is ten times slower and uses those that Swift joins
  /// with others and every sixteenth of the rest.
  private static let scalars: [Unicode.Scalar] = {
    #if DEBUG
      let joining = Set(joiningScalars)
      return allScalars.joined().filter { joining.contains($0) || $0.value % 16 == 0 }
    #else
      return Array(allScalars.joined())
    #endif
  }()

  /// Paths that lead out are refused, and so is a backslash, whatever is before or after `/`, `.`
  /// and `\`.
  @Test func whatLeadsOutIsRefusedBesideEveryScalar() {
    #expect(Self.scalars.count > 70_000)
    let wrong = Findings()
    let chunks = stride(from: 0, to: Self.scalars.count, by: 4096).map {
      Self.scalars[$0..<min($0 + 4096, Self.scalars.count)]
    }
    forEachInParallel(count: chunks.count) { index in
      for scalar in chunks[index] {
        for text in [
          "\(scalar)/../a", "a/../\(scalar)", "\(scalar)/..", "../\(scalar)", "/\(scalar)",
          "\(scalar)\\..", "..\\\(scalar)", "\(scalar)//a", "a/./\(scalar)",
        ] where reason(text) == nil {
          wrong.add("U+\(String(scalar.value, radix: 16)) in \(text) is taken")
        }
      }
    }
    #expect(wrong.texts == [])
  }

  /// Paths that stay inside are accepted, with the parts that the system sees.
  @Test func plainNamesAreTakenWithEveryScalar() {
    let plain = Self.scalars.filter {
      !$0.isControl && !["/", "\\", ".", "\u{FFFD}"].contains($0)
    }
    #expect(plain.count > 70_000)
    let wrong = Findings()
    let chunks = stride(from: 0, to: plain.count, by: 64).map {
      plain[$0..<min($0 + 64, plain.count)]
    }
    forEachInParallel(count: chunks.count) { index in
      let parts = chunks[index].flatMap { scalar in
        ["a\(scalar)", "..\(scalar)", "\(scalar)..", ".\(scalar)", "\(scalar).", "\(scalar)"]
      }
      let text = parts.joined(separator: "/")
      let taken = (try? RelativePath(text))?.parts ?? []
      let isSame =
        taken.count == parts.count
        && zip(taken, parts).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
      if !isSame {
        wrong.add(
          "from U+\(String(chunks[index].first?.value ?? 0, radix: 16)): \(reason(text) ?? "")")
      }
    }
    #expect(wrong.texts == [])
  }
}

/// What several threads found.
private final class Findings: Sendable {
  private let found = Mutex<[String]>([])

  /// The first of them, sorted.
  var texts: [String] { found.withLock { Array($0.sorted().prefix(5)) } }

  func add(_ text: String) { found.withLock { $0.append(text) } }
}
