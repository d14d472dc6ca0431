"""Trains PyPI `implicit` (CPU, conjugate gradients) on a data file that als_bench wrote, for als_bench to compare with.

Usage: implicit_baseline.py DATA FACTORS ITERATIONS UNOBSERVED_WEIGHT REGULARIZATION THREADS
DATA: int64 users, items, interactions, then int32 user and item of each interaction, then int32 held-out item of each user.
Prints for each iteration: seconds so far (training only), NDCG@10 of the held-out items.
"""
import sys

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


def ndcg(model, matrix, held_out):
    total = 0.0
    for start in range(0, matrix.shape[0], 512):
        block = slice(start, min(start + 512, matrix.shape[0]))
        scores = model.user_factors[block] @ model.item_factors.T
        rows = matrix[block]
        scores[rows.nonzero()] = -np.inf
        target = held_out[block]
        own = scores[np.arange(len(target)), target]
        rank = (scores > own[:, None]).sum(axis=1)
        total += np.where(rank < 10, 1 / np.log2(rank + 2.0), 0.0).sum()
    return total / matrix.shape[0]


def main():
    path, factors, iterations, unobserved, regularization, threads = sys.argv[1:7]
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
        print(f"{spent:.6f} {ndcg(model, matrix, held_out):.6f}", flush=True)

    model.fit(matrix, show_progress=False, callback=after)


if __name__ == "__main__":
    main()
