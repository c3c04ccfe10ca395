"""Git: no prompts, no hooks, no submodules, no filters of the repository.

Shallow copies of public repositories, and questions to repositories on disk, whose settings nobody vouches for.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from buildkit.edges.process import Completed, Limits, ProgramError, run
from buildkit.errors import UndeterminedError, UsageError

_LIMITS: Final = Limits(seconds=600, output=16 * 1024 * 1024)
_ASKING_LIMITS: Final = Limits(seconds=60, output=16 * 1024 * 1024)  # it waits for ever for a pipe in a repository
_ENVIRONMENT: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
_COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_OPTIONS: Final = ("-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "-c", "advice.detachedHead=false")
# A repository's own settings name programs: a monitor of files, transports of what a partial clone lacks. Folders in a
# tree that look like a bare repository are none.
_ASKING: Final = (
    *("--no-pager", "--literal-pathspecs", *_OPTIONS),
    *("-c", "core.fsmonitor=false", "-c", "submodule.recurse=false", "-c", "safe.bareRepository=explicit"),
)
_ASKING_ENVIRONMENT: Final = {
    **_ENVIRONMENT,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
}
_MOST_TEXT: Final = 500


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


def ask(
    folder: Path, *arguments: str, stdin: bytes = b"", limits: Limits = _ASKING_LIMITS, check: bool = True
) -> Completed:
    """Run a command that only reads, in a repository on disk, without anything that its settings name.

    Not for commands that read the work tree's files (diff, status, add): these run the repository's filters.

    Raises:
        ProgramError: git is missing, failed (with `check`) or went over a limit.
    """
    argv = ["git", *_ASKING, *arguments]
    return run(argv, cwd=folder, stdin=stdin, env=_ASKING_ENVIRONMENT, limits=limits, check=check)


def repository_root(folder: Path) -> Path | None:
    """The work tree that a folder lies in, None where it is in none, or in one that git does not trust.

    Raises:
        ProgramError: git is missing.
    """
    done = ask(folder, "rev-parse", "--show-toplevel", check=False)
    text = done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")
    return Path(text) if done.code == 0 and text else None


def place_in_repository(folder: Path) -> str:
    """A folder's path in its work tree, "" for the root.

    Raises:
        UsageError: it is in none.
    """
    try:
        ask(folder, "rev-parse", "--show-toplevel")
        said = ask(folder, "rev-parse", "--show-prefix").stdout
    except ProgramError as error:
        if error.code is None:
            raise
        raise UsageError(
            f"{folder}: no work tree of git: {error.stderr.strip()[:_MOST_TEXT]}",
            hint="revisions need a clone; name a folder inside it",
        ) from error
    return said.decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("/")


def resolve_revision(folder: Path, revision: str) -> str:
    """The commit that a branch, tag, commit or other revision stands for. It comes from users: never an option.

    Raises:
        UsageError: it stands for none, or the folder is in no work tree.
    """
    place_in_repository(folder)
    found = _object(folder, f"{revision}^{{commit}}") if revision and "\0" not in revision else None
    if found is None:
        raise UsageError(
            f"{folder}: {revision[:_MOST_TEXT]!r} is no revision of this repository",
            hint="a branch, tag or commit that this clone has; `git fetch` brings more (in workflows: fetch-depth: 0)",
        )
    return found


def tree_of(folder: Path, commit: str) -> str | None:
    """The tree object of a folder as of a commit, None where it was not there."""
    place = place_in_repository(folder)
    found = _object(folder, f"{commit}:{place}")
    return found and _object(folder, f"{found}^{{tree}}")


def _object(folder: Path, name: str) -> str | None:
    done = ask(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", name, check=False)
    text = done.stdout.decode("utf-8", "replace").strip()
    return text if done.code == 0 and is_commit(text) else None
