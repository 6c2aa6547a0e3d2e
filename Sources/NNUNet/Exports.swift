// The libraries that a package sees with `import NNUNet`; `Guides/Extending.md` tells what each is for.
@_exported public import Arrays
@_exported public import Augmentation
@_exported public import Commands
@_exported public import Evaluation
@_exported public import HostSystem
@_exported public import Imaging
@_exported public import Inference
@_exported public import JSON
@_exported public import ModelSelection
@_exported public import Networks
@_exported public import Planning
@_exported public import Plans
@_exported public import Preprocessing
@_exported public import Resampling
@_exported public import Torch
@_exported public import TrainedModels
@_exported public import Training
