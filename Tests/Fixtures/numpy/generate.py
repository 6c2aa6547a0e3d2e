"""Writes what NumPy draws, computes and saves, for the tests of Arrays.

Run with Python 3 and NumPy 1.23 (the last series that nnU-Net v1 supports): python generate.py
"""
import json
from pathlib import Path

import numpy as np

here = Path(__file__).parent


def draws(seed):
    rng = np.random.RandomState
    shuffled = np.arange(50)
    rng(seed).shuffle(shuffled)
    sequence = rng(seed)
    mixed = [
        sequence.random_sample(),
        int(sequence.randint(0, 10)),
        float(sequence.normal()),
        float(sequence.normal(3, 2)),
        [int(v) for v in sequence.permutation(7)],
        [int(v) for v in sequence.choice(1000, 5, replace=False)],
        sequence.uniform(-2, 5),
    ]
    return {
        "seed": seed,
        "bits": [int(v) for v in rng(seed).randint(0, 2**32, 1300, dtype=np.int64)][-10:],
        "uniform": rng(seed).random_sample(5).tolist(),
        "randint_7_23": [int(v) for v in rng(seed).randint(7, 23, 20)],
        "randint_wide": [int(v) for v in rng(seed).randint(-(2**40), 2**41, 6)],
        "shuffle_50": shuffled.tolist(),
        "permutation_13": rng(seed).permutation(13).tolist(),
        "choice_20_5": rng(seed).choice(20, 5, replace=False).tolist(),
        "choice_20000_8": rng(seed).choice(20000, 8, replace=False).tolist(),
        "mixed": mixed,
    }


def statistics(name, values):
    single = values.astype(np.float32)
    return {
        "name": name,
        "values": [float(v) for v in single[:200]],
        "percents": [0, 0.5, 10, 33.3, 50, 90, 99.5, 100],
        "percentiles_double": [float(np.percentile(single[:200].astype(np.float64), q)) for q in (0, 0.5, 10, 33.3, 50, 90, 99.5, 100)],
        "percentiles_single": [float(np.percentile(single[:200], q)) for q in (0, 0.5, 10, 33.3, 50, 90, 99.5, 100)],
        "median_double": float(np.median(single[:200].astype(np.float64))),
        "median_single": float(np.median(single[:200])),
    }


def sums():
    """Sums of a sequence that both languages make from integers without rounding."""
    result = []
    for count in (1, 7, 8, 9, 127, 128, 129, 1000, 4096, 65537, 300001):
        values = sequence_of(count)
        result.append({
            "count": count,
            "sum": float(np.sum(values)),
            "mean": float(np.mean(values)),
            "std": float(np.std(values)),
        })
    volume = sequence_of(37 * 41 * 53).reshape(37, 41, 53)
    result.append({"count": volume.size, "sum": float(volume.sum()), "mean": float(volume.mean()), "std": float(volume.std())})
    return result


def sequence_of(count):
    index = np.arange(count, dtype=np.uint64)
    return ((index * 2654435761 % 2**32) >> 8).astype(np.float32) / np.float32(1000)


def arrays():
    base = np.arange(24).reshape(2, 3, 4) - 5
    np.save(here / "float32.npy", base.astype("<f4") / 2)
    np.save(here / "float64.npy", base.astype("<f8") / 3)
    np.save(here / "float16.npy", np.array([0, -0.0, 1, -2.5, 65504, 6e-8, 6.1e-5, np.inf, -np.inf, np.nan], "<f2"))
    np.save(here / "big_endian.npy", (base / 2).astype(">f4"))
    np.save(here / "fortran.npy", np.asfortranarray(base.astype("<i4")))
    np.save(here / "uint8.npy", (base + 5).astype("u1"))
    np.save(here / "int64.npy", base.astype("<i8"))
    np.save(here / "mask.npy", base > 3)
    np.save(here / "scalar.npy", np.float32(2.5))
    np.save(here / "empty.npy", np.zeros((0, 4), "<i4"))
    np.save(here / "complex.npy", np.zeros(2, "c8"))
    with open(here / "version2.npy", "wb") as file:
        np.lib.format.write_array(file, base.astype("<i4"), version=(2, 0))


(here / "random_state.json").write_text(json.dumps([draws(s) for s in (0, 1, 1234, 12345, 2**32 - 1)]))
rng = np.random.RandomState(7)
(here / "statistics.json").write_text(json.dumps({
    "samples": [
        statistics("normal", rng.normal(100, 35, 200)),
        statistics("odd", rng.normal(0, 1e-3, 37)),
        statistics("hounsfield", rng.randint(-1024, 2000, 200).astype(float)),
        statistics("one", np.array([4.2])),
    ],
    "sums": sums(),
}))
arrays()
