import Evaluation
import Foundation
import HostSystem
import Plans
import Testing

@testable import Reports

@Suite struct HTMLTests {
  @Test func textIsEscaped() {
    #expect(
      HTML.text("p", "a < b & \"c\"", [("title", "\"x\"")])
        == "<p title=\"&quot;x&quot;\">a &lt; b &amp; &quot;c&quot;</p>")
  }

  @Test func coordinatesHaveOneDigit() {
    #expect(HTML.coordinate(12.04) == "12")
    #expect(HTML.coordinate(-0.25) == "-0.3")
    #expect(HTML.coordinate(-12.55) == "-12.6" || HTML.coordinate(-12.55) == "-12.5")
    #expect(HTML.coordinate(.nan) == "0")
  }

  @Test func numbersAreShort() {
    #expect(NumberText.short(0.5) == "0.5")
    #expect(NumberText.short(1234.56) == "1235")
    #expect(NumberText.short(.nan) == "–")
    #expect(NumberText.score(0.123456) == "0.1235")
    #expect(NumberText.chance(0.0001) == "< 0.001")
  }

  @Test func barsHoldAllValues() {
    let sizes = Figures.Bins(low: 10, high: 90, count: 50, isWhole: true)
    #expect(sizes.counts(of: [10, 50, 90]).reduce(0, +) == 3)
    #expect(sizes.edges.allSatisfy { $0.truncatingRemainder(dividingBy: 1) != 0 })
    let same = Figures.Bins(low: 1, high: 1, count: 50, isWhole: false)
    #expect(same.counts(of: [1, 1]).reduce(0, +) == 2)
  }

  @Test func casesAreCountedInWholeNumbers() {
    let figure = Figures.histogram(title: "t", xLabel: "x", values: [1, 2, 2, 3])
    let ticks = figure.components(separatedBy: "class=\"tick end\"").dropFirst()
      .map { $0.split(separator: ">")[1].prefix { $0 != "<" } }
    #expect(ticks == ["0", "1", "2"])
  }

  @Test func gapsOfCurvesStayGaps() {
    let figure = Figures.curves(
      title: "t", yLabel: "y", curves: [.init(name: "c", values: [1, .nan, 3, 4], style: "s0")],
      legend: [])
    let path = figure.components(separatedBy: "d=\"")[1].prefix { $0 != "\"" }
    #expect(path.filter { $0 == "M" }.count == 2 && path.filter { $0 == "L" }.count == 1)
  }

  @Test func aCurveOfOneEpochIsADot() {
    func dots(_ values: [Double]) -> Int {
      Figures.curves(
        title: "t", yLabel: "y", curves: [.init(name: "c", values: values, style: "s3 dashed")],
        legend: []
      ).components(separatedBy: "<circle").count - 1
    }
    #expect(dots([0.5]) == 1)
    #expect(dots([0.5, .nan, 0.7, 0.8]) == 1, "the point before the gap")
    #expect(dots([0.5, 0.6]) == 0)
  }

  @Test func tenModelsHaveTenColors() throws {
    let styles = (0..<10).map(Figures.style)
    #expect(Set(styles).count == 10)
    let html = ReportPage(Report(title: "t", kind: "task")).html
    for index in 0..<Figures.styleCount {
      // The light page, the requested dark page, and the dark page by the reader's preference.
      let definitions = html.components(separatedBy: "--s\(index): #").dropFirst()
        .map { $0.prefix(6) }
      #expect(definitions.count == 3, "s\(index)")
      #expect(definitions.first != definitions.last)
      #expect(html.contains(".s\(index) { --c: var(--s\(index)); }"))
    }
  }

  @Test func theMedianIsThatOfThePlans() {
    let figure = Figures.histogram(
      title: "t", xLabel: "x", values: [30, 36, 37, 50], isWhole: true)
    #expect(figure.contains("median 36.5"))
  }

  @Test func foldsThatAreNotBegunCount() {
    var report = Report(title: "t", kind: "task")
    var done = FoldTraining(folder: URL(fileURLWithPath: "/nowhere/fold_0"))
    done.trainingLosses = [0.1]
    report.trainings = ["2d", "3d_fullres"].map { TrainingPart(name: $0, folds: [done]) }
    #expect(ReportPage(report).html.contains("<strong>0 of 10</strong>"))
    report.foldCount = 3
    #expect(ReportPage(report).html.contains("<strong>0 of 6</strong>"))
  }
}

