"""Charts in registries, by helm itself: the network, and the credentials of `helm registry login` or `docker login`.

Nothing else of the user's is used: no plugin, no cache. Credentials come to helm in files that the environment names,
never in an argument.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.edges.files import read_limited, scratch_folder
from buildkit.edges.helm_package import MOST_ARCHIVE
from buildkit.edges.helm_run import ask, own_folders
from buildkit.edges.process import MIB, Limits
from buildkit.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit.edges.helm_package import Packaged
    from buildkit.edges.tools import Program

LIMITS: Final = Limits(seconds=300, output=MIB, memory=4096 * MIB)
_DIGEST: Final = re.compile(r"^Digest: (sha256:[0-9a-f]{64})$", re.MULTILINE)
_DENIED: Final = re.compile(r"\b40[13]\b|unauthorized|denied|basic credential not found", re.IGNORECASE)
_LOGIN: Final = "`helm registry login` or `docker login` gives helm what it pushes with."
_FILES: Final = ("HELM_CONFIG_HOME", "HELM_REGISTRY_CONFIG", "DOCKER_CONFIG")


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """How a registry is spoken to.

    Attributes:
        plain: over HTTP, without TLS.
        verified: whether somebody has to vouch for its certificate.
        authorities: a file of those who may; None for the system's.
    """

    plain: bool = False
    verified: bool = True
    authorities: Path | None = None

    @property
    def arguments(self) -> tuple[str, ...]:
        """Options of helm's."""
        if self.plain:
            return ("--plain-http",)
        if not self.verified:
            return ("--insecure-skip-tls-verify",)
        return (f"--ca-file={self.authorities}",) if self.authorities else ()


def push(program: Program, packaged: Packaged, registry: str, access: Access) -> str:
    """Push a packaged chart; gives the digest of its manifest, as helm says.

    The same archive gives the same manifest: helm writes the time of the file into it, which is that of the chart's
    newest file here.

    Args:
        program: helm.
        packaged: the archive.
        registry: `oci://HOST/PREFIX`; helm adds name and version.
        access: how the registry is spoken to.

    Raises:
        UndeterminedError: it could not be pushed.
    """
    with scratch_folder() as scratch:
        archive, home = scratch / "chart.tgz", scratch / "home"
        home.mkdir()
        archive.write_bytes(packaged.data)
        os.utime(archive, (packaged.epoch, packaged.epoch))
        arguments = ["push", *access.arguments, "--", str(archive), registry]
        names = {str(archive): packaged.file}
        done = ask(program, arguments, home=home, limits=LIMITS, env=connected(home), names=names)
    if done.why is not None:
        hint = _LOGIN if _DENIED.search(done.why) else ""
        raise UndeterminedError(f"{packaged.file}: could not be pushed to {registry}: {done.why}", hint=hint)
    # Helm 3 says it on standard error.
    found = _DIGEST.search("\n".join((done.out.decode("utf-8", "replace"), *done.warnings)))
    if found is None:
        raise UndeterminedError(f"{packaged.file}: helm does not say which digest it pushed to {registry}")
    return found[1]


def pull(program: Program, chart: str, version: str, access: Access) -> bytes:
    """The archive that a registry has of a chart now.

    Args:
        program: helm.
        chart: `oci://HOST/PREFIX/NAME`.
        version: of the chart.
        access: how the registry is spoken to.

    Raises:
        UndeterminedError: it could not be pulled, or is larger than helm takes.
    """
    with scratch_folder() as scratch:
        target, home = scratch / "pulled", scratch / "home"
        target.mkdir()
        home.mkdir()
        arguments = ["pull", f"--version={version}", f"--destination={target}", *access.arguments, "--", chart]
        done = ask(program, arguments, home=home, limits=LIMITS, env=connected(home))
        if done.why is not None:
            hint = _LOGIN if _DENIED.search(done.why) else ""
            raise UndeterminedError(f"{chart}:{version}: could not be pulled: {done.why}", hint=hint)
        found = sorted(target.glob("*.tgz"))
        if len(found) != 1:
            raise UndeterminedError(f"{chart}:{version}: helm pulled {len(found)} archives of it")
        return read_limited(found[0], MOST_ARCHIVE)


def connected(home: Path, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variables of a run that may use the user's credentials; what else of helm's is in `environment` has no say."""
    found = {name: environment[name] for name in _FILES if environment.get(name)}
    # Where the other commands look first for credentials; the form of the file is the same.
    if "HELM_REGISTRY_CONFIG" not in found and environment.get("REGISTRY_AUTH_FILE"):
        found["HELM_REGISTRY_CONFIG"] = environment["REGISTRY_AUTH_FILE"]
    # Helm runs in another folder than the user.
    named = {name: str(Path(value).absolute()) for name, value in found.items()}
    return {**own_folders(home), **named, "HELM_REPOSITORY_CONFIG": str(home / "repositories.yaml"), "TZ": "UTC"}


def registry_config(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The file that `helm registry login` writes, where there is one: its form is that of Docker's config.json."""
    home = environment.get("HOME") or "/"
    usual = f"{home}/Library/Preferences" if sys.platform == "darwin" else f"{home}/.config"
    folder = environment.get("HELM_CONFIG_HOME") or f"{environment.get('XDG_CONFIG_HOME') or usual}/helm"
    named = environment.get("HELM_REGISTRY_CONFIG") or f"{folder}/registry/config.json"
    return Path(named) if Path(named).is_file() else None
