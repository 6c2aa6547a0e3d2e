import Testing

@testable import Commands

@Suite struct ProgressLineTests {
  @Test func showsABarWithTheTimeLeft() {
    var line = ProgressLine(activity: "Preprocessing", begin: .seconds(10))
    line.now = .seconds(20)
    line.completed = 5
    line.total = 20
    #expect(line.bar(columns: 100) == "Preprocessing [#####---------------] 5/20, 0:30 left")
    #expect(line.bar(columns: 40).count == 39)
    #expect(line.plain == "Preprocessing: 5/20, 0:30 left")
    #expect(line.summary == "Preprocessing: 5/20 in 0:10")
  }

  @Test func whatWasDoneBeforeIsNotTimed() {
    var line = ProgressLine(activity: "training", begin: .seconds(10), start: 900)
    line.completed = 900
    line.total = 1000
    #expect(line.timeLeft == nil)
    line.now = .seconds(30)
    line.completed = 910
    #expect(line.plain == "training: 910/1000, 3:00 left")
  }

  @Test func knowsNoTimeLeftBeforeTheFirstStep() {
    var line = ProgressLine(activity: "Epoch 1", begin: .zero)
    line.now = .seconds(3)
    line.total = 250
    #expect(line.bar(columns: 100) == "Epoch 1 [--------------------] 0/250")
  }

  @Test(arguments: [
    (0.0, "0.0 s"), (3.44, "3.4 s"), (9.99, "9.9 s"), (10.0, "0:10"), (59.9, "0:59"),
    (727.0, "12:07"), (3753.0, "1:02:33"), (360_000.0, "100:00:00"),
  ])
  func writesDurations(seconds: Double, text: String) {
    #expect(ProgressLine.text(.seconds(seconds)) == text)
  }
}
