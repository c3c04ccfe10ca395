"""A fix as one commit on a branch of its own: made from a patch in git's index, so that no file is written.

The patch comes from a job without rights, so it is held against that job's report: it may change the content of the
files that the report names, and nothing else. The branch is written over at each run, unless somebody else wrote to it.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from typing import TYPE_CHECKING, Final

from tools.bot_git import ADDRESS, NO_SUCH_BRANCH, GitError, git, run_git

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

REMOTE: Final = "refs/kfkit/remote"
_REGULAR: Final = {"100644", "100755"}
_SLUG: Final = re.compile(r"[^A-Za-z0-9]+")


class FixError(Exception):
    """A fix that must not be committed; the message says why."""


def branch_of(base: str, manifests: str) -> str:
    """The branch for a fix of a folder on a branch: the same at every run."""
    key = hashlib.sha256(f"{base}\0{manifests}".encode()).hexdigest()[:8]
    slug = _SLUG.sub("-", manifests).strip("-")[:40]
    return f"kfkit-pins/{f'{slug}-' if slug else ''}{key}"


def stage(checkout: Path, patch: Path, manifests: str, files: Collection[str]) -> str:
    """Put the patch on HEAD, in the index only; gives the tree.

    Raises:
        FixError: it changes anything but the content of `files`, or does not apply.
    """
    git(checkout, "read-tree", "HEAD")
    code, _, said = run_git(checkout, "apply", "--cached", "--whitespace=nowarn", str(patch.absolute()))
    if code:
        raise FixError(f"the patch does not apply: {said}")
    wanted = {posixpath.normpath(posixpath.join(manifests, file)) for file in files}
    changed = _changed(checkout)
    if changed != wanted:
        odd = ", ".join(repr(name[:200]) for name in sorted(changed ^ wanted)[:5])
        raise FixError(f"the patch and the report name different files: {odd}")
    return git(checkout, "write-tree").strip()


def _changed(checkout: Path) -> set[str]:
    """The files of the index that differ from HEAD; each must be the same kind of file as before."""
    fields = git(checkout, "diff-index", "--cached", "--no-renames", "--raw", "-z", "HEAD").split("\0")
    found = set()
    for said, name in zip(fields[::2], fields[1::2], strict=False):
        old, new, _, _, status = said.lstrip(":").split(" ")
        if status != "M" or old != new or old not in _REGULAR:
            raise FixError(f"the patch does more to {name[:200]!r} than to change its content")
        if name.startswith(".github/"):
            raise FixError(f"{name[:200]!r} is no manifest")
        found.add(name)
    return found


def push(checkout: Path, tree: str, branch: str, message: str) -> bool:
    """Make `branch` one commit on HEAD; False where it is that already.

    Raises:
        FixError: the branch's last commit is not ours.
        GitError: the remote could not be asked, or refused.
    """
    head = git(checkout, "rev-parse", "HEAD").strip()
    remote = _remote(checkout, branch)
    if remote:
        author, parents, old = git(checkout, "log", "-1", "--format=%ae%n%P%n%T", remote).split("\n")[:3]
        if author != ADDRESS:
            raise FixError(f"the last commit on {branch} is by somebody else: merge the branch or delete it")
        if (parents, old) == (head, tree):
            return False
    commit = git(checkout, "commit-tree", "--no-gpg-sign", tree, "-p", head, "-m", message).strip()
    lease = f"--force-with-lease=refs/heads/{branch}:{remote}"
    git(checkout, "push", "--quiet", lease, "origin", f"{commit}:refs/heads/{branch}")
    return True


def _remote(checkout: Path, branch: str) -> str:
    """The commit that the remote's branch is at, fetched with its parent; empty where there is no such branch."""
    code, _, said = run_git(checkout, "ls-remote", "--exit-code", "--heads", "origin", f"refs/heads/{branch}")
    if code == NO_SUCH_BRANCH:
        return ""
    if code:
        raise GitError(f"{branch} could not be asked for: {said}")
    git(checkout, "fetch", "--quiet", "--depth=2", "--no-tags", "origin", f"+refs/heads/{branch}:{REMOTE}")
    return git(checkout, "rev-parse", REMOTE).strip()
