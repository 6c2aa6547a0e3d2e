import HostSystem
import Testing

@testable import Commands

@Suite struct ProgressLineTests {
  @Test func showsABarWithTheTimeLeft() {
    var line = ProgressLine(activity: "Preprocessing", begin: .seconds(10))
    line.now = .seconds(20)
    line.completed = 5
    line.total = 20
    #expect(line.bar(columns: 100) == "Preprocessing [#####---------------] 5/20, 30 s left")
    #expect(line.bar(columns: 40).count == 39)
    #expect(line.plain == "Preprocessing: 5/20, 30 s left")
    #expect(line.summary == "Preprocessing: 5/20 in 10 s")
  }

  @Test func whatWasDoneBeforeIsNotTimed() {
    var line = ProgressLine(activity: "training", begin: .seconds(10), start: 90)
    line.completed = 90
    line.total = 100
    #expect(line.timeLeft == nil)
    line.now = .seconds(30)
    line.completed = 91
    #expect(line.plain == "training: 91/100, 3 min 0 s left")
  }

  @Test func countsThatNobodyCountsAreShares() {
    var line = ProgressLine(activity: "training", begin: .zero)
    line.now = .seconds(3600)
    line.completed = 1000
    line.total = 300_000
    #expect(line.bar(columns: 100) == "training [--------------------] 0.3 %, 12 d 11 h left")
    line.completed = 299_999
    #expect(line.plain.hasPrefix("training: 99.9 %"), "not all is done")
    line.completed = 300_000
    #expect(line.summary == "training: all in 1 h 0 min")
  }

  @Test func knowsNoTimeLeftBeforeTheFirstStep() {
    var line = ProgressLine(activity: "Epoch 1", begin: .zero)
    line.now = .seconds(3)
    line.total = 250
    #expect(line.bar(columns: 100) == "Epoch 1 [--------------------] 0/250")
  }

  @Test(arguments: [
    (0.0, "0.0 s"), (3.44, "3.4 s"), (9.99, "9.9 s"), (10.0, "10 s"), (59.9, "59 s"),
    (727.0, "12 min 7 s"), (3753.0, "1 h 2 min"), (360_000.0, "4 d 4 h"),
    (1_668_981.0, "19 d 7 h"), (1e300, "?"), (-1, "?"), (.nan, "?"),
  ])
  func writesDurations(seconds: Double, text: String) {
    #expect(durationText(seconds: seconds) == text)
  }

  @Test func numbersHaveTheirNouns() {
    #expect(countText(1, "epoch") == "1 epoch")
    #expect(countText(0, "epoch") == "0 epochs")
    #expect(countText(2, "case was", "cases were") == "2 cases were")
    #expect(NumberText.short(3.5999999046325684) == "3.6")
    #expect(NumberText.short(31.091170) == "31.09")
    #expect(NumberText.short([1.2345678, 1, 0.5]) == "1.235×1×0.5")
    #expect(NumberText.grouped(5_602_944) == "5\u{A0}602\u{A0}944")
    #expect(NumberText.grouped(-12) == "-12")
  }
}
