"""Plans and prepares a tiny task with the Python nnU-Net 1.7.1 and keeps what it wrote.

Run with nnunet 1.7.1 in the environment: python make.py. Writes the folder Task098_Mini next to this file.
"""
import json, os, shutil, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = "Task098_Mini"
base = os.environ.get("MINI_BASE") or tempfile.mkdtemp()
for variable, folder in (("nnUNet_raw_data_base", "raw"), ("nnUNet_preprocessed", "pre"), ("RESULTS_FOLDER", "res")):
    os.environ[variable] = os.path.join(base, folder)
    os.makedirs(os.environ[variable], exist_ok=True)

import numpy as np
import nibabel as nib
import torch
torch.cuda.is_available = lambda: False

def raw():
    task = os.path.join(base, "raw", "nnUNet_raw_data", NAME)
    for f in ("imagesTr", "labelsTr", "imagesTs"): os.makedirs(os.path.join(task, f), exist_ok=True)
    cases = [f"mini_{i}" for i in range(5)]
    for i, case in enumerate(cases):
        z, y, x = np.mgrid[:10, :12, :14]
        labels = (((x - 7) ** 2 + (y - 6) ** 2 + (z - 5) ** 2) < 9 + i).astype(np.uint8)
        labels[(x > 7) & (labels > 0)] = 2
        image = (labels * 40 + 10 + (x + y + z) % 3).astype(np.float32)
        image[:1] = 0  # is cropped away
        image[2, 2, 2] = 0
        affine = np.diag([-1, -1.5, 2 if i < 4 else 2.5, 1])
        for folder, suffix, data in (("imagesTr", "_0000", image), ("labelsTr", "", labels)):
            nib.save(nib.Nifti1Image(data.transpose(2, 1, 0), affine), os.path.join(task, folder, f"{case}{suffix}.nii.gz"))
    json.dump(dict(name="Mini", description="", reference="", licence="", release="0", tensorImageSize="3D", modality={"0": "MRI"},
        labels={"0": "background", "1": "left", "2": "right"}, numTraining=5, numTest=0,
        training=[dict(image=f"./imagesTr/{c}.nii.gz", label=f"./labelsTr/{c}.nii.gz") for c in cases], test=[]), open(os.path.join(task, "dataset.json"), "w"))

if __name__ == "__main__":
    raw()
    from nnunet.experiment_planning.nnUNet_plan_and_preprocess import main
    sys.argv = ["nnUNet_plan_and_preprocess", "-t", "98", "-tl", "1", "-tf", "1"]
    main()
    from nnunet.training.network_training.nnUNetTrainerV2 import nnUNetTrainerV2
    task = os.path.join(base, "pre", NAME)
    t = nnUNetTrainerV2(os.path.join(task, "nnUNetPlansv2.1_plans_3D.pkl"), 0, os.path.join(base, "res", "x"), task, True, 0, False, False, False)
    t.load_plans_file(); t.process_plans(t.plans)
    t.folder_with_preprocessed_data = os.path.join(task, t.plans["data_identifier"] + "_stage0")
    t.dataset_directory = task
    t.load_dataset(); t.do_split()
    target = os.path.join(HERE, NAME)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(task, target)
