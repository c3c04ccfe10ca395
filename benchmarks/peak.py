"""Peak memory of our own process, the programs that it runs aside."""

from __future__ import annotations

import re
import sys

_CODE = (
    "import resource, sys; from buildkit.cli.main import guarded; code = guarded(sys.argv[1:]);"
    "print('rss', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr); sys.exit(code)"
)
_RSS = re.compile(r"^rss (\d+)$", re.MULTILINE)
_PER_MB = 1e6 / (1 if sys.platform == "darwin" else 1024)  # ru_maxrss: bytes on macOS, KiB elsewhere


def peak_command(*arguments: str) -> list[str]:
    """Give the command that runs `kfkit ARGUMENTS` and tells its peak on standard error."""
    return [sys.executable, "-c", _CODE, *arguments]


def read_peak(stderr: str) -> float:
    """Give the megabytes that such a command told."""
    found = _RSS.search(stderr)
    if found is None:
        raise SystemExit(f"no peak was told:\n{stderr}")
    return int(found[1]) / _PER_MB
