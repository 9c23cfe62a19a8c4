"""Times tiny tasks on Python's own pool of processes: pool.py TASKS WORKERS; prints nanoseconds a task."""

import sys
import time
from concurrent.futures import ProcessPoolExecutor


def increment(n):
    return n + 1


if __name__ == "__main__":
    tasks, workers = int(sys.argv[1]), int(sys.argv[2])
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(increment, range(100)))
        start = time.perf_counter_ns()
        futures = [pool.submit(increment, n) for n in range(tasks)]
        right = sum(future.result() == n + 1 for n, future in enumerate(futures))
        elapsed = time.perf_counter_ns() - start
    if right != tasks:
        raise SystemExit(f"{right} of {tasks} results are right")
    print(elapsed / tasks)
