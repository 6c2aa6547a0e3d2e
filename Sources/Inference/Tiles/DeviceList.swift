import HostSystem
package import Torch

/// The devices that share a prediction or a training.
package enum DeviceList {
  /// The largest number of devices; each has a copy of the networks, or a process.
  package static let largestCount = 1024

  /// The devices that a user names: a number of them, or names with commas such as `cuda:0,cuda:1`.
  ///
  /// A number stands for so many GPUs if there are any. Otherwise, it divides the processor's cores
  /// into so many parts.
  ///
  /// - Throws: ``DeviceListError`` and `TorchError` for unknown and missing devices.
  package static func devices(named text: String) throws -> [Device] {
    guard let count = Int(text) else {
      let names = text.parts(at: ",", omittingEmpty: false).map(String.init)
      let devices = try names.map { try Device(named: $0) }
      let accelerators = devices.filter { $0.kind != .cpu }
      guard Set(accelerators).count == accelerators.count else {
        throw DeviceListError.namedTwice(text)
      }
      return devices
    }
    guard count > 0 else { throw DeviceListError.noDevice(text) }
    guard count <= largestCount else {
      throw DeviceListError.tooMany(asked: count, most: largestCount)
    }
    let first = try Device(named: "auto")
    guard first.kind != .cpu else { return Array(repeating: first, count: count) }
    let present = try Device.present().filter { $0.kind == first.kind }
    guard count <= present.count else {
      throw DeviceListError.tooFew(asked: count, present: present.map(\.description))
    }
    return Array(present.prefix(count))
  }

  /// The device of one of several processes on this machine, which are distributed over its GPUs.
  package static func device(ofLocalRank rank: Int) throws -> Device {
    let first = try Device(named: "auto")
    guard first.kind != .cpu else { return first }
    let present = try Device.present().filter { $0.kind == first.kind }
    return present[rank % present.count]
  }
}

/// Lists of devices that are not valid.
package enum DeviceListError: ExplainedError, Equatable {
  case noDevice(String)
  case namedTwice(String)
  case tooFew(asked: Int, present: [String])
  case tooMany(asked: Int, most: Int)

  package var message: String {
    switch self {
    case .noDevice(let text): "--devices \(text) names no device."
    case .namedTwice(let text): "--devices \(text) names a device twice."
    case .tooMany(let asked, let most):
      "--devices asks for \(asked) devices, but at most \(most) are possible."
    case .tooFew(let asked, let present):
      "--devices asks for \(asked) devices, but there are only \(present.joined(separator: ", "))."
    }
  }

  package var hint: String? {
    switch self {
    case .noDevice: "Give a number from 1, or names such as cuda:0,cuda:1."
    case .tooMany:
      "Give the number of GPUs, or the number of groups to divide the processor's cores into."
    case .namedTwice: "Only cpu may be named more than once; its cores are then divided."
    case .tooFew(_, let present): "Give at most \(present.count), or name them."
    }
  }
}
