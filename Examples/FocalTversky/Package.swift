// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "FocalTversky",
  dependencies: [.package(name: "nnunet", path: "../..")],
  targets: [
    .executableTarget(
      name: "focal-tversky",
      dependencies: [
        .product(name: "NNUNet", package: "nnunet")
      ])
  ]
)
