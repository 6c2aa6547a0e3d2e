"""How the time of a training changes with devices, and that of a task with its cases: scaling.py

Data-parallel training of one network, a planned batch for each device. A step takes

    compute + sums of gradients that nothing hides + sums for the batch's Dice + waiting for the slowest

Gradients, 4 bytes a parameter, are summed by rings within a machine and then between machines, while
the backward pass (two thirds of the computation) still runs; the last bucket of 25 MB comes after it.
The slowest of n devices whose steps vary normally by a share s is late by about s * sqrt(2 ln n).
Prints the tables of Guides/Scaling.md.
"""
import math

BUCKET = 25 * 2**20


class System:
    def __init__(self, name, step, parameters, link, network, latency, variation, devices):
        self.name, self.step, self.bytes, self.devices = name, step, 4 * parameters, devices
        self.link, self.network, self.latency, self.variation = link, network, latency, variation

    def ring(self, count, size, bandwidth):
        """Seconds to sum `size` bytes over a ring of `count`."""
        if count < 2:
            return 0.0
        return 2 * (count - 1) * (size / count / bandwidth + self.latency)

    def sum(self, count, size):
        machines = math.ceil(count / self.devices)
        return (self.ring(min(count, self.devices), size, self.link)
                + self.ring(machines, size, self.network))

    def time(self, count):
        """Seconds of a step of `count` devices."""
        if count == 1:
            return self.step
        buckets = math.ceil(self.bytes / BUCKET)
        gradients = buckets * self.sum(count, self.bytes / buckets)
        last = self.sum(count, min(self.bytes, BUCKET))
        hidden = min(gradients - last, 2 / 3 * self.step)
        dice = 8 * self.sum(count, 12)
        slowest = self.variation * math.sqrt(2 * math.log(count)) * self.step
        return self.step + gradients - hidden + dice + slowest

    def speedup(self, count):
        return count * self.step / self.time(count)


SYSTEMS = [
    # Measured: Benchmarks/ranks on Task04_Hippocampus, 3d; loopback, one thread a process.
    System("CPU, one core a rank, loopback", 2.125, 5_602_944, 1.5e9, 1.5e9, 1e-4, 0, 8),
    # Assumed: the step from nnU-Net's documentation (3d_fullres, 42 s / 250 steps), 31 million
    # parameters, NVLink 200 GB/s, 25 GB/s between machines of 8, steps that vary by 1 %.
    System("A100, 8 a machine, 25 GB/s", 0.168, 31_000_000, 200e9, 25e9, 1e-5, 0.01, 8),
    System("A100, 8 a machine, 10 Gbit/s", 0.168, 31_000_000, 200e9, 1.25e9, 5e-5, 0.01, 8),
]

print("| system | 2 | 8 | 64 | 512 |\n| --- | --- | --- | --- | --- |")
for system in SYSTEMS:
    cells = [f"{system.speedup(n):.2f} ({system.speedup(n) / n:.0%})" for n in (2, 8, 64, 512)]
    print(f"| {system.name} | {' | '.join(cells)} |")

# A training of 1000 epochs of 250 steps sees the same number of samples in fewer steps; the rest of a
# task grows with its cases: preparation, and validation of all folds.
PREPARE, VALIDATE = 2.0, 4.0  # seconds a case of 200 x 256 x 256 voxels: a CPU core's, a device's
system = SYSTEMS[1]
print("\n| cases | 1 device | 8 | 64 | 512 |\n| --- | --- | --- | --- | --- |")
for cases in (10, 100, 1000, 10_000, 100_000):
    row = []
    for count in (1, 8, 64, 512):
        training = 5 * 250_000 * system.step / system.speedup(count)
        row.append((training + cases * (PREPARE / 16 / math.ceil(count / 8) + VALIDATE / count)) / 3600)
    print(f"| {cases} | {' | '.join(f'{hours:.1f} h' for hours in row)} |")
