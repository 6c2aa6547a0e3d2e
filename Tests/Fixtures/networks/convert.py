"""Packs golden numbers of the Python nnU-Net v1 (1.7.1, torch 2.13, CPU, fp32) into safetensors.

Usage: python convert.py GOLDEN_NUMERICS_FOLDER   (needs numpy only)

Per network: weights, input and outputs of two tiny Generic_UNets, the gradients of the first of
five SGD steps on DC_and_CE_loss, and, as metadata, losses and gradient norms of all five. The loss
file holds logits, targets and gradients of MultipleOutputLoss2(DC_and_CE_loss).
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np


def write(path, arrays, metadata):
    header, offset = {"__metadata__": {k: json.dumps(v) for k, v in metadata.items()}}, 0
    arrays = {k: np.ascontiguousarray(v, np.float32) for k, v in arrays.items()}
    for name, array in arrays.items():
        end = offset + array.nbytes
        header[name] = {"dtype": "F32", "shape": array.shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in arrays.values():
            file.write(array.tobytes())


def main(golden, here):
    config = json.loads((golden / "c_config.json").read_text())
    trajectory = json.loads((golden / "d_traj.json").read_text())
    for rank in ("2d", "3d"):
        arrays = {f"weight/{k}": v for k, v in np.load(golden / f"c_unet{rank}_state.npz").items()}
        grads = np.load(golden / f"d_traj{rank}_grads_iter0.npz")
        arrays |= {f"gradient/{k}": v for k, v in grads.items()}
        arrays["input"] = np.load(golden / f"c_unet{rank}_input.npy")
        for kind in ("c_unet{}_out", "d_traj{}_target"):
            for level in range(9):
                file = golden / f"{kind.format(rank)}{level}.npy"
                if file.exists():
                    arrays[("output/" if "out" in kind else "target/") + str(level)] = np.load(file)
        keys = ["input_channels", "base_num_features", "num_classes", "pool_op_kernel_sizes",
                "conv_kernel_sizes", "conv_per_stage", "state_keys"]
        metadata = {k: config[rank][k] for k in keys if k in config[rank]}
        metadata["state_keys"] = list(config[rank]["state_keys"])
        metadata["trajectory"] = trajectory[rank]
        write(here / f"unet{rank}.safetensors", arrays, metadata)
    losses = json.loads((golden / "d_loss.json").read_text())
    arrays = {}
    for file in sorted(golden.glob("d_[23]d_bd[01]_*.npy")):
        arrays[file.stem[2:]] = np.load(file)
    write(here / "../loss/loss.safetensors", arrays, losses)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent)
