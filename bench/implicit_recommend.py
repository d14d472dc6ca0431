"""Times PyPI `implicit`: the ten best for every user, without what they have seen, for recommend_bench to compare with.

Usage: implicit_recommend.py DATA FACTORS THREADS
DATA: as als_bench writes it. Prints the seconds of each of five rounds, first with the filter of liked items, then
with a filter of half of the items besides.
"""
import sys
import time

import numpy as np
import threadpoolctl
from implicit.cpu.als import AlternatingLeastSquares

from implicit_baseline import read


def main():
    path, factors, threads = sys.argv[1:4]
    matrix, _ = read(path)
    threadpoolctl.threadpool_limits(1, "blas")
    model = AlternatingLeastSquares(factors=int(factors), iterations=2, num_threads=int(threads), random_state=1)
    model.fit(matrix, show_progress=False)
    users = np.arange(matrix.shape[0])
    for filtered in (None, np.arange(0, matrix.shape[1], 2)):
        for _ in range(5):
            start = time.perf_counter()
            model.recommend(users, matrix, N=10, filter_already_liked_items=True, filter_items=filtered)
            print(f"{time.perf_counter() - start:.6f}", flush=True)


if __name__ == "__main__":
    main()
