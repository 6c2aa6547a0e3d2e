import ArgumentParser
import Downloads
import Foundation
import ModelStore
import Plans

/// `nnUNet_download_pretrained_model_by_url`: downloads and installs a model from an address.
struct DownloadModelByURLCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_download_pretrained_model_by_url",
    abstract: "Download a model from an address and install it.",
    discussion: """
      Accepts what nnUNet_install_pretrained_model_from_zip accepts. Run the command again to \
      continue an interrupted download. The archive is compared with --checksum or, without it, \
      with the checksum that the server announces, if any.

      Example: nnUNet_download_pretrained_model_by_url https://example.org/Task500_Own.zip
      """)

  @Argument(help: .init("The address of a zip archive.", valueName: "url"))
  var address: String

  @Option(
    help: .init("The checksum of the archive: md5:… or sha256:….", valueName: "digest"))
  var checksum: String?

  @Flag(name: .customLong("force"), help: "Replace models that already exist.")
  var replaces = false

  func run() throws {
    let reporter = ConsoleReporter()
    let digest = try checksum.map { try FileDigest(parsing: $0) }
    let download = ModelDownload(
      results: try ProgramEnvironment().workspace.allResults(), replaces: replaces)
    for folder in try download.install(addresses: [address], digest: digest, reporter: reporter) {
      reporter.note("installed \(folder.path)")
    }
  }
}
