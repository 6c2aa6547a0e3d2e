"""Draws the numbers of Benchmarks/growth: voxels.csv cases.csv output.svg."""
import sys

import matplotlib
import numpy as np

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "growth"
import matplotlib.pyplot as plt

voxels = np.loadtxt(sys.argv[1], delimiter=",")
cases = np.loadtxt(sys.argv[2], delimiter=",")
figure, (left, right) = plt.subplots(1, 2, figsize=(8.5, 3.4))
names = ["image, slices", "image, all axes", "labels, slices", "labels, all axes"]
for column, (name, marker) in enumerate(zip(names, "osv^"), 1):
    left.plot(voxels[:, 0] / 1e6, voxels[:, column], marker=marker, markersize=4, label=name)
left.set(xlabel="voxels / 10⁶", ylabel="s", title="Resampling to 1.5 mm", xlim=0, ylim=0)
left.legend(frameon=False, fontsize=8)
right.plot(cases[:, 0], cases[:, 1], "o-", markersize=4, label="measured")
slope, start = np.polyfit(cases[:, 0], cases[:, 1], 1)
right.plot([0, 200], [start, start + 200 * slope], "--", color="gray", linewidth=1,
           label=f"{start:.2f} s + {slope * 1000:.1f} ms a case")
right.set(xlabel="cases", ylabel="s", title="Hippocampus, raw to prepared", xlim=0, ylim=0)
right.legend(frameon=False, fontsize=8)
for axis in (left, right):
    axis.spines[["top", "right"]].set_visible(False)
figure.tight_layout()
figure.savefig(sys.argv[3], metadata={"Date": None})
