"""Makes the cropped cases and the statistics that nnU-Net v1 (nnunet 1.7.1) computes of them.

Run in an environment with nnunet 1.7.1 and numpy 1.23:  python generate.py
The three cases have the channels CT and PET; case_c has no foreground.
"""
import json
import pathlib

import numpy as np
from nnunet.experiment_planning.DatasetAnalyzer import DatasetAnalyzer

here = pathlib.Path(__file__).parent
names = ("median", "mean", "sd", "mn", "mx", "percentile_99_5", "percentile_00_5")
random = np.random.RandomState(7)
shapes = {"case_a": (9, 17, 15), "case_b": (7, 16, 21), "case_c": (3, 5, 4)}

samples = {0: {}, 1: {}}
for case, shape in shapes.items():
    ct = np.round(random.normal(40, 120, shape))
    pet = random.gamma(2, 3, shape)
    labels = random.choice([-1, 0, 1, 2], shape, p=[0.05, 0.15, 0.5, 0.3])
    if case == "case_c":
        labels[:] = 0
    data = np.stack([ct, pet, labels]).astype(np.float32)
    np.save(here / f"{case}.npy", data)
    for channel in samples:
        # DatasetAnalyzer._get_voxels_in_foreground, which reads the array from an npz file.
        samples[channel][case] = list(data[channel][data[-1] > 0][::10])


def statistics(voxels):
    values = DatasetAnalyzer._compute_stats(voxels)
    return {name: float(value) for name, value in zip(names, values)}


result = {}
for channel, cases in samples.items():
    result[channel] = statistics([voxel for voxels in cases.values() for voxel in voxels])
    result[channel]["local_props"] = {case: statistics(v) for case, v in cases.items()}
(here / "statistics.json").write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
