import Foundation
import HostSystem
import JSON
import Plans
import TestSupport
import Testing

@testable import ModelSelection

/// `selection.json`, which names the predicting models: an empty choice ended the program.
@Suite struct ModelChoiceTests {
  private func choice(members: Int, folds: [Int] = [0, 1], ensemble: String? = nil) -> ModelChoice {
    ModelChoice(
      members: [Plans.Configuration.twoD, .fullResolution].prefix(members).map {
        ModelIdentity(configuration: $0, trainer: "nnUNetTrainerV2", plans: "nnUNetPlansv2.1")
      }, folds: folds, dice: 0.5, ensemble: ensemble, postprocesses: true)
  }

  @Test func onlyChoicesAreRead() throws {
    let file = try temporaryFolder().appending(path: ModelChoice.fileName)
    for sound in [choice(members: 1), choice(members: 2, ensemble: "ensemble_2d--3d_fullres")] {
      try JSONFile.write(sound, to: file)
      #expect(try JSONFile.read(ModelChoice.self, from: file) == sound)
    }
    for (key, broken) in [
      ("members", choice(members: 0)), ("members", choice(members: 0, ensemble: "ensemble")),
      ("members", choice(members: 2)), ("folds", choice(members: 1, folds: [])),
      ("folds", choice(members: 1, folds: [-1])),
    ] {
      try JSONFile.write(broken, to: file)
      let error = #expect(throws: JSONError.self) {
        try JSONFile.read(ModelChoice.self, from: file)
      }
      #expect(error?.message.contains(key) == true, "\(error?.message ?? "")")
    }
  }
}
