"""`kfkit --help` against bare Python: what starting up costs. Limit (issue 3): 0.12 s more.

python benchmarks/startup_bench.py [ROUNDS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

LIMIT = 0.12


def seconds(*arguments: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    pairs = [(seconds("-m", "buildkit.cli", "--help"), seconds("-c", "pass")) for _ in range(rounds + 1)][1:]
    help_, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
    more = statistics.median(ours - python for ours, python in pairs)
    print(f"kfkit --help                  {help_:7.3f} s   (bare Python {bare:.3f} s)")
    print(f"difference                    {more:7.3f} s   (limit {LIMIT})")
    return int(more > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
