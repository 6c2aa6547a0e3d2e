"""Times whole iterations of the Python nnU-Net's own trainer, data loading included.

Usage: PYTHON training_iteration.py v1|v2 TASK_FOLDER WORK_FOLDER 2d|3d_fullres [ITERATIONS]

Converts, plans and preprocesses the task with the Python nnU-Net first, unless WORK_FOLDER has it.
The median is of the iterations after two that fill the pipeline.
"""
import multiprocessing
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

version, source, work, network = sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3]), sys.argv[4]
iterations = int(sys.argv[5]) if len(sys.argv) > 5 else 8
number = int(source.name[4:6])
names = (["nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results"] if version == "v2"
         else ["nnUNet_raw_data_base", "nnUNet_preprocessed", "RESULTS_FOLDER"])
for name, folder in zip(names, ["raw", "pre", "res"]):
    (work / folder).mkdir(parents=True, exist_ok=True)
    os.environ[name] = str(work / folder)


def linked_source():
    """The task as links: v1 deletes hidden files in its input and requires imagesTs."""
    folder = work / "source" / source.name
    (folder / "imagesTs").mkdir(parents=True, exist_ok=True)
    for part in ["imagesTr", "labelsTr", "dataset.json"]:
        (folder / part).symlink_to(source / part)
    return folder


def run(*command):
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)


def trainer_v1():
    from nnunet.run.default_configuration import get_default_configuration
    from nnunet.training.network_training.nnUNetTrainerV2 import nnUNetTrainerV2
    plans, output, dataset, batch_dice, stage, _ = get_default_configuration(
        network, f"Task{number:03d}{source.name[6:]}", "nnUNetTrainerV2", "nnUNetPlansv2.1")
    trainer = nnUNetTrainerV2(plans, 0, output, dataset, batch_dice, stage, True, False, fp16=False)
    trainer.initialize(True)
    trainer.network.train()
    return lambda: trainer.run_iteration(trainer.tr_gen, True)


def trainer_v2():
    import torch
    from nnunetv2.run.run_training import get_trainer_from_args
    trainer = get_trainer_from_args(str(number), network, 0, device=torch.device("cpu"))
    trainer.on_train_start()
    trainer.on_train_epoch_start()
    return lambda: trainer.train_step(next(trainer.dataloader_train))


prepared = work / "prepared"
if not prepared.exists():
    if version == "v1":
        run("nnUNet_convert_decathlon_task", "-i", linked_source())
        run("nnUNet_plan_and_preprocess", "-t", number, "-tl", 2, "-tf", 2)
    else:
        run("nnUNetv2_convert_MSD_dataset", "-i", linked_source(), "-np", 2)
        run("nnUNetv2_plan_and_preprocess", "-d", number, "-c", "2d", "3d_fullres", "-np", 2, "-npfp", 2)
    prepared.touch()
step = trainer_v1() if version == "v1" else trainer_v2()
times = []
for _ in range(iterations + 2):
    start = time.perf_counter()
    step()
    times.append(time.perf_counter() - start)
print(f"{version}      {statistics.median(times[2:]):.3f} s an iteration,", flush=True)
# The trainers' own shutdown can hang; os._exit leaves their workers running.
for child in multiprocessing.active_children():
    child.kill()
os._exit(0)
