// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies,
    swiftSettings: settings)
}

let package = Package(
  name: "nnunet",
  products: [
    .executable(name: "nnunet", targets: ["NNUNetMain"]),
    // For packages that add losses, networks, planners and so on, and make a program of their own.
    .library(name: "NNUNet", targets: ["NNUNet"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // C: the system's zlib, Zstandard, cairo and curl, and the one header between libtorch and Swift. What
    // is behind that header, Sources/TorchEngine, is built by Tools/build-engine and loaded when a command
    // first needs tensors: no target depends on libtorch.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "CTorch"),
    .target(name: "CProcessorCheck"),
    .target(name: "CFileMapping"),

    // Imports go up this list, never down.
    library("HostSystem", ["CFileMapping"]),
    library("Arrays", ["HostSystem"]),
    library("Charts", ["HostSystem", "CCairo"]),
    library("Archives", ["Arrays", "HostSystem", "CZlib", "CZstd"]),
    library("Imaging", ["Archives", "Arrays", "HostSystem", "CZlib"]),
    library("Plans", ["Arrays", "HostSystem"]),
    library("Downloads", ["HostSystem", "CCurl"]),
    .target(
      name: "ModelStore", dependencies: ["Archives", "Downloads", "Plans", "HostSystem"],
      resources: [.embedInCode("Pretrained/pretrained-models.json")], swiftSettings: settings),
    library("Resampling", ["Arrays", "HostSystem"]),
    library(
      "Preprocessing", ["Archives", "Resampling", "Plans", "Imaging", "Arrays", "HostSystem"]),
    library("Planning", ["Preprocessing", "Plans", "Imaging", "Arrays", "HostSystem"]),
    library("Augmentation", ["Resampling", "Arrays", "HostSystem"]),
    library("Torch", ["CTorch", "Arrays", "HostSystem"]),
    library("Networks", ["Torch", "Plans", "Arrays", "HostSystem"]),
    library("ModelExchange", ["Networks", "Plans", "Arrays", "HostSystem", "CZlib"]),
    library("Evaluation", ["Plans", "Imaging", "Arrays", "HostSystem"]),
    library(
      "Inference",
      [
        "ModelExchange", "Networks", "Torch", "Evaluation", "Preprocessing", "Resampling", "Plans",
        "Imaging", "Archives", "Arrays",
        "HostSystem",
      ]),
    library(
      "Training",
      [
        "Charts", "ModelExchange", "Networks", "Torch", "Augmentation", "Preprocessing",
        "Resampling", "Inference", "Evaluation", "Plans", "Imaging", "Arrays", "HostSystem",
      ]),
    library(
      "ModelSelection",
      [
        "Archives", "Training", "Inference", "ModelExchange", "Evaluation", "Planning",
        "Preprocessing", "Networks", "Torch", "Plans", "Imaging", "Arrays", "HostSystem",
      ]),
    library(
      "TaskImport",
      ["ModelExchange", "Preprocessing", "Plans", "Archives", "Arrays", "HostSystem"]),
    .target(
      name: "Reports",
      dependencies: [
        "Charts", "ModelSelection", "Training", "Evaluation", "Planning", "Preprocessing",
        "Networks", "Plans", "Imaging", "Arrays", "HostSystem",
      ],
      resources: [.embedInCode("Resources/report.css"), .embedInCode("Resources/report.js")],
      swiftSettings: settings),
    library("Diagnosis", ["Torch", "Arrays", "HostSystem"]),
    library("Scheduling", ["ModelSelection", "Plans", "HostSystem"]),
    library("Phantoms", ["Imaging", "Plans", "Arrays", "HostSystem"]),
    .target(
      name: "Commands",
      dependencies: [
        "Diagnosis", "Reports", "Charts", "Scheduling", "ModelSelection", "Training", "Inference",
        "ModelExchange", "Evaluation",
        "Planning", "Preprocessing", "Phantoms", "TaskImport", "ModelStore", "Downloads",
        "Networks",
        "Torch", "Plans", "Imaging", "Arrays", "HostSystem", "CProcessorCheck",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    library(
      "NNUNet",
      [
        "Commands", "ModelSelection", "Training", "Inference", "Evaluation", "Planning",
        "Preprocessing", "Augmentation", "Networks", "Torch", "Resampling", "Plans", "Imaging",
        "Arrays", "HostSystem",
      ]),
    .executableTarget(name: "NNUNetMain", dependencies: ["Commands"], swiftSettings: settings),

    // Measurements, each beside what it is compared with.
    .executableTarget(
      name: "augmentation-benchmark", dependencies: ["Augmentation", "Arrays"],
      path: "Benchmarks/augmentation", exclude: ["rival.py", "run.sh"], swiftSettings: settings),
    .executableTarget(
      name: "export-benchmark", dependencies: ["Inference", "Plans", "Imaging", "Arrays"],
      path: "Benchmarks/export", exclude: ["rival.py", "run.sh"], swiftSettings: settings),
    .executableTarget(
      name: "training-step-benchmark", dependencies: ["Training", "Networks", "Torch", "Arrays"],
      path: "Benchmarks/training-step", exclude: ["rival.py", "run.sh"], swiftSettings: settings),
    .executableTarget(
      name: "resampling-benchmark", dependencies: ["Resampling", "Arrays", "HostSystem"],
      path: "Benchmarks/resampling", exclude: ["rival.py", "run.sh"], swiftSettings: settings),

    // Reads damaged files by the million; run by `make fuzz`, and shortly by the tests.
    .target(name: "CFuzzing", path: "Tests/Fuzz/CFuzzing"),
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "CFuzzing", "CZlib", "ModelExchange", "Networks", "Archives", "Imaging", "Plans", "Arrays",
        "HostSystem",
      ],
      path: "Tests/Fuzz/Fuzz", swiftSettings: settings),

    // Tests: one target per library, and the program as a user types it.
    .target(
      name: "TestSupport", dependencies: ["Arrays", "HostSystem"], path: "Tests/TestSupport",
      swiftSettings: settings),
    tests("HostSystem"),
    tests("Arrays"),
    tests("Archives", ["Arrays", "HostSystem"]),
    tests("Charts", ["HostSystem"]),
    tests("Imaging", ["Arrays"]),
    tests("Plans"),
    tests("Downloads", ["HostSystem"]),
    tests("ModelStore", ["Archives", "Downloads", "HostSystem", "Plans"]),
    tests("Resampling", ["Arrays"]),
    tests("Preprocessing", ["Archives", "Resampling", "Plans", "Imaging", "Arrays", "HostSystem"]),
    tests("Planning", ["Plans", "Arrays", "Preprocessing"]),
    tests("Augmentation", ["Arrays"]),
    tests("Torch", ["Arrays"]),
    tests("Networks", ["Torch", "Plans", "Arrays"]),
    tests("ModelExchange", ["Networks", "Torch", "Plans", "Arrays", "HostSystem"]),
    tests(
      "Inference",
      [
        "ModelExchange", "Networks", "Torch", "Plans", "Imaging", "Archives", "Arrays",
        "Evaluation",
        "Resampling",
      ]),
    tests("Evaluation", ["Imaging", "Arrays", "Plans", "HostSystem"]),
    tests(
      "Training",
      [
        "Archives", "Augmentation", "Charts", "Inference", "Networks", "Torch", "Plans", "Imaging",
        "Arrays", "Preprocessing",
      ]),
    tests(
      "ModelSelection",
      [
        "Archives", "Evaluation", "Inference", "ModelExchange", "Networks", "Training", "Imaging",
        "Plans", "Arrays", "HostSystem",
      ]),
    tests("TaskImport", ["Preprocessing", "Plans", "Arrays", "HostSystem"]),
    tests(
      "Reports", ["Charts", "Evaluation", "Training", "Plans", "Imaging", "Arrays", "HostSystem"]),
    tests("Diagnosis", ["Torch", "Arrays", "HostSystem"]),
    tests("Scheduling", ["ModelSelection", "Plans", "HostSystem"]),
    tests("Phantoms", ["Imaging", "Plans", "Arrays"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "TestSupport", "Commands", "NNUNetMain", "Fuzz", "Imaging", "Plans", "Arrays", "Evaluation",
        "Phantoms", "Archives",
        "ModelExchange", "Training",
        "HostSystem", "Planning", "Preprocessing",
      ],
      swiftSettings: settings),
  ]
)
