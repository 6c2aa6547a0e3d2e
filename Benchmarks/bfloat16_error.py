"""Which layers of a U-Net cause the error of bfloat16?

    python3 Benchmarks/bfloat16_error.py MODEL PREPARED [CASES]

MODEL is the folder of a trained 3d_fullres model of this program with plain blocks (fold_0), PREPARED its
folder of prepared cases. Every case's central patch is predicted with all mirrorings in float32 and with the
weights, inputs and outputs of chosen layers rounded to bfloat16, as convolutions in bfloat16 do, which sum in
float32. Printed are, for each choice of layers in float32: the root mean square error of the probabilities
where the two best labels are within 0.3, the voxels whose label differs, and the Dice of the labels against
float32. Needs PyTorch.
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

torch.set_grad_enabled(False)


def read_weights(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    result = {}
    for name, entry in header.items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        values = np.frombuffer(data[begin:end], dtype=np.float32).reshape(entry["shape"])
        result[name] = torch.from_numpy(values.copy())
    return result


def rounded(tensor):
    return tensor.bfloat16().float()


class Network:
    """Layers are named e0.0 … (encoder, level 0 the finest), d0.up, d0.0, d0.1 (decoder), head."""

    def __init__(self, model):
        self.weights = read_weights(model / "fold_0/model_final_checkpoint.safetensors")
        self.strides = json.loads((model / "network.json").read_text())["network"]["poolStrides"]
        self.depth = len(self.strides)
        finest = range(self.depth)
        self.layers = {f"e{d}.{i}" for d in range(self.depth + 1) for i in range(2)} | {"head"}
        self.layers |= {f"d{d}.{part}" for d in finest for part in ("up", "0", "1")}

    def block(self, x, name, layer, stride, short):
        weight, bias = self.weights[name + ".conv.weight"], self.weights[name + ".conv.bias"]
        if layer in short:
            x, weight, bias = rounded(x), rounded(weight), rounded(bias)
        x = F.conv3d(x, weight, bias, stride, padding=[k // 2 for k in weight.shape[2:]])
        if layer in short:
            x = rounded(x)
        scale, shift = self.weights[name + ".instnorm.weight"], self.weights[name + ".instnorm.bias"]
        x = F.leaky_relu(F.instance_norm(x, weight=scale, bias=shift, eps=1e-5), 0.01)
        return rounded(x) if layer in short else x

    def __call__(self, x, short):
        skips = []
        for d in range(self.depth + 1):
            context = f"conv_blocks_context.{d}"
            names = [f"{context}.blocks.{i}" for i in range(2)]
            if d == self.depth:
                names = [f"{context}.{i}.blocks.0" for i in range(2)]
            for i, name in enumerate(names):
                stride = self.strides[d - 1] if d > 0 and i == 0 else [1, 1, 1]
                x = self.block(x, name, f"e{d}.{i}", stride, short)
            if d < self.depth:
                skips.append(x)
        for level in range(self.depth):
            d = self.depth - 1 - level
            weight = self.weights[f"tu.{level}.weight"]
            if f"d{d}.up" in short:
                x, weight = rounded(x), rounded(weight)
            x = F.conv_transpose3d(x, weight, stride=self.strides[d])
            if f"d{d}.up" in short:
                x = rounded(x)
            x = torch.cat([x, skips.pop()], 1)
            for i in range(2):
                name = f"conv_blocks_localization.{level}.{i}.blocks.0"
                x = self.block(x, name, f"d{d}.{i}", [1, 1, 1], short)
        weight = self.weights[f"seg_outputs.{self.depth - 1}.weight"]
        if "head" in short:
            return rounded(F.conv3d(rounded(x), rounded(weight)))
        return F.conv3d(x, weight)


def central_patch(file, patch):
    image = np.load(file)[:-1].astype(np.float32)
    result = np.zeros(image.shape[:1] + tuple(patch), np.float32)
    source, target = [slice(None)], [slice(None)]
    for extent, wanted in zip(image.shape[1:], patch):
        common, before = min(extent, wanted), abs(extent - wanted) // 2
        inner, whole = slice(before, before + common), slice(0, common)
        source.append(inner if extent > wanted else whole)
        target.append(whole if extent > wanted else inner)
    result[tuple(target)] = image[tuple(source)]
    return torch.from_numpy(result)[None].contiguous(memory_format=torch.channels_last_3d)


def predict(network, patch, short):
    mean = 0
    for axes in ([], [4], [3], [3, 4], [2], [2, 4], [2, 3], [2, 3, 4]):
        mean = mean + torch.softmax(network(patch.flip(axes), short), 1).flip(axes) / 8
    return mean


def main():
    model, prepared = Path(sys.argv[1]), Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    network = Network(model)
    plans = json.loads((model / "plans.json").read_text())
    size = plans["plans_per_stage"][str(len(plans["plans_per_stage"]) - 1)]["patch_size"]
    files = [file for file in sorted(prepared.glob("*.npy")) if "class_locations" not in file.name]
    patches = [central_patch(file, size) for file in files[:: max(1, len(files) // count)][:count]]
    exact = [predict(network, patch, set()) for patch in patches]
    last, finest = {"d0.1", "head"}, {"d0.up", "d0.0", "d0.1", "head"}
    choices = {
        "none": set(), "head": {"head"}, "last block, head": last,
        "first and last block, head": last | {"e0.0"},
        "these, last block and upsampling below": last | {"e0.0", "d1.1", "d0.up"},
        "finest decoder level": finest, "finest decoder level, first block": finest | {"e0.0"},
        "finest decoder and encoder level": finest | {"e0.0", "e0.1"},
        "two finest decoder, finest encoder level": finest | {"e0.0", "e0.1", "d1.up", "d1.0", "d1.1"},
    }
    print(f"{len(patches)} cases; in float32:")
    for name, full in choices.items():
        square = near = different = 0
        dice = []
        for patch, expected in zip(patches, exact):
            found = predict(network, patch, network.layers - full)
            top = expected.topk(2, 1).values
            unsure = top[:, 0] - top[:, 1] < 0.3
            square += ((found - expected) ** 2).sum(1)[unsure].sum().item()
            near += unsure.sum().item()
            a, b = found.argmax(1), expected.argmax(1)
            different += (a != b).sum().item()
            for label in range(1, expected.shape[1]):
                total = (a == label).sum() + (b == label).sum()
                if total > 0:
                    dice.append((2 * ((a == label) & (b == label)).sum() / total).item())
        print(
            f"  {name:42} error {(square / near) ** 0.5:.5f}, {different:3} voxels, Dice mean "
            f"{np.mean(dice):.5f}, least {min(dice):.5f}", flush=True)


main()
