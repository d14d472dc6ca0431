"""Trains PyPI `lightfm` (WARP) on a data file that hybrid_bench wrote, for hybrid_bench to compare with.

Usage: lightfm_baseline.py DATA FACTORS EPOCHS LEARNING_RATE THREADS
DATA: int64 users, items, interactions, then int32 user and item of each interaction, then int32 held-out item of each user.
Prints for each epoch: seconds so far (training only), NDCG@10 of the held-out items; at last the peak memory in MB that the
training added.

Its source package is from 2023: install it as
  python3.11 -m venv VENV && VENV/bin/pip install "setuptools<60" wheel "numpy<2" scipy requests scikit-learn
  VENV/bin/pip install --no-use-pep517 --no-build-isolation lightfm
"""
import resource
import sys
import time

import numpy as np
import scipy.sparse
from lightfm import LightFM


def read(path):
    raw = np.fromfile(path, dtype=np.int32)
    users, items, count = raw[:6].view(np.int64)
    user, item = raw[6 : 6 + count], raw[6 + count : 6 + 2 * count]
    held_out = raw[6 + 2 * count :]
    values = np.ones(count, dtype=np.float32)
    return scipy.sparse.csr_matrix((values, (user, item)), shape=(users, items)), held_out


def ndcg(model, matrix, held_out):
    item_biases, item_factors = model.get_item_representations()
    user_factors = model.get_user_representations()[1]
    total = 0.0
    for start in range(0, matrix.shape[0], 512):
        block = slice(start, min(start + 512, matrix.shape[0]))
        scores = user_factors[block] @ item_factors.T + item_biases
        scores[matrix[block].nonzero()] = -np.inf
        target = held_out[block]
        own = scores[np.arange(len(target)), target]
        rank = (scores > own[:, None]).sum(axis=1)
        total += np.where(rank < 10, 1 / np.log2(rank + 2.0), 0.0).sum()
    return total / matrix.shape[0]


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    path, factors, epochs, rate, threads = sys.argv[1:6]
    matrix, held_out = read(path)
    before = peak()
    model = LightFM(
        no_components=int(factors), loss="warp", learning_rate=float(rate), item_alpha=1e-5, user_alpha=1e-5,
        random_state=1,
    )
    interactions = matrix.tocoo()
    spent = 0.0
    lines = []
    for _ in range(int(epochs)):
        begun = time.monotonic()
        model.fit_partial(interactions, epochs=1, num_threads=int(threads))
        spent += time.monotonic() - begun
        after = peak()
        lines.append(f"{spent:.6f} {ndcg(model, matrix, held_out):.6f}")
        if len(lines) == 1:
            added = after - before
    print("\n".join(lines))
    print(f"memory {added:.1f}")


if __name__ == "__main__":
    main()
