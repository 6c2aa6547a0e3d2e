"""A tiny cascade of nnU-Net v2 with random weights, and what nnU-Net v2 predicts with it.

Run with nnunetv2 2.8.1 and batchgenerators 0.25.5 in the environment: python make.py. Writes, next to this file,
the second network's folder, an image, a segmentation that stands for the first network's, and the result.
"""
import json, os, shutil
import nibabel as nib
import numpy as np
import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans
from nnunetv2.utilities.label_handling.label_handling import determine_num_input_channels
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager

HERE = os.path.dirname(os.path.abspath(__file__))
NAME, CONFIGURATION = "Dataset103_Tiny", "3d_cascade_fullres"
MODEL = os.path.join(HERE, NAME, f"nnUNetTrainer__nnUNetPlans__{CONFIGURATION}")

def resampling(is_seg, order):
    return {"is_seg": is_seg, "order": order, "order_z": 0, "force_separate_z": None}

def plans():
    function = "resample_data_or_seg_to_shape"
    full = {"data_identifier": "x", "preprocessor_name": "DefaultPreprocessor", "batch_size": 2, "patch_size": [12, 16, 16],
        "median_image_size_in_voxels": [16.0] * 3, "spacing": [1.0, 1.1, 1.2], "normalization_schemes": ["ZScoreNormalization"],
        "use_mask_for_norm": [True], "resampling_fn_data": function, "resampling_fn_seg": function, "resampling_fn_probabilities": function,
        "resampling_fn_data_kwargs": resampling(False, 3), "resampling_fn_seg_kwargs": resampling(True, 1),
        "resampling_fn_probabilities_kwargs": resampling(False, 1), "batch_dice": False,
        "architecture": {"network_class_name": "dynamic_network_architectures.architectures.unet.PlainConvUNet",
            "arch_kwargs": {"n_stages": 2, "features_per_stage": [4, 8], "conv_op": "torch.nn.modules.conv.Conv3d",
                "kernel_sizes": [[3, 3, 3]] * 2, "strides": [[1, 1, 1], [2, 2, 2]], "n_conv_per_stage": [1, 1], "n_conv_per_stage_decoder": [1],
                "conv_bias": True, "norm_op": "torch.nn.modules.instancenorm.InstanceNorm3d", "norm_op_kwargs": {"eps": 1e-5, "affine": True},
                "dropout_op": None, "dropout_op_kwargs": None, "nonlin": "torch.nn.LeakyReLU", "nonlin_kwargs": {"inplace": True}},
            "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"]}}
    low = dict(full, spacing=[2.0, 2.0, 2.0], next_stage=CONFIGURATION)
    return {"dataset_name": NAME, "plans_name": "nnUNetPlans", "original_median_spacing_after_transp": [1.0] * 3,
        "original_median_shape_after_transp": [16] * 3, "image_reader_writer": "SimpleITKIO", "transpose_forward": [1, 0, 2],
        "transpose_backward": [1, 0, 2], "experiment_planner_used": "ExperimentPlanner", "label_manager": "LabelManager",
        "foreground_intensity_properties_per_channel": {"0": {"mean": 90.0, "median": 90.0, "std": 40.0, "min": 0.0, "max": 300.0,
            "percentile_00_5": 10.0, "percentile_99_5": 200.0}},
        "configurations": {"3d_fullres": full, "3d_lowres": low, CONFIGURATION: {"inherits_from": "3d_fullres", "previous_stage": "3d_lowres"}}}

def model():
    described, dataset = plans(), {"channel_names": {"0": "MR"}, "labels": {"background": 0, "a": 1, "b": 2}, "numTraining": 3, "file_ending": ".nii.gz"}
    os.makedirs(os.path.join(MODEL, "fold_0"), exist_ok=True)
    json.dump(described, open(os.path.join(MODEL, "plans.json"), "w"), indent=1)
    json.dump(dataset, open(os.path.join(MODEL, "dataset.json"), "w"), indent=1)
    manager = PlansManager(json.loads(json.dumps(described)))
    configuration = manager.get_configuration(CONFIGURATION)
    torch.manual_seed(3)
    network = get_network_from_plans(configuration.network_arch_class_name, configuration.network_arch_init_kwargs,
        configuration.network_arch_init_kwargs_req_import, determine_num_input_channels(manager, configuration, dataset), 3, allow_init=True, deep_supervision=True)
    with torch.no_grad():
        for name, value in network.named_parameters():
            if name.endswith("norm.weight"): value.copy_(1 + 0.3 * torch.randn_like(value))
            elif name.endswith("bias"): value.copy_(0.3 * torch.randn_like(value))
    torch.save({"network_weights": network.state_dict(), "optimizer_state": {}, "grad_scaler_state": None, "logging": {}, "_best_ema": 0.5, "current_epoch": 1,
        "init_args": {"plans": described, "configuration": CONFIGURATION, "fold": 0, "dataset_json": dataset}, "trainer_name": "nnUNetTrainer",
        "inference_allowed_mirroring_axes": (0, 1, 2)}, os.path.join(MODEL, "fold_0", "checkpoint_final.pth"))

def images():
    random = np.random.RandomState(5)
    z, y, x = np.mgrid[:14, :18, :16]
    image = (60 + 20 * np.sin(x / 2) * np.cos(y / 3) + 5 * z + random.randint(0, 20, x.shape)).astype(np.int16)
    # Zeros that are cropped, and zeros within the box that are outside the nonzero mask.
    image[:, :2] = 0
    image[x + y + z < 12] = 0
    previous = random.randint(0, 3, (7, 9, 8)).repeat(2, 0).repeat(2, 1).repeat(2, 2)[:14, :18, :16].astype(np.uint8)
    affine = np.diag([-1.7, -1.6, 1.5, 1])
    for folder, name, data in (("images", "tiny_0000", image), ("previous", "tiny", previous)):
        os.makedirs(os.path.join(HERE, folder), exist_ok=True)
        nib.save(nib.Nifti1Image(data.transpose(2, 1, 0), affine), os.path.join(HERE, folder, name + ".nii.gz"))

if __name__ == "__main__":
    torch.set_num_threads(1)
    model()
    images()
    # v2 sums logits in half precision, which decides where two labels are nearly equal.
    torch.half = torch.float32
    predictor = nnUNetPredictor(use_mirroring=True, device=torch.device("cpu"), verbose=False, allow_tqdm=False)
    predictor.initialize_from_trained_model_folder(MODEL, None, "checkpoint_final.pth")
    output = os.path.join(HERE, "out")
    os.makedirs(output)
    predictor.predict_from_files_sequential(os.path.join(HERE, "images"), output, False, True, os.path.join(HERE, "previous"))
    os.makedirs(os.path.join(HERE, "expected"), exist_ok=True)
    shutil.move(os.path.join(output, "tiny.nii.gz"), os.path.join(HERE, "expected", "tiny.nii.gz"))
    shutil.rmtree(output)
