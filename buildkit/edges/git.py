"""Git, for shallow copies of public repositories: no prompts, no hooks, no submodules, no filters of the repository."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Final

from buildkit.edges.process import Limits, run
from buildkit.errors import UndeterminedError

if TYPE_CHECKING:
    from pathlib import Path

_LIMITS: Final = Limits(seconds=600, output=16 * 1024 * 1024)
_ENVIRONMENT: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_OPTIONS: Final = ("-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "-c", "advice.detachedHead=false")


def is_commit(ref: str) -> bool:
    return _COMMIT.fullmatch(ref) is not None


def find_commit(url: str, ref: str) -> str:
    """Ask the remote which commit a branch or tag stands for; a tag's commit, not the tag object.

    Raises:
        UndeterminedError: no answer (ProgramError), or no such ref.
    """
    if is_commit(ref):
        return ref
    wanted = (ref,) if ref == "HEAD" else (f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}", f"refs/heads/{ref}")
    said = run(["git", *_OPTIONS, "ls-remote", url, *wanted], env=_ENVIRONMENT, limits=_LIMITS).stdout.decode()
    known = {name: commit for commit, _, name in (line.partition("\t") for line in said.splitlines())}
    for name in wanted:
        if name in known:
            return known[name]
    raise UndeterminedError(f"{url} has no branch or tag {ref}")


def fetch_tree(url: str, ref: str, target: Path) -> str:
    """Put the files of one commit into an empty folder, without any of git's own; returns the commit.

    Raises:
        ProgramError: git is missing or failed.
    """

    def git(*arguments: str) -> str:
        done = run(["git", *_OPTIONS, *arguments], cwd=target, env=_ENVIRONMENT, limits=_LIMITS)
        return done.stdout.decode().strip()

    git("init", "--quiet", "--template=", ".")
    git("fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", url, ref)
    git("checkout", "--quiet", "--force", "FETCH_HEAD")
    commit = git("rev-parse", "HEAD")
    shutil.rmtree(target / ".git")
    return commit
