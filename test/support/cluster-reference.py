"""Labels and probabilities of scikit-learn and contrib for cases on standard input, a JSON object a line."""
import json, sys
import numpy as np
import hdbscan
from sklearn.cluster import HDBSCAN

def scikit(X, case):
    model = HDBSCAN(
        min_cluster_size=case["minClusterSize"], min_samples=case["minSamples"],
        cluster_selection_epsilon=case["epsilon"], cluster_selection_method=case["method"],
        allow_single_cluster=case["single"], max_cluster_size=case["most"], algorithm="brute", copy=True,
    ).fit(X)
    return {"labels": model.labels_.tolist(), "probabilities": model.probabilities_.tolist()}

def contrib(X, case):
    model = hdbscan.HDBSCAN(
        min_cluster_size=case["minClusterSize"], min_samples=case["minSamples"] - 1,
        algorithm="generic", prediction_data=False,
    ).fit(X)
    return {"outlierScores": model.outlier_scores_.tolist(), "persistence": model.cluster_persistence_.tolist(), "contribLabels": model.labels_.tolist()}

for line in sys.stdin:
    case = json.loads(line)
    X = np.array(case["points"], dtype=np.float64).reshape(-1, case["dimensions"])
    result = scikit(X, case)
    if case["plain"]:
        result.update(contrib(X, case))
    print(json.dumps(result), flush=True)