@Suite struct FoldTrainingTests {
  @Test func logsGiveCurves() {
    let curves = LoggedCurves(logs: [ReportFixture.log])
    #expect(curves.trainingLosses == [0: -0.1, 1: -0.4], "the repeated epoch counts")
    #expect(curves.validationLosses == [0: -0.2, 1: -0.5])
    #expect(abs((curves.dice[0] ?? 0) - 0.6) < 1e-12 && curves.dice[1] == 0.8)
    #expect(curves.seconds == [0: 12.5, 1: 8.5])
  }

  /// As many values are drawn as there are epochs: an absurd number ended the program.
  @Test func epochsThatNobodyTrainedAreNotCounted() {
    for epoch in ["9223372036854775807", "1099511627776", "-1", "99999999999999999999"] {
      let curves = LoggedCurves(logs: [
        "\nepoch:  0\ntrain loss : 1\nepoch:  \(epoch)\ntrain loss : 2\n"
      ])
      #expect(curves.epochCount == 1)
    }
  }

  @Test func theMovingAverageSkipsWhatIsNotDefined() {
    let fixture = try? ReportFixture()
    defer { fixture?.remove() }
    var fold = FoldTraining(folder: URL(fileURLWithPath: "/nowhere/fold_0"))
    #expect(fold.epochCount == 0 && !fold.isFinished)
    fold.dice = [0.5, .nan, 1]
    #expect(fold.averageDice == [0.5, 0.5, 0.9 * 0.5 + 0.1])
  }
}

@Suite struct ReportTests {
  @Test func aTaskIsGathered() throws {
    let fixture = try ReportFixture()
    defer { fixture.remove() }
    let report = try fixture.gathering.report(ofTask: ReportFixture.task)
    #expect(report.trainings.map(\.folds.count) == [2])
    #expect(report.trainings[0].folds[1].trainingLosses == [-0.1, -0.4])
    let set = try #require(report.results.first)
    #expect(report.results.count == 1 && set.summary.cases.count == 2)
    #expect(set.folds == ["a": "fold_0", "b": "fold_1"])
    #expect(report.pictures.map(\.name) == ["b", "a"], "worst first")
    #expect(report.pictures.allSatisfy { $0.image != nil })
    #expect(report.notes.contains { $0.contains("plans.json is missing") })

    let html = ReportPage(report).html
    #expect(html.contains("ball &amp; more") && !html.contains("ball & more"))
    #expect(html.contains("Tiny &lt;task&gt;"))
    #expect(!html.contains("http://") && !html.contains("https://"), "nothing from elsewhere")
    #expect(!html.contains("src=\"/") && !html.contains("<link"))
    for anchor in ["overview", "training", "selection", "results", "cases"] {
      #expect(html.contains("id=\"\(anchor)\""), "\(anchor)")
    }
  }

  /// What is shown, a comma, and of what: `Dice by size, 3d_fullres`.
  @Test func titlesOfFiguresHaveOneForm() throws {
    let fixture = try ReportFixture()
    defer { fixture.remove() }
    var report = try fixture.gathering.report(ofTask: ReportFixture.task)
    report.fingerprint = FingerprintPart(
      DatasetFingerprint(
        sizes: [[10, 20, 30], [11, 21, 31]], spacings: [[1, 1, 3], [1, 1, 3]],
        foregroundLabels: [1], channelNames: [0: "MRI"], intensities: nil,
        sizeReductions: ["a": 1, "b": 0.9]), rawTask: nil, threads: 1)
    let titles = ReportPage(report).html.matches(of: /<figcaption>([^<]*)<\/figcaption>/)
      .map { String($0.1) }
    #expect(titles.count >= 5, "\(titles)")
    #expect(Set(titles).count == titles.count, "\(titles)")
    for title in titles {
      #expect(title.wholeMatch(of: /[A-Z][a-z ]+( \([a-z ]+\))?, .*[^. ]/) != nil, "\(title)")
    }
  }

