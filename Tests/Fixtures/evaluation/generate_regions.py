"""Makes regions.csv with nnU-Net v1's evaluate_regions: python generate_regions.py (nnunet 1.7.1).

Case `a` is prediction.nii.gz, case `b` the reference itself.
"""

import shutil
import tempfile
from pathlib import Path

from nnunet.evaluation.region_based_evaluation import evaluate_regions

HERE = Path(__file__).parent
with tempfile.TemporaryDirectory() as folder:
    predicted, truth = Path(folder, "predicted"), Path(folder, "truth")
    for target in (predicted, truth):
        target.mkdir()
    for case, source in (("a", "prediction"), ("b", "reference")):
        shutil.copy(HERE / f"{source}.nii.gz", predicted / f"{case}.nii.gz")
        shutil.copy(HERE / "reference.nii.gz", truth / f"{case}.nii.gz")
    evaluate_regions(str(predicted), str(truth), {
        "whole": (1, 2, 3), "core": (2, 3), "rest": (3,), "nothing": (9,)}, processes=1)
    shutil.copy(predicted / "summary.csv", HERE / "regions.csv")
