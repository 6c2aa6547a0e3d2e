import HostSystem

/// The position of this process among those that a launcher started together.
package struct RankPosition: Hashable, Sendable {
  /// Counted from 0.
  package var rank: Int
  package var count: Int
  /// Its number among the processes of this machine.
  package var localRank: Int
  package var localCount: Int

  package init(rank: Int, count: Int, localRank: Int, localCount: Int) {
    self.rank = rank
    self.count = count
    self.localRank = localRank
    self.localCount = localCount
  }

  /// Reads what torchrun, mpirun (Open MPI, MPICH, Intel MPI) or srun tell their processes.
  ///
  /// If they say nothing about the machine, all processes are assumed to be on this one.
  ///
  /// - Returns: Nil if none of them started this process.
  /// - Throws: ``TrainingError/invalidLaunch(variable:value:expected:)``.
  package init?(variables: [String: String]) throws(TrainingError) {
    guard let launcher = Launcher(variables: variables) else { return nil }
    self = try launcher.position(variables)
  }
}

/// How this process connects to those that train one network with it.
package struct RankLaunch: Hashable, Sendable {
  /// The number of this process, counted from 0.
  package var rank: Int
  package var count: Int
  /// Its number among the processes of this machine.
  package var localRank: Int
  package var localCount: Int
  /// The host of the store through which the processes connect.
  package var address: String
  package var port: UInt16
  /// Whether this process serves the store.
  package var serves: Bool
  /// Distinguishes attempts at the same address.
  package var attempt: String

  package init(
    rank: Int, count: Int, localRank: Int, localCount: Int, address: String, port: UInt16,
    serves: Bool, attempt: String = "0"
  ) {
    self.rank = rank
    self.count = count
    self.localRank = localRank
    self.localCount = localCount
    self.address = address
    self.port = port
    self.serves = serves
    self.attempt = attempt
  }

  /// The variables for a child, in torchrun's form.
  package var variables: [String: String] {
    [
      "RANK": "\(rank)", "WORLD_SIZE": "\(count)", "LOCAL_RANK": "\(localRank)",
      "LOCAL_WORLD_SIZE": "\(localCount)", "MASTER_ADDR": address, "MASTER_PORT": "\(port)",
    ]
  }
}

extension RankLaunch {
  /// Reads what ``RankPosition`` reads, and the address through which the processes connect.
  ///
  /// `MASTER_ADDR` and `MASTER_PORT` come first if they are set. Without them, Slurm's processes
  /// connect through the first node of the job, those of mpirun through their own machine, at a
  /// port that follows from the job's number.
  ///
  /// - Returns: Nil if none of them started this process.
  /// - Throws: ``TrainingError/invalidLaunch(variable:value:expected:)``.
  package init?(variables: [String: String]) throws(TrainingError) {
    guard let launcher = Launcher(variables: variables) else { return nil }
    self = try launcher.launch(variables)
  }

  /// The first host of a list in Slurm's format: `node[03-07,9],login` begins with `node03`.
  static func firstHost(of list: String) -> String? {
    let parts = list.parts(at: "[", maxSplits: 1, omittingEmpty: false)
    guard parts.count == 2, !parts[0].holds(",") else {
      let host = list.parts(at: ",", omittingEmpty: false).first ?? ""
      return host.isEmpty ? nil : String(host)
    }
    let number = parts[1].unicodeScalars.prefix(while: \.isASCIIDigit)
    let behind = parts[1].parts(at: "]", maxSplits: 1, omittingEmpty: false).dropFirst().first
    let rest = behind?.parts(at: ",", omittingEmpty: false).first ?? ""
    return number.isEmpty ? nil : "\(parts[0])\(String(number))\(rest)"
  }
}

/// The names of a launcher's variables.
private struct Launcher {
  let rank: String
  let count: String
  let localRank: [String]
  let localCount: [String]
  /// A number of the job, the same for all of its processes.
  let job: [String]

