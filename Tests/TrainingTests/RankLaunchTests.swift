import Testing

@testable import Training

@Suite struct RankLaunchTests {
  @Test func nobodyStartedThisProcess() throws {
    #expect(try RankLaunch(variables: ["PATH": "/bin", "MASTER_ADDR": "node1"]) == nil)
  }

  @Test func torchrun() throws {
    var variables = [
      "RANK": "5", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "4",
      "MASTER_ADDR": "node1", "MASTER_PORT": "29400",
    ]
    let expected = RankLaunch(
      rank: 5, count: 8, localRank: 1, localCount: 4, address: "node1", port: 29400, serves: false)
    #expect(try RankLaunch(variables: variables) == expected)
    #expect(variables == expected.variables, "as a child gets it")
    variables["RANK"] = "0"
    variables["LOCAL_RANK"] = "0"
    #expect(try RankLaunch(variables: variables)?.serves == true)
    // torchrun's agent serves, and a restart finds no names of the previous attempt.
    variables["TORCHELASTIC_USE_AGENT_STORE"] = "True"
    variables["TORCHELASTIC_RESTART_COUNT"] = "2"
    let served = try #require(try RankLaunch(variables: variables))
    #expect(!served.serves && served.attempt == "2")
  }

  @Test func openMPIOnOneMachineNeedsNoAddress() throws {
    var variables = [
      "OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_LOCAL_RANK": "1",
      "OMPI_COMM_WORLD_LOCAL_SIZE": "2", "PMIX_NAMESPACE": "1234567",
    ]
    let launch = try #require(try RankLaunch(variables: variables))
    #expect(launch.address == "127.0.0.1" && launch.rank == 1 && launch.localCount == 2)
    #expect((12_000..<32_000).contains(launch.port))
    variables["PMIX_NAMESPACE"] = "1234568"
    #expect(try RankLaunch(variables: variables)?.port != launch.port, "another job")
    variables["OMPI_COMM_WORLD_SIZE"] = "4"
    #expect(throws: TrainingError.self) { try RankLaunch(variables: variables) }
  }

  @Test func slurmMeetsOnTheFirstNode() throws {
    let variables = [
      "SLURM_PROCID": "3", "SLURM_NTASKS": "4", "SLURM_LOCALID": "1",
      "SLURM_TASKS_PER_NODE": "2(x2)", "SLURM_JOB_ID": "77", "SLURM_JOB_NODELIST": "gpu[07-08],x1",
    ]
    let launch = try #require(try RankLaunch(variables: variables))
    #expect(launch.address == "gpu07" && launch.localRank == 1 && launch.localCount == 2)
    #expect(RankLaunch.firstHost(of: "login") == "login")
    #expect(RankLaunch.firstHost(of: "a1,b[2-3]") == "a1")
    #expect(RankLaunch.firstHost(of: "n[12,14]-ib") == "n12-ib")
  }

  @Test func whatIsWrongIsNamed() {
    #expect(
      throws: TrainingError.invalidLaunch(
        variable: "RANK", value: "2", expected: "a number from 0 to 1")
    ) { try RankLaunch(variables: ["RANK": "2", "WORLD_SIZE": "2"]) }
    #expect(throws: TrainingError.self) {
      try RankLaunch(variables: [
        "RANK": "1", "WORLD_SIZE": "2", "MASTER_PORT": "99999", "MASTER_ADDR": "a",
      ])
    }
  }

  @Test func batchesAreSharedAsEvenlyAsPossible() throws {
    let shares = try (0..<4).map { try BatchShare(batchSize: 9, rank: $0, of: 4) }
    #expect(shares.map(\.elements) == [0..<3, 3..<5, 5..<7, 7..<9])
    #expect(abs(shares.map(\.weight).reduce(0, +) / 4 - 1) < 1e-12)
    #expect(throws: TrainingError.batchTooSmall(size: 2, ranks: 3)) {
      try BatchShare(batchSize: 2, rank: 0, of: 3)
    }
  }

  /// The number of patches around foreground, and where they are, next to the rule of nnU-Net v1.
  @Test func foregroundIsAsFrequentAsInTheReference() throws {
    for (perRank, ranks) in [(2, 1), (2, 2), (2, 4), (7, 2), (12, 8)] {
      let total = perRank * ranks
      let ours = (0..<total).count { Double($0) >= (Double(total) * (1 - 0.33)).rounded() }
      let theirs = (0..<ranks).reduce(0) { sum, rank in
        let (low, high) = (
          Double(rank * perRank) / Double(total), Double((rank + 1) * perRank) / Double(total)
        )
        let share =
          high < 0.67 ? 0 : low > 0.67 ? 1 : 1 - (0.67 - low) / (high - low)
        let first = (Double(perRank) * (1 - share)).rounded(.toNearestOrEven)
        return sum + (0..<perRank).count { Double($0) >= first }
      }
      #expect(abs(ours - theirs) <= 1, "\(perRank) × \(ranks): \(ours), v1 \(theirs)")
    }
  }
}
