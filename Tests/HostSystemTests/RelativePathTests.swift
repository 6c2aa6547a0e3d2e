import HostSystem
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

  /// A path that is taken has exactly the parts that the system sees, whatever stands beside a `/` or a `.`.
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
}
