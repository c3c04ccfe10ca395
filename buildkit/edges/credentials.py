"""Credentials for registries: REGISTRY_AUTH_FILE, then Docker's config.json, read through the docker SDK.

The SDK decodes `auth` and runs credential helpers (`credsStore`, `credHelpers`); which entry counts is decided here,
because keys may name a path (`quay.io/team`, containers-auth.json(5)) and the SDK would use such a one for all of its
host. The SDK is imported only when a file has something to say (0.2 s).
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from buildkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_HUB = "docker.io"
_HUB_KEY = "https://index.docker.io/v1/"
_HUB_HOSTS = frozenset({_HUB, "index.docker.io", "registry-1.docker.io"})
_HELPER_SECONDS = 30.0
_FILE_LIMIT = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """A user and password, or an identity token, or the problem that kept us from having them."""

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    problem: str = ""


class CredentialStore:
    """Looks credentials up by host and repository, each host's helper asked once; safe to use from many threads."""

    def __init__(self, configs: tuple[Mapping[str, Any], ...]) -> None:
        self._configs = configs
        self._lock = Lock()
        self._known: dict[tuple[str, str | None], Credentials | None] = {}

    def find(self, host: str, repository: str) -> Credentials | None:
        """Credentials for a repository of a host (`docker.io`, `quay.io`, `localhost:5000`), None without any."""
        host = _HUB if host in _HUB_HOSTS else host
        for config in self._configs:
            key = _auth_key(config, host, repository)
            if key is None and not _has_helper(config, host):
                continue
            with self._lock:
                if (host, key) not in self._known:
                    self._known[host, key] = _resolve_in_time(config, host, key)
                found = self._known[host, key]
            if found:
                return found
        return None


def read_credentials(environment: Mapping[str, str] = os.environ) -> CredentialStore:
    """Read the files that the environment names.

    Raises:
        UsageError: a file that is no JSON object, or REGISTRY_AUTH_FILE names none.
    """
    configs = []
    named = environment.get("REGISTRY_AUTH_FILE")
    if named:
        if not Path(named).is_file():
            raise UsageError(f"REGISTRY_AUTH_FILE: {named} is not there", hint="Unset it to go without credentials.")
        configs.append(_read(Path(named)))
    home = environment.get("DOCKER_CONFIG") or str(Path.home() / ".docker")
    path = Path(home) / "config.json"
    if path.is_file():
        configs.append(_read(path))
    return CredentialStore(tuple(config for config in configs if config))


def _read(path: Path) -> Mapping[str, Any]:
    hint = "It holds credentials, so its content is not shown."
    try:
        text = path.read_bytes()[:_FILE_LIMIT]
        config = json.loads(text) if text.strip() else {}
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path}: not JSON", hint=hint) from None
    if not isinstance(config, dict):
        raise UsageError(f"{path}: not a JSON object", hint=hint)
    for key, kind in (("auths", dict), ("credHelpers", dict), ("credsStore", str)):
        if config.get(key) is not None and not isinstance(config[key], kind):
            raise UsageError(f"{path}: {key}: wrong type", hint=hint)
    return config


def _auth_key(config: Mapping[str, Any], host: str, repository: str) -> str | None:
    """Key of the entry for the longest part of `host/repository`; old keys are URLs (`https://index.docker.io/v1/`)."""
    by_place = {_place(str(key)): str(key) for key in config.get("auths") or {}}
    place = f"{host}/{repository}"
    while place:
        if place in by_place:
            return by_place[place]
        place = place.rpartition("/")[0]
    return None


def _place(key: str) -> str:
    """`quay.io/team` of a key; what follows the host of a URL says nothing (`/v1/`, `/v2/`)."""
    for scheme in ("https://", "http://"):
        if key.startswith(scheme):
            key = key.removeprefix(scheme).partition("/")[0]
    host, slash, path = key.rstrip("/").partition("/")
    if path in {"v1", "v2"}:
        slash = path = ""
    return (_HUB if host in _HUB_HOSTS else host) + slash + path


def _has_helper(config: Mapping[str, Any], host: str) -> bool:
    return bool(config.get("credsStore") or _helpers(config, host))


def _helpers(config: Mapping[str, Any], host: str) -> dict[str, str]:
    """The helper of this host, under the key the SDK looks for."""
    helpers = config.get("credHelpers") or {}
    name = helpers.get(host) or (helpers.get(_HUB_KEY) if host == _HUB else None)
    return {_HUB_KEY if host == _HUB else host: name} if isinstance(name, str) and name else {}


def _resolve_in_time(config: Mapping[str, Any], host: str, key: str | None) -> Credentials | None:
    """Helpers are programs of others: one that hangs is left behind."""
    found: list[Credentials | None] = []
    thread = Thread(target=lambda: found.append(_resolve(config, host, key)), daemon=True)
    thread.start()
    thread.join(_HELPER_SECONDS)
    return found[0] if found else Credentials(problem="the credential helper does not answer")


def _resolve(config: Mapping[str, Any], host: str, key: str | None) -> Credentials | None:
    helpers = _helpers(config, host)
    helper = next(iter(helpers.values()), None) or config.get("credsStore")
    if helper and shutil.which(f"docker-credential-{helper}") is None:
        return Credentials(problem=f"docker-credential-{helper} is not installed")
    entry = config["auths"][key] if key is not None else None
    if helper is None and isinstance(entry, dict) and not entry.get("auth") and entry.get("username"):
        return _from_entry(entry)  # spelled out, which Docker takes and its SDK does not
    from docker import auth  # noqa: PLC0415  # 0.2 s
    from docker.errors import DockerException  # noqa: PLC0415

    chosen = {"auths": {host: entry}} if key is not None else {}
    try:
        found = auth.AuthConfig.load_config(
            None, {**chosen, "credsStore": config.get("credsStore"), "credHelpers": helpers}
        ).resolve_authconfig(host)
    except DockerException:
        return Credentials(problem=f"docker-credential-{helper} failed")  # what it printed may be secret
    except (ValueError, KeyError, TypeError, AttributeError):
        return Credentials(problem=f"the entry for {host} cannot be decoded")
    return _from_entry(found or {})


def _from_entry(entry: Mapping[str, Any]) -> Credentials | None:
    """The SDK's entries are spelled in lower case from `auths` and capitalised from helpers."""
    values = {str(key).lower(): str(value or "") for key, value in entry.items()}
    found = Credentials(
        username=values.get("username", ""),
        password=values.get("password", ""),
        identity_token=values.get("identitytoken", ""),
    )
    return found if found.username or found.identity_token else None
