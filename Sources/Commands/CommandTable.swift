import ArgumentParser
import HostSystem

/// Every command of the program, by the name that users type.
///
/// A command is chosen by the name of the link through which the program is called
/// (`nnUNet_predict …`) or by the first argument (`nnunet predict …`).
struct CommandTable {
  /// One command: its name and the type that parses its arguments and runs it.
  struct Entry {
    let name: String
    let type: any ParsableCommand.Type

    init(_ name: String, _ type: any ParsableCommand.Type) {
      self.name = name
      self.type = type
    }

    /// What the command does, in one line.
    var summary: String { type.configuration.abstract }
  }

  let entries: [Entry]

  /// The commands of this program, in the order in which users need them.
  static let all = CommandTable(entries: [
    Entry("nnUNet_convert_decathlon_task", ConvertDecathlonTaskCommand.self),
    Entry("nnUNet_make_phantoms", MakePhantomsCommand.self),
    Entry("nnUNet_plan_and_preprocess", PlanAndPreprocessCommand.self),
    Entry("nnUNet_show_plans", ShowPlansCommand.self),
    Entry("nnUNet_run", RunCommand.self),
    Entry("nnUNet_submit", SubmitCommand.self),
    Entry("nnUNet_status", StatusCommand.self),
    Entry("nnUNet_train", TrainCommand.self),
    Entry("nnUNet_train_DDP", TrainDDPCommand.self),
    Entry("nnUNet_train_DP", TrainDPCommand.self),
    Entry("nnUNet_benchmark", BenchmarkCommand.self),
    Entry("nnUNet_predict", PredictCommand.self),
    Entry("nnUNet_ensemble", EnsembleCommand.self),
    Entry("nnUNet_determine_postprocessing", DeterminePostprocessingCommand.self),
    Entry("nnUNet_find_best_configuration", FindBestConfigurationCommand.self),
    Entry("nnUNet_evaluate_folder", EvaluateFolderCommand.self),
    Entry("nnUNet_report", ReportCommand.self),
    Entry("nnUNet_plot_task_pngs", PlotTaskPNGsCommand.self),
    Entry("nnUNet_doctor", DoctorCommand.self),
    Entry("nnUNet_completions", CompletionsCommand.self),
    Entry("nnUNet_install_pretrained_model_from_zip", InstallModelCommand.self),
    Entry("nnUNet_print_available_pretrained_models", PretrainedModelListCommand.self),
    Entry("nnUNet_print_pretrained_model_info", PretrainedModelInfoCommand.self),
    Entry("nnUNet_download_pretrained_model", DownloadModelCommand.self),
    Entry("nnUNet_download_pretrained_model_by_url", DownloadModelByURLCommand.self),
    Entry("nnUNet_export_model_to_zip", ExportModelCommand.self),
    Entry("nnUNet_change_trainer_class", ChangeTrainerClassCommand.self),
    Entry("nnUNet_import_v1_preprocessed", ImportV1PreprocessedCommand.self),
    Entry("nnUNet_export_network", ExportNetworkCommand.self),
    Entry("nnUNet_export_model_to_v1", ExportModelToV1Command.self),
    Entry("nnUNet_export_model_to_v2", ExportModelToV2Command.self),
  ])
}

extension CommandTable {
  /// The prefix of all command names; it may be omitted after `nnunet`.
  static let prefix = "nnUNet_"

  /// The command with this name, with or without the prefix.
  func entry(named name: String) -> Entry? {
    entries.first { $0.name == name || $0.name == Self.prefix + name }
  }

  /// The commands that a mistyped name may stand for, nearest first.
  func names(near name: String) -> [String] {
    let typed = Self.withoutPrefix(name)
    let candidates = entries.map { entry in
      let known = Self.withoutPrefix(entry.name)
      let isContained = typed.count > 2 && (known.contains(typed) || typed.contains(known))
      return (name: entry.name, distance: isContained ? 0 : editDistance(typed, known))
    }
    return candidates.filter { $0.distance <= max(2, typed.count / 3) }
      .sorted { $0.distance < $1.distance }.map(\.name)
  }

  private static func withoutPrefix(_ name: String) -> String {
    let lowered = name.lowercased()
    return String(
      lowered.begins(with: prefix.lowercased()) ? lowered.dropFirst(prefix.count) : lowered[...])
  }
}
