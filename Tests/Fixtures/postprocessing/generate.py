"""Makes small predictions with stray components and lets nnU-Net 1.7.1 decide about them.

Needs nnunet==1.7.1 and SimpleITK; run in this folder.
"""
import os
import shutil

import numpy as np
import SimpleITK as sitk
from nnunet.evaluation.evaluator import aggregate_scores
from nnunet.postprocessing.connected_components import determine_postprocessing

SHAPE = (12, 14, 16)


def box(a, lo, hi, label):
    a[lo[0]:hi[0], lo[1]:hi[1], lo[2]:hi[2]] = label


def save(a, path):
    image = sitk.GetImageFromArray(a)
    image.SetSpacing((0.9, 1.1, 2.5))
    sitk.WriteImage(image, path, True)


def cases(name, rng):
    for i in range(3):
        truth = np.zeros(SHAPE, np.uint8)
        shift = rng.integers(0, 2, 3)
        box(truth, shift + 1, shift + (6, 7, 7), 1)
        if name != "one":
            box(truth, shift + (1, 1, 7), shift + (6, 7, 10), 2)
        guess = truth.copy()
        guess[rng.random(SHAPE) < 0.02] = 0
        if name == "joint":        # strays of both labels; a piece of 1 beyond 2, touching it
            box(guess, (10, 11, 12), (12, 13, 14), 1)
            box(guess, (10, 1, 13), (12, 3, 15), 2)
            box(guess, shift + (2, 2, 10), shift + (4, 4, 12), 1)
        elif name == "separate":   # label 2 truly has two parts, label 1 has strays
            box(truth, (9, 10, 11), (12, 13, 15), 2)
            box(guess, (9, 10, 11), (12, 13, 15), 2)
            box(guess, (10, 0, 13), (12, 2, 15), 1)
        elif name == "one":
            box(guess, (10, 11, 12), (12, 13, 14), 1)
        yield i, truth, guess


def main():
    for number, name in enumerate(["joint", "separate", "one"]):
        rng = np.random.default_rng(number)
        shutil.rmtree(name, ignore_errors=True)
        for folder in ("gt", "raw"):
            os.makedirs(f"{name}/{folder}")
        pairs = []
        for i, truth, guess in cases(name, rng):
            save(truth, f"{name}/gt/case_{i}.nii.gz")
            save(guess, f"{name}/raw/case_{i}.nii.gz")
            pairs.append((f"{name}/raw/case_{i}.nii.gz", f"{name}/gt/case_{i}.nii.gz"))
        # Label 3 of "separate" occurs in no case: its Dice is NaN.
        labels = {"joint": [0, 1, 2], "separate": [0, 1, 2, 3], "one": [0, 1]}[name]
        aggregate_scores(pairs, labels=labels, json_output_file=f"{name}/raw/summary.json",
                         num_threads=1)
        determine_postprocessing(name, f"{name}/gt", "raw", final_subf_name="final", processes=1)
        for folder in ("raw", "final"):
            os.remove(f"{name}/{folder}/summary.json")


if __name__ == "__main__":
    main()
