"""Times of other implementations on one file of float32 rows: prints a JSON object of seconds by name."""
import json, sys, time
import numpy as np

file, n, d, names = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4].split(",")
X = np.fromfile(file, dtype=np.float32).reshape(n, d)

def fitted(name):
    if name == "fast_hdbscan":
        import fast_hdbscan
        # Beyond 30 dimensions its neighbours are approximate, but where rows have weights.
        ones = np.ones(n, dtype=np.float32)
        return lambda: fast_hdbscan.HDBSCAN(min_cluster_size=10, min_samples=10).fit(X, sample_weight=ones)
    from sklearn.cluster import HDBSCAN
    algorithm = "brute" if name == "brute" else "auto"
    return lambda: HDBSCAN(min_cluster_size=10, algorithm=algorithm, copy=True).fit(X)

for name in names:
    fit = fitted(name)
    times = []
    for _ in range(5 if n < 4000 else 3 if name != "default" else 1):
        start = time.perf_counter()
        fit()
        times.append(time.perf_counter() - start)
        if sum(times) > 60:
            break
    print(json.dumps({name: min(times)}), flush=True)