  /// Slurm comes last: its variables also exist if another launcher runs in its jobs.
  static let all = [
    Launcher(
      rank: "RANK", count: "WORLD_SIZE", localRank: ["LOCAL_RANK"],
      localCount: ["LOCAL_WORLD_SIZE"], job: []),
    Launcher(
      rank: "OMPI_COMM_WORLD_RANK", count: "OMPI_COMM_WORLD_SIZE",
      localRank: ["OMPI_COMM_WORLD_LOCAL_RANK"], localCount: ["OMPI_COMM_WORLD_LOCAL_SIZE"],
      job: ["OMPI_MCA_ess_base_jobid", "PMIX_NAMESPACE"]),
    Launcher(
      rank: "PMI_RANK", count: "PMI_SIZE", localRank: ["MPI_LOCALRANKID"],
      localCount: ["MPI_LOCALNRANKS"], job: ["PMI_ID", "SLURM_JOB_ID"]),
    Launcher(
      rank: "SLURM_PROCID", count: "SLURM_NTASKS", localRank: ["SLURM_LOCALID"],
      localCount: ["SLURM_STEP_TASKS_PER_NODE", "SLURM_NTASKS_PER_NODE", "SLURM_TASKS_PER_NODE"],
      job: ["SLURM_JOB_ID"]),
  ]

  func position(_ variables: [String: String]) throws(TrainingError) -> RankPosition {
    func number(
      _ name: String, in range: Range<Int>, of text: String? = nil
    ) throws(TrainingError) -> Int {
      let text = text ?? variables[name] ?? ""
      guard let value = Int(text), range.contains(value) else {
        throw .invalidLaunch(
          variable: name, value: text,
          expected: "a number from \(range.lowerBound) to \(range.upperBound - 1)")
      }
      return value
    }
    func first(_ names: [String]) -> String? {
      names.first { !(variables[$0] ?? "").isEmpty }
    }
    let count = try number(self.count, in: 1..<1_000_000)
    let rank = try number(self.rank, in: 0..<count)
    let local = try first(localRank).map { (name) throws(TrainingError) in
      try number(name, in: 0..<count)
    }
    let localSize = try first(localCount).map { (name) throws(TrainingError) in
      // Slurm writes "2(x3)" for two tasks on each of three nodes.
      try number(
        name, in: 1..<count + 1,
        of: String((variables[name] ?? "").unicodeScalars.prefix(while: \.isASCIIDigit)))
    }
    return RankPosition(
      rank: rank, count: count, localRank: local ?? rank, localCount: localSize ?? count)
  }

  func launch(_ variables: [String: String]) throws(TrainingError) -> RankLaunch {
    let place = try position(variables)
    return RankLaunch(
      rank: place.rank, count: place.count, localRank: place.localRank,
      localCount: place.localCount,
      address: try address(variables, isOneMachine: place.localCount == place.count),
      port: try port(variables), serves: place.rank == 0 && !agentServes(variables),
      attempt: variables["TORCHELASTIC_RESTART_COUNT"] ?? "0")
  }

  /// torchrun serves the store itself.
  private func agentServes(_ variables: [String: String]) -> Bool {
    variables["TORCHELASTIC_USE_AGENT_STORE"] == "True"
  }

  private func address(
    _ variables: [String: String], isOneMachine: Bool
  ) throws(TrainingError) -> String {
    if let address = variables["MASTER_ADDR"], !address.isEmpty { return address }
    if isOneMachine { return "127.0.0.1" }
    if rank.begins(with: "SLURM"), let nodes = variables["SLURM_JOB_NODELIST"],
      let host = RankLaunch.firstHost(of: nodes)
    {
      return host
    }
    throw .invalidLaunch(
      variable: "MASTER_ADDR", value: "",
      expected: "the host of rank 0, by a name that all others can reach")
  }

  private func port(_ variables: [String: String]) throws(TrainingError) -> UInt16 {
    if let text = variables["MASTER_PORT"], !text.isEmpty {
      guard let port = UInt16(text), port > 0 else {
        throw .invalidLaunch(
          variable: "MASTER_PORT", value: text, expected: "a number from 1 to 65535")
      }
      return port
    }
    guard let name = job.first(where: { !(variables[$0] ?? "").isEmpty }) else {
      throw .invalidLaunch(
        variable: "MASTER_PORT", value: "", expected: "a free port of the host of rank 0")
    }
    // Below the ports that systems assign to clients.
    return UInt16(12_000 + FNVHash(of: variables[name] ?? "").value % 20_000)
  }
}

extension Launcher {
  /// The launcher that started this process.
  init?(variables: [String: String]) {
    guard let launcher = Self.all.first(where: { variables[$0.rank] != nil }) else { return nil }
    self = launcher
  }
}
