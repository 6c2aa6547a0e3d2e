import Foundation
import HostSystem
import JSON
import ModelStore
import Plans
import Training

/// What a shell offers for the next word of a command: names in the folders of the three variables,
/// and names that the program knows.
///
/// The scripts of `nnUNet_completions` ask for them by `nnunet __values COMMAND WORD...`.
struct CompletionValues {
  let commands: [CompletionScript.Command]
  let environment: ProgramEnvironment

  /// What may follow.
  enum Answer: Hashable {
    case values([String])
    case files
    case folders
    case nothing
  }

  /// The first argument of a request.
  static let request = "__values"

  /// What the shell may offer after `words`: the command's name, then those before the completed
  /// word.
  func answer(to words: [String]) -> Answer {
    let called = words.first.map { URL(fileURLWithPath: $0).lastPathComponent } ?? ""
    guard let command = commands.first(where: { [$0.name, $0.shortName].contains(called) }),
      let argument = awaited(after: Array(words.dropFirst()), of: command)
    else { return .nothing }
    let context = Context(words: words, workspace: environment.workspace)
    switch CompletionScript.Value(argument) {
    case .folder: return .folders
    case .file: return .files
    case .network: return .values(CompletionScript.networks)
    case .task: return .values(context.tasks())
    case .trainer: return .values(trainers(for: command, context))
    case .fold: return .values(folds(for: command, context))
    case .plans: return .values(context.plans())
    case .pretrained: return .values(pretrainedModels())
    case .other: return .nothing
    }
  }

  /// The answer for the scripts: one value per line, or one word that begins with `@`.
  func text(for words: [String]) -> String {
    switch answer(to: words) {
    case .values(let names): names.filter(Self.isPlain).joined(separator: "\n")
    case .files: "@files"
    case .folders: "@folders"
    case .nothing: ""
    }
  }

  /// Names with control characters could become several lines of the answer.
  private static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && !name.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }
  }

  // MARK: - Which argument is next

  private func awaited(
    after words: [String], of command: CompletionScript.Command
  ) -> CommandDescription.Argument? {
    let positionals = command.arguments.filter(\.isPositional)
    var (passed, open) = (0, CommandDescription.Argument?.none)
    for word in words {
      if word.begins(with: "-"), Double(word) == nil {
        open = command.options.first { $0.typedNames.contains(word) && $0.takesValue }
      } else if let option = open {
        if !option.isRepeating { open = nil }
      } else {
        passed += 1
      }
    }
    if let open { return open }
    guard passed < positionals.count else { return positionals.last { $0.isRepeating } }
    return positionals[passed]
  }

  // MARK: - Values

  /// Commands that make models and therefore accept every trainer and fold.
  private static let makers = ["train", "train_DP", "train_DDP", "run", "submit", "status"]

  private func trainers(
    for command: CompletionScript.Command, _ context: Context
  ) -> [String] {
    let trained = context.models().map(\.trainer)
    let known = (TrainingRecipe.all + environment.extensions.training.recipes).map(\.name)
    let isMaker = Self.makers.contains(command.shortName)
    return Set(isMaker || trained.isEmpty ? trained + known : trained).sorted()
  }

  private func folds(for command: CompletionScript.Command, _ context: Context) -> [String] {
    let trained = context.models().flatMap { context.folds(of: $0.folder) }
    if !Self.makers.contains(command.shortName), !trained.isEmpty { return ordered(trained) }
    return ordered(trained + context.plannedFolds() + ["all"])
  }

  private func pretrainedModels() -> [String] {
    // A user who presses a key should not wait for a server.
    let index = environment.modelIndexOnDisk ?? (try? ModelIndex())
    return index?.models.map(\.name) ?? []
  }

  /// Numbers by their value, then words.
  private func ordered(_ names: [String]) -> [String] {
    Set(names).sorted { (Int($0) ?? .max, $0) < (Int($1) ?? .max, $1) }
  }
}

/// The task and the network, according to the previous words.
private struct Context {
  var words: [String]
  var workspace: Workspace

  /// A model's folder and the parts of its name.
  struct Model {
    var folder: URL
    var trainer: String
    var plans: String
  }

  private var network: String? { words.last(where: CompletionScript.networks.contains) }

  /// The task that a word names.
  private var task: String? {
    if let name = words.last(where: { $0.begins(with: "Task") }) { return name }
    // The first of several numbers (a task's, a fold's) that belongs to a task.
    return words.dropFirst().lazy.filter { Int($0) != nil }
      .compactMap { try? workspace.taskName(for: $0) }.first
  }

  func tasks() -> [String] {
    let results = modelRoots()
    let folders =
      [
        try? workspace.rawTasks(), try? workspace.croppedTasks(),
        try? workspace.preprocessedTasks(),
      ]
      .compactMap { $0 } + results
    return Set(folders.flatMap { names(in: $0).filter { $0.begins(with: "Task") } }).sorted()
  }

  /// The models that fit.
  func models() -> [Model] {
    var models: [Model] = []
    for root in modelRoots() where network == nil || network == root.lastPathComponent {
      let tasks = task.map { [$0] } ?? names(in: root)
      for folder in tasks.map({ root.appending(path: $0) }) {
        for name in names(in: folder) {
          let parts = name.parts(at: "__", maxSplits: 1)
          guard parts.count == 2 else { continue }
          models.append(
            Model(
              folder: folder.appending(path: name), trainer: String(parts[0]),
              plans: String(parts[1])))
        }
      }
    }
    return models
  }

  func plans() -> [String] {
    let planned = (try? workspace.preprocessedTasks()).map { folder in
      (task.map { [$0] } ?? names(in: folder)).flatMap { names(in: folder.appending(path: $0)) }
        .compactMap {
          $0.dropping(suffix: "_plans_3D.json") ?? $0.dropping(suffix: "_plans_2D.json")
        }
        .map(String.init)
    }
    return Set(models().map(\.plans) + (planned ?? [])).sorted()
  }

  func folds(of model: URL) -> [String] {
    names(in: model).compactMap { name in
      Fold(folderName: name).map { fold in fold.number.map(String.init) ?? name }
    }
  }

  /// The folds of the task's splits, five if there are none yet.
  func plannedFolds() -> [String] {
    let file = task.flatMap { try? workspace.preprocessedTask($0) }?
      .appending(path: DataSplits.fileName)
    let count = file.flatMap { try? JSONFile.read([DataSplit].self, from: $0).count } ?? 5
    return (0..<count).map(String.init)
  }

  private func modelRoots() -> [URL] {
    guard let results = try? workspace.allResults() else { return [] }
    return CompletionScript.networks.map { results.appending(path: $0) }
  }

  private func names(in folder: URL) -> [String] {
    (try? visibleNames(in: folder)) ?? []
  }
}
