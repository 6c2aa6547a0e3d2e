package import HostSystem
package import Planning
import Plans

/// The preparation of one or more tasks, with the marks that later steps look for.
///
/// All tasks are verified and cropped before the first is planned, as nnU-Net v1 does, so that a
/// wrong last task is noticed early.
package struct PreparationRun: Sendable {
  /// What is prepared, in order.
  package var preparations: [TaskPreparation]
  /// Whether the datasets are verified first.
  package var verifies: Bool

  package init(_ preparations: [TaskPreparation], verifies: Bool) {
    self.preparations = preparations
    self.verifies = verifies
  }

  /// Prepares the tasks.
  ///
  /// - Parameters:
  ///   - reporter: Receives progress and remarks.
  ///   - finish: Called after each task that is prepared.
  /// - Throws: `PlanningError`, `PreprocessingError` and `FileError` for the first task that fails.
  package func run(
    reporter: some Reporter, finish: (TaskPreparation) throws -> Void
  ) throws {
    for preparation in preparations {
      reporter.note(preparation.task)
      if verifies { try preparation.verify(reporter: reporter) }
      try preparation.crop(reporter: reporter)
    }
    for preparation in preparations {
      let marks = try preparation.marks
      for mark in marks { try mark.remove() }
      try preparation.planAndPreprocess(reporter: reporter)
      if preparation.preprocesses { for mark in marks { try mark.write() } }
      try finish(preparation)
    }
  }
}

extension TaskPreparation {
  /// What shows that the cases were prepared with the plans that are made here.
  fileprivate var marks: [PreparationMark] {
    get throws {
      let planners = [planner3D, planner2D].compactMap { $0 }
      return try Set(planners.map(\.plansIdentifier)).map {
        try PreparationMark(task: task, plans: $0, in: workspace)
      }
    }
  }
}
