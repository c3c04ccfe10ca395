"""Fail on a Python module over 400 lines: past that it has two reasons to change (`make lint`)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST_LINES = 400


def long_modules() -> list[str]:
    """`path: lines` of each tracked or new module that is too long."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    sizes = {
        name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in names if (ROOT / name).exists()
    }
    return [f"{name}: {size} lines, at most {MOST_LINES}" for name, size in sorted(sizes.items()) if size > MOST_LINES]


if __name__ == "__main__":
    found = long_modules()
    print("\n".join(found), end="\n" if found else "")
    sys.exit(bool(found))
