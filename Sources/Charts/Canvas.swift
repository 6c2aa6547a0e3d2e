import CCairo
import Foundation
import HostSystem

/// A page to draw on, in points from its upper left corner; ends as PNG or PDF.
///
/// Only this and ``PixelImage`` use cairo.
final class Canvas {
  /// The format of the page.
  enum Format { case png, pdf }

  /// The point of a text that is at its position.
  enum Anchor { case start, middle, end }

  /// Receives cairo's output.
  final class Sink { var data = Data() }

  private let format: Format
  private let surface: OpaquePointer
  private let context: OpaquePointer
  private let sink = Sink()

  init(width: Double, height: Double, format: Format) throws(ChartError) {
    self.format = format
    switch format {
    case .png:
      surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, Int32(trusted: width), Int32(trusted: height))
    case .pdf:
      surface = cairo_pdf_surface_create_for_stream(
        Self.append, Unmanaged.passUnretained(sink).toOpaque(), width, height)
    }
    context = cairo_create(surface)
    try Self.check(cairo_surface_status(surface))
    try Self.check(cairo_status(context))
    cairo_select_font_face(
      context, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL)
    fill(0, 0, width, height, .white)
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  /// The finished file; nothing can be drawn afterwards.
  func finish() throws(ChartError) -> Data {
    try Self.check(cairo_status(context))
    if format == .png {
      try Self.check(
        cairo_surface_write_to_png_stream(
          surface, Self.append, Unmanaged.passUnretained(sink).toOpaque()))
    }
    cairo_surface_finish(surface)
    try Self.check(cairo_surface_status(surface))
    return sink.data
  }

  /// Appends bytes to the ``Sink`` that the closure points to.
  static let append: cairo_write_func_t = { closure, bytes, count in
    guard let closure, let bytes else { return CAIRO_STATUS_WRITE_ERROR }
    Unmanaged<Sink>.fromOpaque(closure).takeUnretainedValue().data
      .append(bytes, count: Int(count))
    return CAIRO_STATUS_SUCCESS
  }

  /// Throws if cairo reports an error.
  static func check(_ status: cairo_status_t) throws(ChartError) {
    guard status != CAIRO_STATUS_SUCCESS else { return }
    throw .cannotDraw(reason: String(cString: cairo_status_to_string(status)))
  }

  private func set(_ color: Color) {
    cairo_set_source_rgb(context, color.red, color.green, color.blue)
  }
}

// MARK: - Shapes

extension Canvas {
  typealias Point = (x: Double, y: Double)

  /// Fills a rectangle.
  func fill(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ color: Color) {
    set(color)
    cairo_rectangle(context, x, y, width, height)
    cairo_fill(context)
  }

  /// Draws the border of a rectangle.
  func frame(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ color: Color,
    lineWidth: Double = 1
  ) {
    set(color)
    cairo_set_line_width(context, lineWidth)
    cairo_rectangle(context, x, y, width, height)
    cairo_stroke(context)
  }

  /// Connects points by straight lines; `dash` is the length of strokes and of gaps.
  func line(_ points: [Point], _ color: Color, lineWidth: Double = 1, dash: [Double] = []) {
    guard let first = points.first else { return }
    set(color)
    cairo_set_line_width(context, lineWidth)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    cairo_set_dash(context, dash, Int32(dash.count), 0)
    cairo_move_to(context, first.x, first.y)
    for point in points.dropFirst() { cairo_line_to(context, point.x, point.y) }
    cairo_stroke(context)
    cairo_set_dash(context, nil, 0, 0)
  }

  /// Draws a line that ends in an arrow's head.
  func arrow(_ points: [Point], _ color: Color, lineWidth: Double = 1, head: Double = 7) {
    line(points, color, lineWidth: lineWidth)
    guard points.count > 1 else { return }
    let (tip, before) = (points[points.count - 1], points[points.count - 2])
    let angle = atan2(tip.y - before.y, tip.x - before.x)
    set(color)
    cairo_move_to(context, tip.x, tip.y)
    for side in [angle + 2.65, angle - 2.65] {
      cairo_line_to(context, tip.x + head * cos(side), tip.y + head * sin(side))
    }
    cairo_fill(context)
  }

  func dot(_ point: Point, radius: Double, _ color: Color) {
    set(color)
    cairo_arc(context, point.x, point.y, radius, 0, 2 * .pi)
    cairo_fill(context)
  }

  /// Draws only inside a rectangle while `body` runs.
  func clip(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ body: () -> Void
  ) {
    cairo_save(context)
    cairo_rectangle(context, x, y, width, height)
    cairo_clip(context)
    body()
    cairo_restore(context)
  }
}

// MARK: - Text

extension Canvas {
  /// Writes a line of text on a base line.
  ///
  /// Turned by 90°, it reads upwards.
  func text(
    _ string: String, at point: Point, size: Double, _ color: Color = .black,
    anchor: Anchor = .start, isBold: Bool = false, readsUpwards: Bool = false
  ) {
    select(size: size, isBold: isBold)
    set(color)
    let width = measured(string)
    let shift: Double =
      switch anchor {
      case .start: 0
      case .middle: -width / 2
      case .end: -width
      }
    cairo_save(context)
    cairo_translate(context, point.x, point.y)
    if readsUpwards { cairo_rotate(context, -.pi / 2) }
    cairo_move_to(context, shift, 0)
    cairo_show_text(context, string)
    cairo_restore(context)
  }

  /// The width of a line of text.
  func width(of string: String, size: Double, isBold: Bool = false) -> Double {
    select(size: size, isBold: isBold)
    return measured(string)
  }

  private func select(size: Double, isBold: Bool) {
    cairo_select_font_face(
      context, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
      isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    cairo_set_font_size(context, size)
  }

  private func measured(_ string: String) -> Double {
    var extents = cairo_text_extents_t()
    cairo_text_extents(context, string, &extents)
    return extents.x_advance
  }
}
