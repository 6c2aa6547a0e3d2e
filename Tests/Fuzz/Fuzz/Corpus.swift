import Arrays
import CZlib
import Foundation
import HostSystem
import Networks

/// The intact files to change: those in `Tests/Fixtures`, and small ones that are made here.
enum Corpus {
  static func load(_ names: [String]) throws -> [[UInt8]] { try names.map(load) }

  private static func load(_ name: String) throws -> [UInt8] {
    if let made = try made[name]?() { return made }
    if name.hasSuffix(".nii") { return try inflate(try load(name + ".gz")) }
    return Array(
      try Data(contentsOf: fixtures.appending(path: name)).prefix(Mutator.largest))
  }

  private static let fixtures = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures")

  private static let made: [String: @Sendable () throws -> [UInt8]] = [
    "array.npy": { try npy(DenseArray<Float>(shape: [2, 3], scalars: [1, 2, 3, 4, 5, 6])) },
    "half.npy": { try npy(DenseArray<UInt8>(shape: [4], scalars: [1, 2, 3, 4])) },
    "small.safetensors": {
      try written {
        let array = NamedArray(
          name: "a.weight", array: DenseArray(shape: [2, 2], scalars: [1, 2, 3, 4]))
        try SafetensorsFile(metadata: ["k": "v"], arrays: [array]).write(to: $0)
      }
    },
    "dataset.json": {
      Array(
        """
        {"name": "A", "modality": {"0": "CT"}, "labels": {"0": "background", "1": "b"},
         "numTraining": 1, "training": [{"image": "./imagesTr/a.nii.gz",
         "label": "./labelsTr/a.nii.gz"}], "test": ["./imagesTs/b.nii.gz"]}
        """.utf8)
    },
    "v2_dataset.json": {
      Array(
        """
        {"channel_names": {"0": "CT", "1": "noNorm"}, "labels": {"background": 0, "whole": [1, 2],
         "core": 2, "ignore": 3}, "regions_class_order": [1, 2], "numTraining": 3,
         "file_ending": ".nii.gz", "overwrite_image_reader_writer": "SimpleITKIO"}
        """.utf8)
    },
    "v2_plans.json": {
      Array(
        """
        {"dataset_name": "Dataset001_A", "plans_name": "nnUNetPlans",
         "transpose_forward": [0, 1, 2], "transpose_backward": [0, 1, 2],
         "image_reader_writer": "SimpleITKIO", "label_manager": "LabelManager",
         "configurations": {"2d": {"spacing": [1.0, 1.5], "patch_size": [32, 48],
           "normalization_schemes": ["CTNormalization"], "use_mask_for_norm": [false],
           "resampling_fn_data": "resample_data_or_seg_to_shape",
           "resampling_fn_data_kwargs": {"is_seg": false, "order": 3, "order_z": 0,
             "force_separate_z": null}, "previous_stage": null,
           "architecture": {
             "network_class_name":
               "dynamic_network_architectures.architectures.unet.PlainConvUNet",
             "arch_kwargs": {"n_stages": 3, "features_per_stage": [8, 16, 32],
               "conv_op": "torch.nn.modules.conv.Conv2d",
               "kernel_sizes": [[3, 3], [3, 3], [3, 3]], "strides": [[1, 1], [2, 2], [2, 2]],
               "n_conv_per_stage": [2, 2, 2], "n_conv_per_stage_decoder": [2, 2],
               "conv_bias": true, "norm_op": "torch.nn.modules.instancenorm.InstanceNorm2d",
               "norm_op_kwargs": {"eps": 1e-05, "affine": true}, "dropout_op": null,
               "nonlin": "torch.nn.LeakyReLU", "nonlin_kwargs": {"inplace": true}},
             "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"]}},
           "own": {"inherits_from": "2d", "patch_size": [64, 64]},
           "3d_lowres": {"UNet_class_name": "ResidualEncoderUNet", "UNet_base_num_features": 8,
             "unet_max_num_features": 16, "patch_size": [16, 16, 16],
             "n_conv_per_stage_encoder": [1, 1], "n_conv_per_stage_decoder": [1],
             "num_pool_per_axis": [1, 1, 1], "pool_op_kernel_sizes": [[1, 1, 1], [2, 2, 2]],
             "conv_kernel_sizes": [[3, 3, 3], [3, 3, 3]], "spacing": [1, 1, 1]}}}
        """.utf8)
    },
    "splits.json": { Array(#"[{"train": ["a", "b"], "val": ["c"]}]"#.utf8) },
    "postprocessing.json": {
      Array(#"{"for_which_classes": [[1, 2], 1], "min_valid_object_sizes": {"1": 2.5}}"#.utf8)
    },
    "regions.json": { Array(#"{"regions_class_order": [1, 2, 3], "use": [true, null]}"#.utf8) },
  ]

  private static func npy<Scalar: NPYScalar>(_ array: DenseArray<Scalar>) throws -> [UInt8] {
    try written { try NPYFile.write(array, to: $0) }
  }

  private static func written(_ write: (URL) throws -> Void) throws -> [UInt8] {
    let file = FileManager.default.temporaryDirectory.appending(
      path: "nnunet-fuzz-\(UUID().uuidString)")
    defer { unlink(file.path) }
    try write(file)
    return Array(try Data(contentsOf: file))
  }

  /// The content of a gzip file.
  private static func inflate(_ bytes: [UInt8]) throws -> [UInt8] {
    var result = [UInt8](repeating: 0, count: Mutator.largest)
    var stream = z_stream()
    var input = bytes
    let count = input.withUnsafeMutableBufferPointer { input in
      result.withUnsafeMutableBufferPointer { output -> Int in
        // 16 + 15: gzip with the largest window.
        inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        defer { inflateEnd(&stream) }
        (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
        (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(output.count))
        _ = CZlib.inflate(&stream, Z_FINISH)
        return Int(stream.total_out)
      }
    }
    return Array(result[..<count])
  }
}
