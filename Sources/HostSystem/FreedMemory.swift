import Foundation

/// Lets the process keep freed memory, for programs that allocate much of it again and again.
///
/// Otherwise, every case's arrays are returned to the system and allocated again page by page,
/// which costs as much as processing a small case. Arrays above 32 MB are returned anyway. Does
/// nothing if the C library is not glibc.
package func keepFreedMemory() {
  #if os(Linux)
    // Swift's module of glibc omits malloc.h; other C libraries do not have the function.
    guard let symbol = dlsym(nil, "mallopt") else { return }
    let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
    let (trimThreshold, topPadding, mapThreshold): (Int32, Int32, Int32) = (-1, -2, -3)
    _ = mallopt(mapThreshold, 32 << 20)
    _ = mallopt(trimThreshold, 256 << 20)
    _ = mallopt(topPadding, 4 << 20)
  #endif
}
