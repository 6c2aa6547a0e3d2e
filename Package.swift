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
    // For packages that add losses, networks, planners and so on, and make their own program.
    .library(name: "NNUNet", targets: ["NNUNet"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // C: the system's zlib, Zstandard, libpng, cairo, curl and OpenSSL, and the one header between
    // libtorch and Swift. Tools/build-engine builds the code behind that header,
    // Sources/TorchEngine. It is loaded when a command first needs tensors: no target depends on
    // libtorch.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CTorch"),
    .target(name: "CProcessorCheck"),
    .target(name: "CFileMapping"),

    // Imports go up this list, never down.
    library("HostSystem", ["CFileMapping"]),
    library("Arrays", ["HostSystem"]),
    library("Charts", ["HostSystem", "CCairo"]),
    library("Archives", ["Arrays", "HostSystem", "CZstd", "CZlib"]),
    library("JSON", ["HostSystem"]),
    library("Imaging", ["JSON", "Archives", "Arrays", "HostSystem", "CPNG", "CZlib"]),
    library("Plans", ["JSON", "Arrays", "HostSystem"]),
    library("Downloads", ["HostSystem", "CCurl", "CCrypto"]),
    .target(
      name: "ModelStore", dependencies: ["Downloads", "Plans", "JSON", "Archives", "HostSystem"],
      resources: [.embedInCode("Pretrained/pretrained-models.json")], swiftSettings: settings),
    library("Resampling", ["Arrays", "HostSystem"]),
    library(
      "Preprocessing",
      ["Resampling", "Plans", "JSON", "Imaging", "Archives", "Arrays", "HostSystem"]),
    library("Planning", ["Preprocessing", "Plans", "JSON", "Imaging", "Arrays", "HostSystem"]),
    library("Augmentation", ["Resampling", "Arrays", "HostSystem"]),
    library("Torch", ["Arrays", "HostSystem", "CTorch"]),
    library("Networks", ["Torch", "Plans", "JSON", "Arrays", "HostSystem"]),
    library("ModelExchange", ["Networks", "Plans", "JSON", "Arrays", "HostSystem", "CZlib"]),
    library("Evaluation", ["JSON", "Imaging", "Arrays", "HostSystem"]),
    library(
      "Inference",
      [
        "Evaluation", "Networks", "Torch", "Preprocessing", "Resampling", "Plans", "JSON",
        "Imaging", "Archives", "Arrays", "HostSystem",
      ]),
    library(
      "TrainedModels",
      [
        "Inference", "Evaluation", "ModelExchange", "Networks", "Torch", "Preprocessing",
        "Resampling", "Plans", "JSON", "HostSystem",
      ]),
    library(
      "Training",
      [
        "TrainedModels", "Inference", "Evaluation", "ModelExchange", "Networks", "Torch",
        "Augmentation", "Preprocessing", "Resampling", "Plans", "JSON", "Charts", "Arrays",
        "HostSystem",
      ]),
    library(
      "ModelExport",
      [
        "Training", "TrainedModels", "Evaluation", "ModelExchange", "Networks", "Torch",
        "Preprocessing", "Plans", "JSON", "Archives", "HostSystem",
      ]),
    library(
      "ModelSelection",
      [
        "Training", "TrainedModels", "Inference", "Evaluation", "ModelExchange", "Plans", "JSON",
        "Imaging", "Archives", "Arrays", "HostSystem",
      ]),
    library(
      "TaskImport",
      ["ModelExchange", "Preprocessing", "Plans", "JSON", "Archives", "Arrays", "HostSystem"]),
    .target(
      name: "Reports",
      dependencies: [
        "ModelSelection", "Training", "Evaluation", "Networks", "Planning", "Preprocessing",
        "Plans", "JSON", "Imaging", "Charts", "Arrays", "HostSystem",
      ],
      resources: [.embedInCode("Resources/report.css"), .embedInCode("Resources/report.js")],
      swiftSettings: settings),
    library("Diagnosis", ["Torch", "Arrays", "HostSystem"]),
    library("Scheduling", ["Plans", "JSON", "HostSystem"]),
    library(
      "TaskWorkflows",
      [
        "Scheduling", "ModelSelection", "Training", "TrainedModels", "Inference", "Evaluation",
        "Planning", "Plans", "JSON", "HostSystem",
      ]),
    library("Phantoms", ["Plans", "JSON", "Imaging", "Arrays", "HostSystem"]),
    .target(
      name: "Commands",
      dependencies: [
        "Phantoms", "TaskWorkflows", "Scheduling", "Diagnosis", "Reports", "TaskImport",
        "ModelSelection", "ModelExport", "Training", "TrainedModels", "Inference", "Evaluation",
        "ModelExchange", "Networks", "Torch", "Planning", "Preprocessing", "ModelStore",
        "Downloads", "Plans", "JSON", "HostSystem", "CProcessorCheck",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
    library(
      "NNUNet",
      [
        "Commands", "ModelSelection", "Training", "TrainedModels", "Inference", "Evaluation",
        "Networks", "Torch", "Augmentation", "Planning", "Preprocessing", "Resampling", "Plans",
        "JSON", "Imaging", "Arrays", "HostSystem",
      ]),
    .executableTarget(name: "NNUNetMain", dependencies: ["Commands"], swiftSettings: settings),

    // Measurements, each next to what it is compared with.
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

    // Reads millions of damaged files; run by `make fuzz`, and briefly by the tests.
    .target(name: "CFuzzing", path: "Tests/Fuzz/CFuzzing"),
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "ModelExchange", "Networks", "Plans", "JSON", "Imaging", "Archives", "Arrays", "HostSystem",
        "CFuzzing", "CZlib",
      ],
      path: "Tests/Fuzz/Fuzz", swiftSettings: settings),

    // Tests: one target per library, and one that runs the program as a user does.
    .target(
      name: "TestSupport", dependencies: ["Arrays", "HostSystem"], path: "Tests/TestSupport",
      swiftSettings: settings),
    tests("HostSystem"),
    tests("Arrays"),
    tests("Archives", ["Arrays", "HostSystem"]),
    tests("Charts"),
    tests("Imaging", ["Arrays", "HostSystem"]),
    tests("JSON"),
    tests("Plans", ["JSON", "HostSystem"]),
    tests("Downloads"),
    tests("ModelStore", ["Downloads", "Plans", "Archives"]),
    tests("Resampling", ["Arrays"]),
    tests(
      "Preprocessing",
      ["Resampling", "Plans", "JSON", "Imaging", "Archives", "Arrays", "HostSystem"]),
    tests("Planning", ["Preprocessing", "Plans", "JSON", "Imaging", "Arrays", "HostSystem"]),
    tests("Augmentation", ["Arrays"]),
    tests("Torch", ["Arrays", "HostSystem"]),
    tests("Networks", ["Torch", "Arrays"]),
    tests("ModelExchange", ["Networks", "Torch", "Plans", "JSON", "Arrays", "HostSystem"]),
    tests(
      "Inference",
      [
        "Evaluation", "Networks", "Torch", "Preprocessing", "Resampling", "Plans", "JSON",
        "Imaging", "Archives", "Arrays", "HostSystem",
      ]),
    tests(
      "TrainedModels",
      [
        "Inference", "Evaluation", "ModelExchange", "Networks", "Torch", "Preprocessing", "Plans",
        "JSON", "Imaging", "Archives", "Arrays", "HostSystem",
      ]),
    tests(
      "ModelExport",
      ["TrainedModels", "Inference", "Networks", "Torch", "Plans", "Archives", "HostSystem"]),
    tests("Evaluation", ["Plans", "JSON", "Imaging", "Arrays", "HostSystem"]),
    tests(
      "Training",
      [
        "TrainedModels", "Inference", "Evaluation", "Networks", "Torch", "Augmentation",
        "Preprocessing", "Plans", "JSON", "Imaging", "Archives", "Charts", "Arrays", "HostSystem",
      ]),
    tests(
      "ModelSelection",
      [
        "TrainedModels", "Inference", "Evaluation", "ModelExchange", "Networks", "Plans", "JSON",
        "Imaging", "Archives", "Arrays", "HostSystem",
      ]),
    tests("TaskImport", ["Preprocessing", "Plans", "JSON", "Arrays", "HostSystem"]),
    tests(
      "Reports",
      [
        "ModelSelection", "Evaluation", "Plans", "JSON", "Imaging", "Charts", "Arrays",
        "HostSystem",
      ]),
    tests("Diagnosis", ["Torch", "Arrays", "HostSystem"]),
    tests(
      "TaskWorkflows",
      ["ModelSelection", "Training", "Inference", "Evaluation", "Plans", "JSON", "HostSystem"]),
    tests("Scheduling", ["Plans", "JSON", "HostSystem"]),
    tests("Phantoms", ["Plans", "Imaging", "Arrays"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "TestSupport", "Fuzz", "NNUNetMain", "Commands", "Phantoms", "ModelSelection", "Training",
        "Evaluation", "ModelExchange", "Planning", "Preprocessing", "Plans", "JSON", "Imaging",
        "Archives", "Arrays", "HostSystem",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
  ]
)
