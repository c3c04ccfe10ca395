"""Remote Kustomize bases: what kustomize takes for a git repository or a file to download, and where we keep it.

The forms are those of kustomize 5.8 (api/internal/git/repospec.go; api/internal/loader/fileloader.go `IsRemoteFile`).
On disk a repository is `HOST/OWNER/REPO@REF/<path>`, a file `https/HOST/PATH` (DESIGN.md, "Input").
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs

_SCHEME = re.compile(r"(?i)(ssh|https?|file)://")
_SCP = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]*@)?(?P<host>[A-Za-z0-9.-]+):(?!//)(?P<path>.+)")
_GITHUB = re.compile(r"(?i)github\.com[/:]")
_USER = re.compile(r"[A-Za-z][A-Za-z0-9-]*@")
_FILE_NAME = re.compile(r"(?i)\.(ya?ml|json)$")
_SAFE_PATH = re.compile(r"[A-Za-z0-9._~+%@=-]+(?:/[A-Za-z0-9._~+%@=-]+)*")
_HOST = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9]+)?")


class RemoteError(ValueError):
    """A remote base that kustomize or we do not take; the message says why."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Remote:
    """A git repository at a ref, or one file over HTTP.

    Attributes:
        kind: `git` or `file`.
        place: where it is kept: `github.com/OWNER/REPO@REF`, `https/HOST/PATH`.
        url: what to clone or to download.
        ref: branch, tag or commit; `HEAD` where none is given. Empty for files.
        path: the folder in the repository, `.` for its root. Empty for files.
    """

    kind: Literal["git", "file"]
    place: str
    url: str
    ref: str = ""
    path: str = ""


def is_remote(text: str) -> bool:
    """Tell whether kustomize would go to the network for this entry of a kustomization."""
    if _SCHEME.match(text) or text.lower().startswith("git::") or _GITHUB.match(text):
        return True
    # `user@host:path`; without a user only GitHub may be written so.
    return bool(_USER.match(text) and _SCP.fullmatch(text.partition("?")[0]))


def parse_remote(text: str) -> Remote:
    """Read a remote base.

    Raises:
        RemoteError: not one we fetch (`file://`, a path that leaves the repository, a name unfit for a folder).
    """
    rest = text[5:] if text.lower().startswith("git::") else text
    address, _, query = rest.partition("?")
    scheme = _SCHEME.match(address)
    name = scheme.group(1).lower() if scheme else ""
    if name == "file":
        raise RemoteError("file:// repositories are not read")
    if name in {"http", "https"} and not query and _FILE_NAME.search(address) and ".git/" not in address:
        return _file(address[scheme.end() if scheme else 0 :], name)
    return _repository(address, query, name)


def _file(address: str, scheme: str) -> Remote:
    host, _, path = _without_user(address).partition("/")
    _check(host, path, address)
    return Remote(kind="file", place=f"https/{host}/{path}", url=f"{scheme}://{host}/{path}")


def _without_user(address: str) -> str:
    head, slash, path = address.partition("/")
    return head.rpartition("@")[2] + slash + path


def _repository(address: str, query: str, scheme: str) -> Remote:
    host, path = _host_and_path(address[len(scheme) + 3 :] if scheme else address, scheme)
    repository, folder = _split(path)
    values = parse_qs(query)
    ref = (values.get("ref") or values.get("version") or ["HEAD"])[0]
    folder = posixpath.normpath(folder.strip("/") or ".")
    if folder.startswith(".."):
        raise RemoteError("its path leaves the repository")
    _check(host, repository, address)
    if not _SAFE_PATH.fullmatch(ref) or ".." in ref or ref.startswith("-"):
        raise RemoteError(f"'{ref}' is no name of a branch, tag or commit")
    bare = repository.removesuffix(".git")
    web = "https" if scheme in {"", "ssh"} else scheme
    return Remote(
        kind="git", place=f"{host.lower()}/{bare}@{ref}", url=f"{web}://{host}/{repository}", ref=ref, path=folder
    )


def _host_and_path(rest: str, scheme: str) -> tuple[str, str]:
    if scheme:
        host, _, path = _without_user(rest).partition("/")
        return host, path
    scp = _SCP.fullmatch(rest)
    if scp and "/" not in rest.partition(":")[0]:
        return scp["host"], scp["path"].lstrip("/")
    host, _, path = rest.partition("/")
    return host, path


def _split(path: str) -> tuple[str, str]:
    """Tell the repository from the folder in it, as kustomize does: `_git/`, `//`, `.git`, else two segments."""
    if "_git/" in path:
        head, _, tail = path.partition("_git/")
        repository, _, folder = tail.partition("/")
        return f"{head}_git/{repository}", folder
    if "//" in path:
        repository, _, folder = path.partition("//")
        return repository, folder
    if ".git" in path:
        head, _, folder = path.partition(".git")
        return head + ".git", folder
    owner, slash, rest = path.partition("/")
    if not slash:
        raise RemoteError(f"'{path}' names no repository")
    name, _, folder = rest.partition("/")
    return f"{owner}/{name}", folder


def _check(host: str, path: str, address: str) -> None:
    steps = path.split("/")
    if not _HOST.fullmatch(host) or not _SAFE_PATH.fullmatch(path) or {".", ".."} & set(steps):
        raise RemoteError(f"'{_without_user(address)}' is no address of a repository or file")
