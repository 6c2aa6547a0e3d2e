import Foundation
import HostSystem

extension ReportPage {
  /// The worst cases with slices to scroll through.
  var cases: String {
    guard !report.pictures.isEmpty else { return "" }
    let limits = report.limits
    let set = report.results.first { $0.name == report.shownSet }
    let source = set.map { " of \($0.name)" + ($0.postprocessed == nil ? "" : ", postprocessed") }
    let introduction =
      "The \(report.pictures.count) cases with the least mean Dice"
      + "\(source ?? ""). Scroll through the slices with the mouse wheel, the arrow keys or the slider."
    let bounds =
      "Each case is cut out around its labels; at most \(limits.slices) slices of"
      + " \(limits.edge)×\(limits.edge) pixels are stored, larger ones at every n-th voxel. Gray goes"
      + " from the 0.5 % to the 99.5 % quantile of the visible voxels."
    let viewers = report.pictures.enumerated().map(viewer).joined()
    return HTML.text("p", introduction) + switches
      + HTML.element(
        "div", viewers, [("class", "viewers")]) + HTML.text("p", bounds, [("class", "small")])
      + HTML.element("noscript", HTML.text("p", "The slices need JavaScript."))
  }

  private var switches: String {
    let entries = [
      ("reference", "Reference (line)", true), ("prediction", "Prediction (area)", true),
      ("errors", "Wrong voxels only", false),
    ]
    let boxes = entries.map { name, title, isOn in
      HTML.element(
        "label",
        HTML.empty(
          "input",
          [("type", "checkbox"), ("data-layer", name)] + (isOn ? [("checked", "")] : []))
          + QuotedText.markup(title))
    }
    let labels = Set(report.pictures.flatMap(\.presentLabels)).sorted().map { label in
      HTML.element(
        "li",
        HTML.element("span", "", [("class", "key label"), ("data-label", "\(label)")])
          + QuotedText.markup(report.name(ofLabel: label)))
    }
    return HTML.element(
      "fieldset", HTML.text("legend", "Layers") + boxes.joined(), [("class", "switches")])
      + HTML.element("ul", labels.joined(), [("class", "legend")])
  }

  private func viewer(_ index: Int, _ pictures: CasePictures) -> String {
    func source(_ data: Data) -> String { "data:image/png;base64," + data.base64EncodedString() }
    let description = "\(pictures.name), mean Dice \(NumberText.score(pictures.dice))"
    let images =
      (pictures.image.map {
        HTML.empty(
          "img", [("class", "image"), ("alt", ""), ("hidden", ""), ("src", source($0))])
      } ?? "")
      + HTML.empty(
        "img",
        [("class", "labels"), ("alt", ""), ("hidden", ""), ("src", source(pictures.labels))])
    let canvas = HTML.element(
      "canvas", "",
      [("tabindex", "0"), ("role", "img"), ("aria-label", "Slices of \(description)")])
    let slider = HTML.empty(
      "input",
      [
        ("type", "range"), ("min", "0"), ("max", "\(pictures.slices.count - 1)"),
        ("value", "\(pictures.worstSlice)"), ("aria-label", "Slice of \(pictures.name)"),
      ])
    let step = pictures.step > 1 ? ", 1/\(pictures.step) of the resolution" : ""
    return HTML.element(
      "figure",
      HTML.element(
        "figcaption",
        HTML.text("strong", pictures.name)
          + HTML.text("span", "Dice \(NumberText.score(pictures.dice))\(step)"))
        + images + canvas + slider + HTML.element("output", ""),
      [
        ("class", "viewer"), ("data-width", "\(pictures.tileWidth)"),
        ("data-height", "\(pictures.tileHeight)"), ("data-columns", "\(pictures.columnCount)"),
        ("data-aspect", "\(pictures.pixelAspect)"), ("data-plane", pictures.plane),
        ("data-slices", pictures.slices.map(String.init).joined(separator: " ")),
      ])
  }
}
