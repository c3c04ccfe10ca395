"""Remote bases on disk: the user's folders first, then the cache, then (unless offline) a fetch into it.

The lock pins what was fetched, now or earlier: a commit for a repository, a SHA-256 for a file. What lies in a
user's own folder is the user's business.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Final

import msgspec

from buildkit.edges import git
from buildkit.edges.files import new_folder, write_whole
from buildkit.edges.process import redact
from buildkit.edges.tree import MAX_FILE
from buildkit.errors import KfkitError, UndeterminedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from http.client import HTTPMessage
    from pathlib import Path
    from typing import IO

    from buildkit.model.remote import Remote

COMMIT_FILE: Final = ".kfkit-commit"
_SECONDS: Final = 120.0
_REDIRECTS: Final = 5


class Lock(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`kfkit.lock`: place -> commit or `sha256:…`."""

    schema: str = "kfkit/lock/v1"
    remotes: dict[str, str] = {}


def read_lock(path: Path) -> Lock | None:
    """Read a lock file, None where there is none.

    Raises:
        UsageError: it cannot be read or is no lock.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        lock = msgspec.json.decode(content, type=Lock)
    except msgspec.DecodeError as error:
        raise UsageError(f"{path}: not a lock file: {error}", hint="remove it, or name another with --lock") from error
    if lock.schema != "kfkit/lock/v1":
        raise UsageError(f"{path}: schema: '{lock.schema}' is not kfkit/lock/v1")
    return lock


class RemoteStore:
    """Finds remote bases, and remembers which of them were fetched."""

    def __init__(
        self, folders: Sequence[Path], cache: Path, *, offline: bool, lock: Lock | None, refresh: bool
    ) -> None:
        self.folders, self.cache = tuple(folders), cache
        self.offline, self.lock, self.refresh = offline, lock, refresh
        self.fetched: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self._renewed: set[str] = set()

    def place(self, remote: Remote) -> Path:
        """The folder of a repository, or the file, on disk.

        Raises:
            UndeterminedError: it is nowhere and cannot be had, or is not what the lock says.
        """
        for folder in self.folders:
            found = folder / remote.place
            wanted = found / remote.path if remote.kind == "git" else found
            if wanted.is_dir() if remote.kind == "git" else wanted.is_file():
                return found
        if remote.place in self.failed:
            raise UndeterminedError(self.failed[remote.place])
        try:
            return self._cached(remote)
        except LockMismatchError:
            raise
        except KfkitError as error:
            self.failed[remote.place] = str(error)
            raise

    def _cached(self, remote: Remote) -> Path:
        target = self.cache / remote.place
        stale = self.refresh and not self.offline and remote.place not in self._renewed
        if stale or not target.exists():
            if self.offline:
                raise UndeterminedError(f"{remote.place} is not on this machine, and --offline forbids to fetch it")
            self._fetch(remote, target)
            self._renewed.add(remote.place)
        self._check(remote.place, _state(remote, target))
        return target

    def _fetch(self, remote: Remote, target: Path) -> None:
        if remote.kind == "file":
            write_whole(target, download(remote.url))
            return
        with new_folder(target, replace=self.refresh) as folder:
            commit = git.fetch_tree(remote.url, remote.ref, folder)
            (folder / COMMIT_FILE).write_text(commit)

    def _check(self, place: str, state: str) -> None:
        known = self.lock.remotes.get(place) if self.lock and not self.refresh else None
        if known is not None and known != state:
            raise LockMismatchError(
                f"{place} is {state}, the lock says {known}",
                hint="--update-lock records the new state; look at what has changed first",
            )
        self.fetched[place] = state


class LockMismatchError(UndeterminedError):
    """A remote base changed behind the lock: the whole run ends, whatever depends on it."""


def _state(remote: Remote, target: Path) -> str:
    try:
        if remote.kind == "git":
            return (target / COMMIT_FILE).read_text().strip()
        return "sha256:" + hashlib.sha256(target.read_bytes()).hexdigest()
    except OSError as error:
        raise UndeterminedError(f"{target}: damaged cache ({error.strerror})", hint="remove it") from error


def write_lock(path: Path, store: RemoteStore) -> bool:
    """Write the lock where one is due: something was fetched, and there was no lock or a new one is asked for.

    Raises:
        UsageError: the file cannot be written.
    """
    if not store.fetched or (store.lock is not None and not store.refresh):
        return False
    lock = Lock(remotes=dict(sorted(store.fetched.items())))
    try:
        write_whole(path, msgspec.json.format(msgspec.json.encode(lock), indent=1) + b"\n")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}", hint="name another with --lock") from error
    return True


class _Redirects(urllib.request.HTTPRedirectHandler):
    """A few redirects, never from https to something weaker."""

    max_redirections = _REDIRECTS

    def redirect_request(  # noqa: PLR0913, PLR0917  # urllib's signature
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        if not newurl.startswith(("https://", "http://")) or (req.type == "https" and newurl.startswith("http://")):
            raise urllib.error.URLError(f"a redirect to {redact(newurl)} is not followed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(url: str) -> bytes:
    """Get a file over HTTP, within size and time.

    Raises:
        UndeterminedError: it cannot be had.
    """
    deadline = time.monotonic() + _SECONDS
    try:
        opener = urllib.request.build_opener(_Redirects())
        with opener.open(url, timeout=30) as response:
            content = bytearray()
            while chunk := response.read1(1024 * 1024):
                content += chunk
                if len(content) > MAX_FILE or time.monotonic() > deadline:
                    raise UndeterminedError(f"{redact(url)}: too large or too slow")
    except urllib.error.HTTPError as error:
        with contextlib.closing(error):
            raise UndeterminedError(f"{redact(url)}: the server says {error.code} {error.reason}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise UndeterminedError(f"{redact(url)}: cannot be fetched: {reason}") from None
    return bytes(content)
