import HostSystem
import Testing

@Suite struct AvailableMemoryTests {
  @Test func workThatIsTooLargeIsRefused() throws {
    let available = try #require(availableMemory())
    #expect(available > 1 << 20)
    #expect(throws: Never.self) { try requireMemory(1000, for: "an image") }
    for bytes in [nil, Int.max] {
      #expect {
        try requireMemory(bytes, for: "a.nii.gz")
      } throws: {
        let error = $0 as? MemoryError
        return error?.message.contains("a.nii.gz") == true && error?.needed == bytes
      }
    }
  }
}
