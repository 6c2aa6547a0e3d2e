// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "BiasField",
  dependencies: [.package(name: "nnunet", path: "../..")],
  targets: [
    .executableTarget(
      name: "bias-field",
      dependencies: [
        .product(name: "NNUNet", package: "nnunet")
      ])
  ]
)
