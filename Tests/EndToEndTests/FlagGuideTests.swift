import Foundation
import Testing

@testable import Commands

/// Keeps Guides/Flags.md and Guides/FAQ.md true.
@Suite struct FlagGuideTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private struct Row {
    var flags: [String]
    var isOfV1: Bool
    var v2: [String]
  }

  /// The rows of the table of each command.
  private func table() throws -> [String: [Row]] {
    let text = try String(
      contentsOf: Self.root.appending(path: "Guides/Flags.md"), encoding: .utf8)
    var rows: [String: [Row]] = [:]
    var command: String?
    for line in text.split(separator: "\n") {
      if line.hasPrefix("## ") {
        command = line.hasPrefix("## nnUNet_") ? String(line.dropFirst(3)) : nil
        if let command { rows[command] = [] }
      } else if let command, line.hasPrefix("| `") {
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        rows[command]?.append(
          Row(
            flags: Self.code(in: cells[0]), isOfV1: cells[1] == "yes", v2: Self.code(in: cells[2])))
      }
    }
    return rows
  }

  /// The text between backticks.
  private static func code(in text: String) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
  }

  @Test func everyFlagIsInTheGuideAndNoOther() throws {
    let table = try table()
    #expect(Set(table.keys) == Set(CommandTable.all.entries.map(\.name)))
    for entry in CommandTable.all.entries {
      let arguments = try CommandDescription(of: entry.type).arguments
      let flags = arguments.flatMap(\.typedNames).filter { !["-h", "--help"].contains($0) }
      let listed = (table[entry.name] ?? []).flatMap(\.flags).filter { !$0.hasPrefix("<") }
      #expect(Set(flags) == Set(listed), "correct Guides/Flags.md: \(entry.name)")
    }
  }

  @Test(arguments: v1Flags)
  func everyFlagOfV1IsHere(command: String, flags: String) throws {
    let rows = try #require(try table()["nnUNet_\(command)"])
    // torchrun uses a hyphen where v1 has an underscore.
    let listed = rows.filter(\.isOfV1).flatMap(\.flags)
      .filter { !$0.hasPrefix("<") && $0 != "--local-rank" }
    #expect(Set(listed) == Set(flags.split(separator: " ").map(String.init)))
  }

  @Test(arguments: v2Flags)
  func everyFlagOfV2IsNamed(command: String, flags: String) throws {
    let text = try String(
      contentsOf: Self.root.appending(path: "Guides/Flags.md"), encoding: .utf8)
    let start = try #require(text.range(of: "## nnUNet_\(command)\n"))
    let section = text[start.upperBound...].components(separatedBy: "\n## ")[0]
    let missing = section.components(separatedBy: "Flags of v2 that are not here: ")
      .dropFirst().joined()
    let rows = try #require(try table()["nnUNet_\(command)"])
    let named = Set(rows.flatMap(\.v2) + Self.code(in: missing))
    #expect(named == Set(flags.split(separator: " ").map(String.init)))
  }

  /// The flags of nnU-Net v1.7.1, command by command.
  static let v1Flags: [(String, String)] = [
    (
      "convert_decathlon_task",
      "-i -p -output_task_id"
    ),
    (
      "plan_and_preprocess",
      "-t --task_ids -pl3d --planner3d -pl2d --planner2d -no_pp -tl -tf "
        + "--verify_dataset_integrity -overwrite_plans -overwrite_plans_identifier"
    ),
    (
      "train",
      "-val --validation_only -c --continue_training -p --use_compressed_data "
        + "--deterministic --npz --find_lr --valbest --fp32 --val_folder "
        + "--disable_saving --disable_postprocessing_on_folds "
        + "--disable_validation_inference --val_disable_overwrite "
        + "--disable_next_stage_pred -pretrained_weights"
    ),
    (
      "train_DP",
      "-val --validation_only -c --continue_training -p --use_compressed_data "
        + "--deterministic -gpus --dbs --npz --valbest --find_lr --val_folder "
        + "--disable_saving --disable_postprocessing_on_folds --fp32 -pretrained_weights"
    ),
    (
      "train_DDP",
      "-val --validation_only -c --continue_training -p --use_compressed_data "
        + "--deterministic --local_rank --dbs --npz --valbest --find_lr --val_folder "
        + "--disable_saving --disable_postprocessing_on_folds --fp32 -pretrained_weights"
    ),
    (
      "predict",
      "-i --input_folder -o --output_folder -t --task_name -tr --trainer_class_name "
        + "-ctr --cascade_trainer_class_name -m --model -p --plans_identifier -f "
        + "--folds -z --save_npz -l --lowres_segmentations --part_id --num_parts "
        + "--num_threads_preprocessing --num_threads_nifti_save --disable_tta "
        + "--overwrite_existing --mode --all_in_gpu --step_size -chk "
        + "--disable_mixed_precision"
    ),
    (
      "ensemble",
      "-f --folders -o --output_folder -t --threads -pp --postprocessing_file --npz"
    ),
    (
      "find_best_configuration",
      "-m --models -t --task_ids -tr -ctr -pl -f --folds --disable_ensembling "
        + "--disable_postprocessing"
    ),
    (
      "determine_postprocessing",
      "-m -t -tr -pl -val"
    ),
    (
      "evaluate_folder",
      "-ref -pred -l"
    ),
    (
      "print_available_pretrained_models",
      "--export"
    ),
    (
      "export_model_to_zip",
      "-t -o -m -tr -trc -pl --disable_strict -f"
    ),
    (
      "change_trainer_class",
      "-i -tr"
    ),
    (
      "plot_task_pngs",
      "-t -o -num_processes -modality_idx --use_raw"
    ),
  ]

  /// The flags of the corresponding commands of nnU-Net v2.8.1.
  static let v2Flags: [(String, String)] = [
    (
      "convert_decathlon_task",
      "-i -overwrite_id -np"
    ),
    (
      "plan_and_preprocess",
      "-d -fpe -npfp --verify_dataset_integrity --no_pp --clean -pl "
        + "-gpu_memory_target -preprocessor_name -overwrite_target_spacing "
        + "-overwrite_plans_name -c -np --verbose --no_pbar"
    ),
    (
      "train",
      "-tr -p -pretrained_weights -num_gpus --npz --c --val --val_best "
        + "--disable_checkpointing -device"
    ),
    (
      "predict",
      "-i -o -d -p -tr -c -f -step_size --disable_tta --verbose "
        + "--save_probabilities --continue_prediction -chk -npp -nps "
        + "-prev_stage_predictions -num_parts -part_id -device --disable_progress_bar "
        + "--not_on_device"
    ),
    (
      "ensemble",
      "-i -o -np --save_npz"
    ),
    (
      "find_best_configuration",
      "-p -c -tr -np -f --disable_ensembling --no_overwrite"
    ),
    (
      "determine_postprocessing",
      "-i -ref -plans_json -dataset_json -np --remove_postprocessed"
    ),
    (
      "evaluate_folder",
      "-l -il -o -np --chill"
    ),
    (
      "export_model_to_zip",
      "-d -o -c -tr -p -f -chk --not_strict --exp_cv_preds"
    ),
    (
      "plot_task_pngs",
      "-d -o -np -channel_idx --use_raw -p -c -overlay_intensity"
    ),
  ]

  /// The sentences that the FAQ quotes are in the sources, except for the varying parts.
  @Test func quotedMessagesAreReal() throws {
    let faq = try String(contentsOf: Self.root.appending(path: "Guides/FAQ.md"), encoding: .utf8)
    let sources = try Self.sources()
    let quotes = faq.split(separator: "\n").filter { $0.hasPrefix("> ") }
    #expect(quotes.count > 15)
    for quote in quotes {
      let message = quote.dropFirst(2).replacingOccurrences(of: "error: ", with: "")
      for part in message.components(separatedBy: "…") {
        let text = part.trimmingCharacters(in: .whitespaces)
        #expect(text.count < 3 || sources.contains(text), "\(quote): \(text)")
      }
    }
  }

  /// All sources, with texts over several lines joined.
  private static func sources() throws -> String {
    let folder = root.appending(path: "Sources")
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    let texts = try names.filter { $0.hasSuffix(".swift") || $0.hasSuffix(".c") }.map {
      try String(contentsOf: folder.appending(path: $0), encoding: .utf8)
    }
    return texts.joined().replacing(/"\s*\+ "/, with: "")
  }
}