  /// The median of the images' sizes and the plans' median case differ, and the page says why.
  @Test func mediansOfSizesAreToldFromThePlans() throws {
    let fixture = try ReportFixture()
    defer { fixture.remove() }
    var report = try fixture.gathering.report(ofTask: ReportFixture.task)
    report.fingerprint = FingerprintPart(
      DatasetFingerprint(
        sizes: [[36, 20, 30], [37, 20, 30]], spacings: [[1, 1, 1], [1, 1, 1]],
        foregroundLabels: [1], channelNames: [0: "MRI"], intensities: nil,
        sizeReductions: ["a": 1, "b": 1]), rawTask: nil, threads: 1)
    let html = ReportPage(report).html
    #expect(html.contains("median 36.5") && !html.contains("median 37"))
    #expect(html.contains("median case is their median at the target spacing"))
    #expect(html.contains("in whole voxels"))
  }

  /// Mean Dice is the mean over labels of each label's mean; no other mean has this name.
  @Test func theMeanDiceIsOneNumber() throws {
    let fixture = try ReportFixture()
    defer { fixture.remove() }
    func scores(_ values: [Int: Double]) -> [Int: LabelScores] {
      values.mapValues { LabelScores(values: [.dice: $0]) }
    }
    var report = try fixture.gathering.report(ofTask: ReportFixture.task)
    // The second label is in one case only: a mean of the cases' means would be 0.3125.
    let summary = SegmentationSummary(cases: [
      CaseScores(reference: "r", prediction: "/p/a.nii.gz", labels: scores([1: 0.5, 2: .nan])),
      CaseScores(reference: "r", prediction: "/p/b.nii.gz", labels: scores([1: 0.2, 2: 0.05])),
    ])
    report.selection = nil
    report.results[0].summary = summary
    let expected = NumberText.score((0.35 + 0.05) / 2)
    #expect(NumberText.score(summary.meanForegroundDice) == expected)
    #expect(summary.diceText(names: [:]).hasPrefix("mean Dice \(expected) ("))
    let html = ReportPage(report).html
    #expect(html.contains("<strong>\(expected)</strong>"), "the first thing that one sees")
    #expect(!html.contains("0.3125"))
  }

  @Test func aModelAndAFolderAreGathered() throws {
    let fixture = try ReportFixture()
    defer { fixture.remove() }
    let model = try fixture.gathering.report(ofModel: fixture.model)
    #expect(model.title == "\(ReportFixture.task), 3d_fullres")
    #expect(model.results.first?.summary.cases.count == 2 && model.selection == nil)

    let folder = fixture.model.appending(path: "fold_0/validation_raw")
    var gathering = fixture.gathering
    let report = try gathering.report(ofFolder: folder)
    #expect(report.pictures.map(\.name) == ["a"])
    #expect(
      report.pictures[0].image == nil
        && report.notes.contains { $0.contains("give their folder with -i") })
    gathering.images = try fixture.workspace.rawTask(ReportFixture.task).appending(path: "imagesTr")
    #expect(try gathering.report(ofFolder: folder).pictures[0].image != nil)
    gathering.images = URL(fileURLWithPath: "/nowhere")
    #expect(throws: ReportError.noImages(folder: "/nowhere")) {
      try gathering.report(ofFolder: folder)
    }
  }

  @Test func whatCannotBeReadIsNamed() throws {
    let fixture = try ReportFixture()
    defer { fixture.remove() }
    let prediction = fixture.model.appending(path: "fold_1/validation_raw/b.nii.gz")
    try Data("no image".utf8).write(to: prediction)
    let report = try fixture.gathering.report(ofTask: ReportFixture.task)
    #expect(report.pictures.map(\.name) == ["a"])
    #expect(report.notes.contains { $0.contains("b.nii.gz") })
    #expect(throws: ReportError.self) { try fixture.gathering.report(ofTask: "Task099_None") }
  }

  @Test func onlyWhatIsAskedForIsShown() throws {
    let fixture = try ReportFixture()
    defer { fixture.remove() }
    var gathering = fixture.gathering
    gathering.limits.cases = 1
    #expect(try gathering.report(ofTask: ReportFixture.task).pictures.map(\.name) == ["b"])
    gathering.limits.cases = 0
    #expect(try gathering.report(ofTask: ReportFixture.task).pictures.isEmpty)
  }
}
