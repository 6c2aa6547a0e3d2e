"""Plans of nnU-Net v1's other planners for the synthetic fingerprints next to this file.

Needs nnunet 1.7.1. Writes variants.json: {planner: {fingerprint: plans without dataset_properties}}.
"""
import contextlib, io, json, os, pickle, sys, tempfile
from collections import OrderedDict
from pathlib import Path

import numpy as np

for name in ("nnUNet_raw_data_base", "nnUNet_preprocessed", "RESULTS_FOLDER"):
    os.environ[name] = tempfile.mkdtemp()
import nnunet
from nnunet.training.model_restore import recursive_find_python_class

PLANNERS = """ExperimentPlanner3D_v21_11GB ExperimentPlanner3D_v21_16GB ExperimentPlanner3D_v21_32GB
ExperimentPlanner3D_v21_3cps ExperimentPlanner3D_v22 ExperimentPlanner3D_v23
ExperimentPlanner3D_v21_customTargetSpacing_2x2x2 ExperimentPlanner3D_v21_noResampling
ExperimentPlanner3D_v21_noResampling_16GB ExperimentPlanner3DFabiansResUNet_v21
ExperimentPlanner2D_v21_RGB_scaleTo_0_1 ExperimentPlanner ExperimentPlannerPoolBasedOnSpacing
ExperimentPlannerCT2 ExperimentPlannernonCT ExperimentPlannerAllConv3x3 ExperimentPlannerIso
ExperimentPlanner3D_IsoPatchesInVoxels ExperimentPlannerTargetSpacingForAnisoAxis ExperimentPlanner2D""".split()
FINGERPRINTS = ["lits_like", "prostate_like", "acdc_like_mixed_z", "brats_like", "hippocampus_like"]
DROPPED = {"dataset_properties", "list_of_npz_files", "preprocessed_data_folder", "original_spacings",
           "original_sizes", "keep_only_largest_region", "min_region_size_per_class", "min_size_per_class"}
here = Path(__file__).parent


def plain(value):
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(v) for v in value]
    return value.item() if isinstance(value, np.generic) else value


def plans(planner, name):
    f = json.loads((here / f"{name}.json").read_text())["fingerprint"]
    properties = dict(f)
    properties["modalities"] = {int(k): v for k, v in f["modalities"].items()}
    properties["all_spacings"] = [np.array(s) for s in f["all_spacings"]]
    properties["all_sizes"] = [tuple(s) for s in f["all_sizes"]]
    with tempfile.TemporaryDirectory() as folder:
        for case in range(len(f["all_sizes"])):
            Path(folder, f"case_{case:04d}.npz").touch()
            Path(folder, f"case_{case:04d}.pkl").write_bytes(pickle.dumps(OrderedDict()))
        Path(folder, "dataset_properties.pkl").write_bytes(pickle.dumps(properties))
        with contextlib.redirect_stdout(io.StringIO()):
            instance = planner(folder, folder)
            instance.plan_experiment()
        identifier = os.path.basename(instance.plans_fname).replace("_plans_3D.pkl", "").replace(
            "_plans_2D.pkl", "")
        result = {k: plain(v) for k, v in instance.plans.items() if k not in DROPPED}
    return {"identifier": identifier, "plans": result}


root = os.path.join(nnunet.__path__[0], "experiment_planning")
result = {}
for planner_name in PLANNERS:
    planner = recursive_find_python_class([root], planner_name, "nnunet.experiment_planning")
    result[planner_name] = {name: plans(planner, name) for name in FINGERPRINTS}
(here / "variants.json").write_text(json.dumps(result, separators=(",", ":"), sort_keys=True))
