import Arrays
import Foundation
import HostSystem
import TestSupport
import Testing
import Torch

@testable import Diagnosis

@Suite struct ConvolutionTestTests {
  @Test func theKnownNumbersAreThoseOfPyTorch() {
    // torch.nn.functional.conv3d of the same inputs in float64.
    let test = ConvolutionTest()
    let expected = test.expected
    #expect(expected.shape == [1, 32, 6, 4, 5])
    let known: [Int: Double] = [
      0: -0.69921875, 1: 5.56640625, 57: -11.4921875, 119: 16.73828125, 120: 1.41796875,
      1234: 3.9765625, 2500: 5.38671875, 3839: -6.78515625,
    ]
    for (index, value) in known {
      #expect(expected.scalars[index] == value, "at \(index)")
    }
  }

  @Test(arguments: [ScalarType.float32, .bfloat16])
  func libtorchCalculatesThem(type: ScalarType) throws {
    let error = try ConvolutionTest().largestError(on: .cpu, type)
    #expect(error <= ConvolutionTest.tolerance(of: type))
  }

  @Test func reducedPrecisionIsNoticed() throws {
    // What is within the tolerance of bfloat16 is not within that of single precision.
    let error = try ConvolutionTest().largestError(on: .cpu, .bfloat16)
    #expect(error > ConvolutionTest.tolerance(of: .float32))
  }

  @Test func theEngineIsFoundAndSound() {
    let findings = EngineCheck().findings()
    #expect(findings.allSatisfy { $0.state < .warning }, "\(findings)")
    #expect(findings.count { $0.subject == "convolution" } >= 2)
    #expect(findings[0].text.contains("2.") && findings[0].text.contains("libtorch_cpu"))
  }
}

@Suite struct FolderCheckTests {
  private func check(_ folder: URL?, wants: Int = 0) -> [Finding] {
    FolderCheck(variable: "V", purpose: "things", folder: folder, wantedSpace: wants).findings()
  }

  @Test func foldersAreTried() throws {
    let base = FileManager.default.temporaryDirectory.appending(path: "doctor-\(UUID().uuidString)")
    try makeFolder(at: base)
    defer { try? FileManager.default.removeItem(at: base) }
    #expect(check(nil)[0].state == .broken && check(nil)[0].advice?.contains("export V=") == true)
    #expect(check(base).map(\.state) == [.ok])
    #expect(check(base)[0].text.contains("free"))
    #expect(check(base, wants: .max)[0].state == .warning)
    #expect(check(base.appending(path: "later/still"))[0].state == .note)
    let file = base.appending(path: "file")
    try Data().write(to: file)
    #expect(check(file)[0].state == .broken)
    #expect(check(file.appending(path: "below"))[0].state != .ok)
    #expect(try FileManager.default.contentsOfDirectory(atPath: base.path) == ["file"], "no traces")
    #expect(check(URL(fileURLWithPath: "/proc"))[0].state == .broken, "nobody writes there")
  }
}

@Suite struct MachineCheckTests {
  @Test func memoryIsThatOfTheContainer() {
    let meminfo = "MemTotal: 32000000 kB\nMemAvailable:   20000000 kB\n"
    let whole = MemoryInformation(meminfo: meminfo, limit: "max\n", physical: 32_000_000_000)
    #expect(whole.total == 32_000_000_000 && whole.available == 20_480_000_000 && !whole.isLimited)
    let limited = MemoryInformation(
      meminfo: meminfo, limit: "4000000000\n", physical: 32_000_000_000)
    #expect(limited.total == 4_000_000_000 && limited.available == 4_000_000_000)
    let check = MachineCheck(instructionSet: "x86-64-v3")
    #expect(check.memory(available: whole).state == .ok)
    #expect(check.memory(available: limited).state == .warning)
    #expect(check.memory(available: limited).text.contains("limit of this container"))
    let unknown = MemoryInformation(meminfo: "", limit: nil, physical: 0)
    #expect(check.memory(available: unknown).state == .note)
  }

  @Test func everyBadFindingSaysWhatToDo() {
    let findings = MachineCheck(instructionSet: "baseline").findings()
    #expect(findings[0].state == .note && findings[0].advice != nil)
    #expect(findings.allSatisfy { $0.state == .ok || $0.advice != nil })
  }
}

@Suite struct LeftoverCheckTests {
  @Test func namesWhatKilledRunsLeft() throws {
    let base = try temporaryFolder()
    let fold = base.appending(path: "nnUNet/2d/Task001_A/t__p/fold_0")
    try makeFolder(at: fold)
    #expect(LeftoverCheck(folders: [base]).findings() == [])
    let file = fold.appending(path: ".model_pending.safetensors.0123ABCD.tmp")
    try Data(count: 2_000_000).write(to: file)
    let installing = base.appending(path: "nnUNet/.installing-0123ABCD")
    try makeFolder(at: installing.appending(path: "old"))
    for url in [file, installing] {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -90_000)], ofItemAtPath: url.path)
    }
    // A folder within another is searched only once.
    let findings = LeftoverCheck(folders: [base, base.appending(path: "nnUNet")]).findings()
    #expect(findings.map(\.state) == [.warning])
    let text = try #require(findings.first).text
    #expect(text.hasPrefix("2.0 MB in 2 files and folders that killed runs left half-made:"))
    #expect(text.contains("\n  \(file.path) (2.0 MB)"))
    #expect(text.contains("\n  \(installing.path) (0 bytes)"))
    var short = LeftoverCheck(folders: [base])
    short.limit = 2
    #expect(short.findings().map(\.state) == [.note])
  }
}
