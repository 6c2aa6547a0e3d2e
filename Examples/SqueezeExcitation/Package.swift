// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "SqueezeExcitation",
  dependencies: [.package(name: "nnunet", path: "../..")],
  targets: [
    .executableTarget(
      name: "squeeze-excitation",
      dependencies: [
        .product(name: "NNUNet", package: "nnunet")
      ])
  ]
)
