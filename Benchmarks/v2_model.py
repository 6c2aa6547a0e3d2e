"""Makes an untrained model of nnU-Net v2 to time predictions with: v2_model.py PLANS.json FOLDER.

PLANS.json are nnU-Net v2's plans of the task; FOLDER becomes what nnUNetv2_predict_from_modelfolder
takes. The time of a prediction does not depend on the weights.
"""
import json
import os
import sys

import torch
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans

plans = json.load(open(sys.argv[1]))
architecture = plans["configurations"]["3d_fullres"]["architecture"]
network = get_network_from_plans(
    architecture["network_class_name"], architecture["arch_kwargs"],
    architecture["_kw_requires_import"], 1, 3, deep_supervision=False)
fold = os.path.join(sys.argv[2], "fold_0")
os.makedirs(fold, exist_ok=True)
json.dump(plans, open(os.path.join(sys.argv[2], "plans.json"), "w"))
json.dump({"channel_names": {"0": "MRI"}, "labels": {"background": 0, "Anterior": 1, "Posterior": 2},
           "numTraining": 200, "file_ending": ".nii.gz"},
          open(os.path.join(sys.argv[2], "dataset.json"), "w"))
torch.save({"network_weights": network.state_dict(), "trainer_name": "nnUNetTrainer",
            "init_args": {"configuration": "3d_fullres", "plans": plans},
            "inference_allowed_mirroring_axes": (0, 1, 2), "optimizer_state": None,
            "grad_scaler_state": None, "logging": {}, "_best_ema": 0, "current_epoch": 1000},
           os.path.join(fold, "checkpoint_final.pth"))
