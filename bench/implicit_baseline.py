"""Trains PyPI `implicit` (CPU, conjugate gradients) on a data file that als_bench wrote, for als_bench to compare with.

Usage: implicit_baseline.py DATA FACTORS ITERATIONS UNOBSERVED_WEIGHT REGULARIZATION THREADS JUDGED_USERS
       implicit_baseline.py fold-in DATA LENGTH
DATA: int64 users, items, interactions, then int32 user and item of each interaction, then int32 held-out item of each user.
Prints for each iteration: seconds so far (training only), NDCG@10 of the first users' held-out items; then megabytes before
training and at the peak. With fold-in: median and 99th percentile of the microseconds that recalculate_user takes.
"""
import resource
import sys
import time

import numpy as np
import scipy.sparse
import threadpoolctl
from implicit.cpu.als import AlternatingLeastSquares


def read(path):
    raw = np.fromfile(path, dtype=np.int32)
    users, items, count = raw[:6].view(np.int64)
    user, item = raw[6 : 6 + count], raw[6 + count : 6 + 2 * count]
    held_out = raw[6 + 2 * count :]
    values = np.ones(count, dtype=np.float32)
    return scipy.sparse.csr_matrix((values, (user, item)), shape=(users, items)), held_out


def ndcg(model, matrix, held_out, judged):
    judged = min(judged, matrix.shape[0])
    if judged == 0:
        return 0.0
    total = 0.0
    for start in range(0, judged, 512):
        block = slice(start, min(start + 512, judged))
        scores = model.user_factors[block] @ model.item_factors.T
        rows = matrix[block]
        scores[rows.nonzero()] = -np.inf
        target = np.maximum(held_out[block], 0)
        own = scores[np.arange(len(target)), target]
        rank = (scores > own[:, None]).sum(axis=1)
        total += np.where((rank < 10) & (held_out[block] >= 0), 1 / np.log2(rank + 2.0), 0.0).sum()
    return total / judged


def resident_megabytes():
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * 4096e-6


def fold_in(path, length):
    matrix, _ = read(path)
    threadpoolctl.threadpool_limits(1, "blas")
    model = AlternatingLeastSquares(factors=64, iterations=2, num_threads=1, use_native=True, random_state=1)
    model.fit(matrix, show_progress=False)
    items = matrix.shape[1]
    micros = []
    for user in range(1500):
        columns = (user % 200 + 7 * np.arange(length)) % items
        row = scipy.sparse.csr_matrix((np.ones(length, np.float32), (np.zeros(length, int), columns)), shape=(1, items))
        begin = time.perf_counter()
        model.recalculate_user(0, row)
        micros.append((time.perf_counter() - begin) * 1e6)
    print(f"{np.percentile(micros, 50):.1f} {np.percentile(micros, 99):.1f}")


def main():
    if sys.argv[1] == "fold-in":
        return fold_in(sys.argv[2], int(sys.argv[3]))
    path, factors, iterations, unobserved, regularization, threads, judged = sys.argv[1:8]
    matrix, held_out = read(path)
    threadpoolctl.threadpool_limits(1, "blas")
    # Its loss weighs observed pairs alpha and all others 1; scaled by the unobserved weight the two losses are alike.
    model = AlternatingLeastSquares(
        factors=int(factors),
        regularization=float(regularization),
        alpha=1 / float(unobserved),
        iterations=int(iterations),
        num_threads=int(threads),
        use_native=True,
        use_cg=True,
        random_state=1,
    )
    spent = 0.0

    def after(_, seconds, __):  # `seconds` is the solver's time alone
        nonlocal spent
        spent += seconds
        print(f"{spent:.6f} {ndcg(model, matrix, held_out, int(judged)):.6f}", flush=True)

    base = resident_megabytes()
    model.fit(matrix, show_progress=False, callback=after)
    print(f"memory {base:.1f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024e-6:.1f}")


if __name__ == "__main__":
    main()
