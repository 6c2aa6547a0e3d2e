"""nnU-Net v1's resampling of the same volume: seconds and peak memory of one run."""
import resource
import sys
import time

import numpy as np
from nnunet.preprocessing.preprocessing import resample_patient

what = sys.argv[1]
z, y, x = np.ogrid[:200, :512, :512]
force = False if what.endswith("3d") else None
if what.startswith("data"):
    image = (((z // 9 + y // 31 + x // 47) % 7) * 150 - 500).astype(np.float32)[None]
    image += np.random.default_rng(1).random(image.shape, dtype=np.float32) * 109
    data, seg = image, None
else:
    distance = (z - 100) ** 2 + ((y - 256) // 2) ** 2 + ((x - 256) // 2) ** 2
    data, seg = None, np.select(
        [distance < 1600, distance < 4900, distance < 8100], [3, 2, 1], 0).astype(np.float32)[None]
    del distance
start = time.time()
resample_patient(data, seg, np.array([2.5, .8, .8]), np.array([1.5, 1.5, 1.5]), 3, 1,
                 force_separate_z=force, order_z_data=0, order_z_seg=0)
print(f"{what}: {time.time() - start:.2f} s, "
      f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB", flush=True)
