"""Clone what a catalogue builds from: `python -m tools.checkouts CATALOGUE.json FOLDER`.

CATALOGUE.json is what `kfkit build catalogue --format json` says. Each source is cloned without its past, in its branch
where the catalogue names one, and printed as `kfkit build catalogue --source` takes it, a line each. One that cannot be
cloned is told on standard error, the others go on, and the exit code is 3. What is there already stays. Standard
library only.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

SECONDS: Final = 900
_SOURCE: Final = re.compile(
    r"(?P<repository>[A-Za-z0-9][\w.-]*/[A-Za-z0-9_][\w.-]*)(?:@(?P<branch>[A-Za-z0-9_][\w./-]*))?"
)


class CheckoutError(Exception):
    """A source that cannot be cloned; the message says which."""


def read_sources(file: Path) -> list[str]:
    """The repositories on GitHub that components of the catalogue are built from.

    Raises:
        CheckoutError: no such document.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        sources = [component["source"] for component in document["components"] if component.get("ref") is not None]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckoutError(f"{file}: is no document of `kfkit build catalogue`: {error}") from error
    return sorted(set(sources))


def clone(source: str, folder: Path) -> Path:
    """Clone one source into a folder of its own below `folder`, whole or not at all.

    Raises:
        CheckoutError: it is not on GitHub, or cannot be cloned.
    """
    found = _SOURCE.fullmatch(source)
    if found is None or ".." in source:
        raise CheckoutError(f"{source[:100]!r}: is no OWNER/REPO or OWNER/REPO@BRANCH of GitHub")
    target = folder / source.replace("/", "+")
    if target.exists():
        return target
    scratch = target.with_name(f"{target.name}.new")
    shutil.rmtree(scratch, ignore_errors=True)
    branch = ("--branch", found["branch"]) if found["branch"] else ()
    address = f"https://github.com/{found['repository']}"
    command = ("git", "clone", "--quiet", "--depth", "1", "--no-tags", *branch, "--", address, str(scratch))
    try:
        subprocess.run(command, check=True, timeout=SECONDS, env={**os.environ, "GIT_TERMINAL_PROMPT": "0"})
    except subprocess.CalledProcessError as error:
        raise CheckoutError(f"{source}: git clone ended with {error.returncode}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CheckoutError(f"{source}: {error}") from error
    scratch.rename(target)
    return target


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools.checkouts", description=__doc__)
    parser.add_argument("catalogue", type=Path)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args(arguments)
    asked.folder.mkdir(parents=True, exist_ok=True)
    code = 0
    try:
        sources = read_sources(asked.catalogue)
    except CheckoutError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for source in sources:
        try:
            print(f"{source}={clone(source, asked.folder)}", flush=True)
        except CheckoutError as error:
            print(f"error: {error}", file=sys.stderr)
            code = 3
    return code


if __name__ == "__main__":
    sys.exit(main())
