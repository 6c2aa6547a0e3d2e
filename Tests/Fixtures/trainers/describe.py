"""Writes what the trainers of the Python nnU-Net v1 make of plans: trainers.json.

For every trainer that a checkpoint may name: the class of its network, what its convolutions are followed
by, its outputs and their function, and the axes that prediction mirrors. Run with nnunet 1.7.1 in the
environment: python describe.py
"""
import copy, importlib, inspect, io, json, os, pickle, pkgutil, sys, tempfile, contextlib
import numpy as np, torch, torch.nn as nn

_load = torch.load
torch.load = lambda *a, **k: _load(*a, **{**k, "weights_only": False})
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from plans import plans_for  # next to this file
import nnunet.training.network_training as package
from nnunet.training.network_training.nnUNetTrainer import nnUNetTrainer
from nnunet.network_architecture.generic_UNet import Generic_UNet

import nnunet.training.data_augmentation.default_data_augmentation as augmentation
DEFAULTS = [(d, copy.deepcopy(d)) for d in (augmentation.default_3D_augmentation_params, augmentation.default_2D_augmentation_params)]

def act(m):
    n = type(m).__name__
    return f"LeakyReLU {m.negative_slope}" if n == "LeakyReLU" else n

def describe(trainer):
    net = trainer.network
    out = {"network": type(net).__name__}
    convs = [m for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Conv3d))]
    norms = {type(m).__name__.rstrip("23d") for m in net.modules() if "Norm" in type(m).__name__ and "Conv" not in type(m).__name__ or "FRN" in type(m).__name__}
    out["normalizations"] = sorted(norms)
    out["epsilon"] = sorted({m.eps for m in net.modules() if hasattr(m, "eps") and isinstance(getattr(m, "eps"), float)})
    out["groups"] = sorted({m.num_groups for m in net.modules() if isinstance(m, nn.GroupNorm)})
    out["activations"] = sorted({act(m) for m in net.modules() if type(m).__name__ in ("LeakyReLU", "ReLU", "GELU", "GeLU", "Mish")})
    if isinstance(net, Generic_UNet):
        b = net.conv_blocks_context[0].blocks[0]
        out["block"] = type(b).__name__
        out["headsHaveBias"] = net.seg_outputs[0].bias is not None
        out["convolutions"] = len(net.conv_blocks_context[0].blocks)
        out["features"] = [s.output_channels for s in net.conv_blocks_context[:-1]] + [net.conv_blocks_context[-1][-1].output_channels]
        out["kernels"] = [list(s.blocks[0].conv.kernel_size) for s in net.conv_blocks_context[:-1]]
        out["dropout"] = sorted({m.p for m in net.modules() if type(m).__name__ in ("Dropout2d", "Dropout3d")})
    out["outputs"] = trainer.num_classes
    f = net.inference_apply_nonlin
    name = getattr(f, "__name__", type(f).__name__)
    if name == "<lambda>":
        x = torch.tensor([[1., 2.]])
        y = f(x.clone())
        name = "softmax" if torch.allclose(y, torch.softmax(x, 1)) else "sigmoid" if torch.allclose(y, torch.sigmoid(x)) else "none"
    out["function"] = {"Softmax": "softmax", "Sigmoid": "sigmoid"}.get(name, name)
    out["regions"] = list(getattr(trainer, "regions_class_order", None) or [])
    p = trainer.data_aug_params
    out["mirrors"] = list(p["mirror_axes"]) if p.get("do_mirror") else []
    return out

def main():
    result = {}
    with tempfile.TemporaryDirectory() as d:
        for rank in (2, 3):
            for residual in (False, True):
                with open(f"{d}/plans{rank}{residual}.pkl", "wb") as f: pickle.dump(plans_for(rank, residual), f)
        for info in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            try: module = importlib.import_module(info.name)
            except Exception as e: print("skipped", info.name, e); continue
            for name, cls in vars(module).items():
                if not (inspect.isclass(cls) and issubclass(cls, nnUNetTrainer) and cls.__module__ == info.name): continue
                for rank in (2, 3):
                    # Trainers change these dictionaries, which are the modules' own.
                    for d_, kept in DEFAULTS: d_.clear(); d_.update(copy.deepcopy(kept))
                    residual = "Resenc" in name
                    text = io.StringIO()
                    try:
                        with contextlib.redirect_stdout(text):
                            args = dict(plans_file=f"{d}/plans{rank}{residual}.pkl", fold=0, output_folder=d + "/out", dataset_directory=d, batch_dice=True, stage=0, unpack_data=False, deterministic=False, fp16=False)
                            if "local_rank" in inspect.signature(cls.__init__).parameters: raise RuntimeError("needs several processes")
                            t = cls(**args)
                            t.initialize(False)
                            result.setdefault(name, {})[f"{rank}d"] = describe(t)
                    except BaseException as e:
                        result.setdefault(name, {})[f"{rank}d"] = {"problem": f"{type(e).__name__}: {e}"[:200]}
    json.dump(result, open("trainers.json", "w"), indent=1, sort_keys=True)

if __name__ == "__main__":
    torch.cuda.is_available = lambda: False
    schedulers = torch.optim.lr_scheduler
    plateau = schedulers.ReduceLROnPlateau
    schedulers.ReduceLROnPlateau = lambda *a, verbose=None, **k: plateau(*a, **k)
    torch.nn.Module.cuda = torch.Tensor.cuda = lambda self, *a, **k: self
    main()
