// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "PercentileScaling",
  dependencies: [.package(name: "nnunet", path: "../..")],
  targets: [
    .executableTarget(
      name: "percentile-scaling",
      dependencies: [
        .product(name: "NNUNet", package: "nnunet")
      ])
  ]
)
