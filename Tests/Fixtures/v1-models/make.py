"""Tiny models of nnU-Net v1's trainers with random weights, and what nnU-Net v1 predicts with them.

Run with nnunet 1.7.1 in the environment: python make.py. Writes, next to this file, the models as they are in
RESULTS_FOLDER/nnUNet, an image without zeros, and the segmentations.
"""
import copy, os, pickle, shutil, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SCRATCH = tempfile.mkdtemp()
for variable in ("nnUNet_raw_data_base", "nnUNet_preprocessed", "RESULTS_FOLDER"):
    os.environ[variable] = SCRATCH

import nibabel as nib
import numpy as np
import torch

load = torch.load
torch.load = lambda *arguments, **options: load(*arguments, **{**options, "weights_only": False})
torch.cuda.is_available = lambda: False
torch.cuda.empty_cache = lambda: None
torch.set_num_threads(1)

import nnunet
from nnunet.inference.predict import predict_from_folder
from nnunet.training.model_restore import recursive_find_python_class

TASK = "Task200_Tiny"
MODELS = [  # configuration, trainer, stage
    ("3d_fullres", "nnUNetTrainerV2_ResencUNet", 1), ("3d_fullres", "nnUNetTrainerV2BraTSRegions_DA4_BN", 1),
    ("3d_lowres", "nnUNetTrainerV2", 0), ("3d_cascade_fullres", "nnUNetTrainerV2CascadeFullRes", 1)]

def plans(residual):
    stage = dict(batch_size=2, num_pool_per_axis=[1, 1, 1], patch_size=np.array([8, 16, 16]), median_patient_size_in_voxels=np.array([14, 20, 20]),
        current_spacing=np.array([1.5, 1.2, 1.1]), original_spacing=np.array([1.5, 1.2, 1.1]), do_dummy_2D_data_aug=False,
        pool_op_kernel_sizes=([[1, 1, 1]] if residual else []) + [[2, 2, 2]], conv_kernel_sizes=[[3, 3, 3]] * 2)
    if residual: stage.update(num_blocks_encoder=(1, 1), num_blocks_decoder=(1,))
    low = dict(copy.deepcopy(stage), current_spacing=np.array([2.4, 2.0, 2.0]))
    return dict(num_stages=2, num_modalities=1, modalities={0: "MR"}, normalization_schemes={0: "nonCT"},
        dataset_properties=dict(all_sizes=[], all_spacings=[], all_classes=[1, 2, 3], modalities={0: "MR"}, intensityproperties=None, size_reductions={}),
        list_of_npz_files=[], original_spacings=[], original_sizes=[], preprocessed_data_folder="x", num_classes=3, all_classes=[1, 2, 3],
        base_num_features=4, use_mask_for_norm={0: False}, keep_only_largest_region=None, min_region_size_per_class=None, min_size_per_class=None,
        transpose_forward=[1, 0, 2], transpose_backward=[1, 0, 2], data_identifier="nnUNetData_plans_v2.1", plans_per_stage={0: low, 1: stage},
        preprocessor_name="GenericPreprocessor", conv_per_stage=2)

def folder(configuration, trainer):
    return os.path.join(HERE, configuration, TASK, f"{trainer}__nnUNetPlansv2.1")

def model(configuration, trainer, stage, seed):
    path = folder(configuration, trainer)
    os.makedirs(os.path.join(path, "fold_0"), exist_ok=True)
    pickle.dump(plans("Resenc" in trainer), open(os.path.join(path, "plans.pkl"), "wb"))
    cls = recursive_find_python_class([os.path.join(nnunet.__path__[0], "training", "network_training")], trainer, current_module="nnunet.training.network_training")
    t = cls(os.path.join(path, "plans.pkl"), 0, path, SCRATCH, True, stage, False, False)
    torch.manual_seed(seed)
    t.initialize(False)
    with torch.no_grad():
        for name, value in list(t.network.named_parameters()) + list(t.network.named_buffers()):
            if name.endswith("running_var"): value.copy_(0.5 + torch.rand_like(value))
            elif value.ndim == 1: value.copy_((1 if name.endswith("weight") else 0) + 0.3 * torch.randn_like(value))
    t.epoch = 999
    t.save_checkpoint(os.path.join(path, "fold_0", "model_final_checkpoint.model"), save_optimizer=False)
    # What says where the models were made.
    name = os.path.join(path, "fold_0", "model_final_checkpoint.model.pkl")
    info = pickle.load(open(name, "rb"))
    info["init"] = tuple(a if not isinstance(a, str) else os.path.relpath(a, HERE) if a.startswith(HERE) else os.path.basename(a) for a in info["init"])
    pickle.dump(info, open(name, "wb"))

def image():
    random = np.random.RandomState(6)
    z, y, x = np.mgrid[:14, :20, :18]
    values = 60 + 20 * np.sin(x / 2) * np.cos(y / 3) + 5 * z + random.randint(0, 20, x.shape)
    os.makedirs(os.path.join(HERE, "images"), exist_ok=True)
    nib.save(nib.Nifti1Image(values.astype(np.int16).transpose(2, 1, 0), np.diag([-1.0, -1.3, 1.7, 1])), os.path.join(HERE, "images", "tiny_0000.nii.gz"))

def predict(configuration, trainer):
    output = os.path.join(SCRATCH, configuration + trainer)
    low = os.path.join(SCRATCH, "3d_lowresnnUNetTrainerV2") if "cascade" in configuration else None
    path = folder(configuration, trainer)
    # v1 reads the plans and writes a log at the path in the pickle, which is relative to this folder.
    os.chdir(HERE)
    predict_from_folder(path, os.path.join(HERE, "images"), output, [0], False, 1, 1, low, 0, 1, True, mixed_precision=False)
    shutil.copy(os.path.join(output, "tiny.nii.gz"), os.path.join(HERE, f"{trainer}.nii.gz"))
    return np.bincount(np.asarray(nib.load(os.path.join(output, "tiny.nii.gz")).dataobj).ravel(), minlength=4)

def clean():
    for path, folders, files in os.walk(HERE):
        for name in files:
            if name.startswith("training_log"): os.remove(os.path.join(path, name))

if __name__ == "__main__":
    image()
    for configuration, trainer, stage in MODELS:
        # Weights of which two labels at least come out often.
        for seed in range(4, 30):
            model(configuration, trainer, stage, seed)
            counts = predict(configuration, trainer)
            if sorted(counts)[-2] > 0.25 * counts.sum(): break
        print(trainer, seed, counts)
    clean()
