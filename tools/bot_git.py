"""Git as the workflows' bot: the token of GITHUB_TOKEN for GITHUB_SERVER_URL only, no hooks, no links, a time limit."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

NAME: Final = "github-actions[bot]"
ADDRESS: Final = "41898282+github-actions[bot]@users.noreply.github.com"
NO_SUCH_BRANCH: Final = 2  # `git ls-remote --exit-code`
_SECONDS: Final = 300
_OPTIONS: Final = ("-c", "core.symlinks=false", "-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false")


class GitError(Exception):
    """Git could not do it; the message says what it said."""


def git(folder: Path, *arguments: str) -> str:
    code, out, said = run_git(folder, *arguments)
    if code:
        raise GitError(f"git {arguments[0]} ended with {code}: {said}")
    return out


def run_git(folder: Path, *arguments: str) -> tuple[int, str, str]:
    try:
        done = subprocess.run(
            [shutil.which("git") or "git", *_OPTIONS, "-C", str(folder), *arguments],
            env=_environment(),
            capture_output=True,
            encoding="utf-8",
            errors="backslashreplace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitError(f"git {arguments[0]}: {error}") from error
    return done.returncode, done.stdout, done.stderr[-1000:].strip()


def _environment() -> dict[str, str]:
    """The token as a header for the one server, in the environment only: on no disk and in no argument list."""
    settings = {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": NAME,
        "GIT_AUTHOR_EMAIL": ADDRESS,
        "GIT_COMMITTER_NAME": NAME,
        "GIT_COMMITTER_EMAIL": ADDRESS,
    }
    token, server = os.environ.get("GITHUB_TOKEN", ""), os.environ.get("GITHUB_SERVER_URL", "")
    if token and server:
        basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        settings |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{server.rstrip('/')}/.extraheader",
            "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {basic}",
        }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | settings
