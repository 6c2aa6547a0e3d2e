import Foundation
import HostSystem
import JSON
import TestSupport
import Testing

@testable import Plans

@Suite struct LabelSchemeTests {
  @Test(arguments: [LabelScheme.labels, .regions(classOrder: [1, 2, 4])])
  func survivesItsFile(scheme: LabelScheme) throws {
    let file = try temporaryFolder().appending(path: LabelScheme.fileName)
    try JSONFile.write(scheme, to: file)
    #expect(try JSONFile.read(LabelScheme.self, from: file) == scheme)
  }

  @Test(arguments: ["{\"regions_class_order\": []}", "{\"regions_class_order\": [1, 300]}", "[]"])
  func refusesWhatIsNoOrder(text: String) throws {
    let file = try temporaryFolder().appending(path: LabelScheme.fileName)
    try AtomicFile.write(Data(text.utf8), to: file)
    #expect(throws: (any Error).self) { try JSONFile.read(LabelScheme.self, from: file) }
  }

  @Test func knowsTheNumberOfOutputs() {
    #expect(LabelScheme.labels.outputCount(foregroundLabelCount: 3) == 4)
    #expect(LabelScheme.regions(classOrder: [1, 2, 4]).outputCount(foregroundLabelCount: 3) == 3)
  }
}
