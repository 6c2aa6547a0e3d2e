/// This process among those that a launcher started together.
struct LaunchedRank: Hashable {
  /// From 0.
  var number: Int
  var count: Int
  /// The number among those of this machine.
  var local: Int

  /// How launchers name the number, the count and the number on the machine: torchrun, Open MPI,
  /// MPICH, Slurm.
  ///
  /// Slurm comes last: its variables are there as well where another launcher runs in its jobs.
  private static let variables = [
    ("RANK", "WORLD_SIZE", "LOCAL_RANK"),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"),
    ("PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"),
    ("SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID"),
  ]

  init(number: Int, count: Int, local: Int) {
    (self.number, self.count, self.local) = (number, count, local)
  }

  /// Reads a launcher's variables; nil where there are none.
  ///
  /// Without a number on the machine, the number itself takes its place.
  init?(variables: [String: String]) throws(CommandLineError) {
    guard let names = Self.variables.first(where: { variables[$0.0] != nil }) else { return nil }
    func value(_ name: String, _ range: Range<Int>) throws(CommandLineError) -> Int {
      let text = variables[name] ?? ""
      guard let number = Int(text), range ~= number else {
        throw .invalidVariable(
          name: name, value: text,
          expected: range.upperBound == .max
            ? "a whole number from \(range.lowerBound)" : "from 0 and below \(range.upperBound)")
      }
      return number
    }
    count = try value(names.1, 1..<Int.max)
    number = try value(names.0, 0..<count)
    local = variables[names.2] == nil ? number : try value(names.2, 0..<Int.max)
  }
}
