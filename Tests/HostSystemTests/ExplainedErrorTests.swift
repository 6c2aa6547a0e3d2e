import HostSystem
import Testing

@Suite struct ExplainedErrorTests {
  @Test func describesItselfWithTheHint() {
    let error = FileError.cannotRead(path: "/a/b", reason: "Permission denied")
    #expect(
      "\(error)" == """
        Cannot read /a/b: Permission denied.
        Check that the file exists and that you have permission to read it.
        """)
  }

  @Test func describesItselfWithoutAHint() {
    struct Plain: ExplainedError {
      var message: String { "No." }
      var hint: String? { nil }
    }
    #expect("\(Plain())" == "No.")
  }
}
