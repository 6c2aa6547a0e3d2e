"""What scipy's signed-rank test says about paired values; needs scipy."""
import json

import numpy as np
from scipy.stats import wilcoxon

cases = []
rng = np.random.default_rng(1)
for count, digits in [(5, 6), (12, 6), (50, 6), (51, 6), (80, 6), (20, 1), (30, 1)]:
    first = np.round(rng.normal(0.8, 0.1, count), digits)
    second = np.round(first + rng.normal(0.02, 0.05, count), digits)
    result = wilcoxon(first, second)
    cases.append({"first": first.tolist(), "second": second.tolist(),
                  "statistic": float(result.statistic), "p": float(result.pvalue)})
with open("wilcoxon.json", "w") as file:
    json.dump(cases, file)
