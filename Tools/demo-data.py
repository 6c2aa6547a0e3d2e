"""What `make demo` needs besides the program itself.

demo-data.py choose TASK FOLDER TRAINING UNSEEN
    copy a part of a Decathlon task: training cases, and cases with labels that no network sees
demo-data.py labels TASK
    print the task's labels above 0
demo-data.py length BENCHMARK SECONDS
    print the length of a training that takes at most that long, from nnUNet_benchmark's measurements
demo-data.py table TASK PREDICTIONS NETWORK...
    print the mean Dice scores of the networks' predictions
"""

import json
import math
import pathlib
import shutil
import sys


def description_of(task):
    return json.loads(pathlib.Path(task, "dataset.json").read_text())


def foreground(task):
    labels = {int(value): name for value, name in description_of(task)["labels"].items()}
    return {value: labels[value] for value in sorted(labels) if value > 0}


def choose(task, folder, training_count, unseen_count):
    description = description_of(task)
    listed = sorted(description["training"], key=lambda case: case["image"])
    wanted = int(training_count) + int(unseen_count)
    if len(listed) < 10:
        sys.exit(f"error: {task} has {len(listed)} labelled cases; the demo needs at least 10.")
    step = max(len(listed) / wanted, 1)
    chosen = [listed[int(index * step)] for index in range(min(wanted, len(listed)))]
    every = max(len(chosen) // int(unseen_count), 2)
    unseen = chosen[every - 1 :: every]
    training = [case for case in chosen if case not in unseen]
    output = pathlib.Path(folder, pathlib.Path(task).name)
    for part, cases in [("Tr", training), ("Ts", unseen)]:
        for kind in ["image", "label"]:
            place = output / f"{kind}s{part}"
            place.mkdir(parents=True)
            for case in cases:
                shutil.copy(pathlib.Path(task, case[kind]), place)
    name = lambda case: "./imagesTs/" + pathlib.Path(case["image"]).name
    description.update(
        training=training, numTraining=len(training),
        test=[name(case) for case in unseen], numTest=len(unseen))
    (output / "dataset.json").write_text(json.dumps(description, indent=4))
    print(f"   {len(training)} of {len(listed)} cases for training, {len(unseen)} unseen")


def length(benchmark, seconds):
    (measured,) = json.loads(pathlib.Path(benchmark).read_text())["measurements"]
    # A validation batch is a step without the backward pass, which is two thirds of it.
    batches = measured["training_batches"] + measured["validation_batches"] / 3
    step = min(measured["epoch_seconds"]) / batches
    epochs = 20
    iterations = int(float(seconds) / epochs / step - 2 / 3)
    if iterations < 2:
        # Fewer epochs, because each ends with a validation and a checkpoint.
        epochs = max(2, int(float(seconds) / step / (4 + 2 / 3)))
        iterations = 4
    iterations = min(iterations, 25)
    text = f"{epochs} epochs of {iterations} steps, as a step takes {step:.2f} s here (nnU-Net's usual: 1000 of 250)"
    print(f"--epochs {epochs} --iterations-per-epoch {iterations} --val-iterations 2|{text}")


def dice(predictions, network, label):
    summary = json.loads(pathlib.Path(predictions, network, "summary.json").read_text())
    return summary["results"]["mean"][str(label)]["Dice"]


def table(task, predictions, networks):
    names = foreground(task)
    width = max([len(name) for name in names.values()] + [6]) + 2
    print("  " + "network".ljust(14) + "".join(n.rjust(width) for n in names.values()) + "    mean")
    for network in networks:
        scores = [dice(predictions, network, label) for label in names]
        defined = [score for score in scores if not math.isnan(score)]
        mean = sum(defined) / len(defined) if defined else math.nan
        cells = "".join(f"{score:.3f}".rjust(width) for score in scores)
        print("  " + network.ljust(14) + cells + f"{mean:.3f}".rjust(8))


command, *arguments = sys.argv[1:]
if command == "choose":
    choose(*arguments)
elif command == "labels":
    print(*foreground(arguments[0]))
elif command == "length":
    length(*arguments)
elif command == "table":
    table(arguments[0], arguments[1], arguments[2:])
else:
    sys.exit(__doc__)
