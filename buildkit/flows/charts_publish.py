"""`kfkit charts publish`: archives to a registry, by helm, and back again.

What each tag stands for is looked at before anything is pushed: where one is taken by something else, or that cannot
be found out, nothing is. Pushed is what could be pulled again, byte by byte.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.charts.packages import Publication, Published
from buildkit.edges.credentials import read_credentials
from buildkit.edges.helm_package import Packaged, read_package
from buildkit.edges.helm_registry import Access, pull, push, registry_config
from buildkit.edges.registry.client import RegistryClient, open_registry
from buildkit.edges.tools import HELM, Program, find_program
from buildkit.errors import UndeterminedError, UsageError
from buildkit.model.facts import Failure
from buildkit.model.reference import Reference, ReferenceError, parse_reference  # noqa: A004  # the field's word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.edges.registry.artifact import Artifact
    from buildkit.flows.watch import Watch

_SCHEME: Final = "oci://"
_CHART: Final = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
_KEPT: Final = "not pushed: not every chart of this run could be"


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishRequest:
    """What is published.

    Attributes:
        archives: packaged charts; none for all in `packages`.
        packages: a folder of archives.
        registry: `oci://HOST/PREFIX`.
        force: whether a version that is taken is pushed over.
        check: only look what is there.
    """

    archives: tuple[Path, ...]
    packages: Path
    registry: str
    force: bool = False
    check: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Job:
    """An archive, and the tag that it is for."""

    path: Path
    packaged: Packaged
    reference: Reference

    @property
    def sha256(self) -> str:
        return sha256(self.packaged.data).hexdigest()

    def outcome(self) -> Published:
        """Before anything is known."""
        return Published(
            chart=self.packaged.name,
            version=self.packaged.version,
            file=str(self.path),
            reference=_SCHEME + self.reference.name,
            sha256=self.sha256,
            state="absent",
        )


def open_client(registries_conf: Path | None) -> RegistryClient:
    """A client that has the credentials that helm has.

    Raises:
        UsageError: registries.conf or a file of credentials is wrong.
    """
    environment = dict(os.environ)
    helm = registry_config()
    if helm and not environment.get("REGISTRY_AUTH_FILE"):
        environment["REGISTRY_AUTH_FILE"] = str(helm)
    return open_registry(registries_conf, credentials=read_credentials(environment))


def publish_charts(request: PublishRequest, client: RegistryClient, watch: Watch) -> Publication:
    """Push every archive and pull it back.

    Raises:
        UsageError: no archive, one that is no chart, two for one tag, or a registry that is none.
        UndeterminedError: there is no helm that will do.
    """
    jobs = _jobs(request)
    program = find_program(HELM)
    with watch.stage("look"):
        seen = [_look(job, client.artifact(job.reference), request) for job in jobs]
    if request.check:
        return Publication(registry=request.registry, charts=tuple(seen))
    if any(one.state in {"refused", "failed"} for one in seen):
        kept = (replace(one, reason=_KEPT) if one.state == "absent" else one for one in seen)
        return Publication(registry=request.registry, charts=tuple(kept))
    with watch.stage("push"):
        done: list[Published] = []
        for job, one in zip(jobs, seen, strict=True):
            done.append(_publish(job, one, program, client))
            watch.count("charts published", len(done), len(jobs))
    return Publication(registry=request.registry, charts=tuple(done))


def _jobs(request: PublishRequest) -> Sequence[_Job]:
    paths = request.archives or tuple(sorted(request.packages.glob("*.tgz")))
    if not paths:
        raise UsageError(
            f"{request.packages}: no packaged chart in it", hint="`kfkit charts package` makes them; or name archives"
        )
    known: dict[Reference, _Job] = {}
    for path in paths:
        packaged = read_package(path)
        job = _Job(path=path, packaged=packaged, reference=tag_of(request.registry, packaged.name, packaged.version))
        if job.reference in known:
            raise UsageError(f"{path}: {known[job.reference].path} is {packaged.name} {packaged.version} too")
        known[job.reference] = job
    return sorted(known.values(), key=lambda job: (job.packaged.name, job.packaged.version))


def tag_of(registry: str, name: str, version: str) -> Reference:
    """The tag that helm gives a chart; `+`, which a tag cannot hold, becomes `_`.

    Raises:
        UsageError: the registry is none, or name and version make no reference.
    """
    place = registry.removeprefix(_SCHEME).rstrip("/")
    if not registry.startswith(_SCHEME) or "@" in place or not place:  # not quoted: it may hold a password
        raise UsageError("--registry: want oci://HOST[:PORT][/PREFIX], without credentials")
    try:
        reference = parse_reference(f"{place}/{name}:{version.replace('+', '_')}")
    except ReferenceError as error:
        raise UsageError(f"--registry: {name} {version} cannot go to {registry}: {error}") from error
    if reference.repository_name != f"{place}/{name}":
        raise UsageError(f"--registry: {registry}: its first part is no host: want a name with a dot or a port")
    return reference


def _look(job: _Job, found: Artifact | Failure | None, request: PublishRequest) -> Published:
    """What is there, judged: `absent` is what may be pushed."""
    outcome = job.outcome()
    if found is None:
        return outcome
    if isinstance(found, Failure):
        # Some registries say so of a repository that is not there yet, too.
        if found.denied and request.force:
            return outcome
        reason = f"whether it is there could not be found out: {found.reason}"
        return replace(outcome, state="failed", reason=reason, unknown=True)
    outcome = replace(outcome, digest=found.digest)
    chart = _chart(found)
    if chart == f"sha256:{job.sha256}":
        return replace(outcome, state="there")
    if request.force:
        return replace(outcome, digest=None)
    what = f"another archive ({chart})" if chart else "something that is no chart"
    return replace(outcome, state="refused", reason=f"the tag stands for {what}; --force pushes over it")


def _chart(artifact: Artifact) -> str | None:
    """Digest of the archive in what a tag stands for."""
    return next((layer.digest for layer in artifact.layers if layer.media_type == _CHART), None)


def _publish(job: _Job, seen: Published, program: Program, client: RegistryClient) -> Published:
    try:
        registry, access = _way(job, client)
        if seen.state == "there":
            return _proven(job, seen, pull(program, f"{registry}/{job.packaged.name}", job.packaged.version, access))
        digest = push(program, job.packaged, registry, access)
        pushed = replace(seen, state="pushed", digest=digest)
        now = client.artifact(job.reference)
        if isinstance(now, Failure):
            reason = f"pushed, but it could not be read back: {now.reason}"
            return replace(pushed, state="failed", reason=reason, unknown=True)
        if now is None or now.digest != digest:
            there = now.digest if now else "nothing"
            return replace(pushed, state="failed", reason=f"pushed as {digest}, and the tag stands for {there}")
        return _proven(job, pushed, pull(program, f"{registry}/{job.packaged.name}", job.packaged.version, access))
    except UndeterminedError as error:
        reason = f"{error}" + (f" ({error.hint})" if error.hint else "")
        return replace(seen, state="failed", reason=reason, unknown=True)


def _way(job: _Job, client: RegistryClient) -> tuple[str, Access]:
    """Where helm pushes to, and how: registries.conf, which it does not know, may lead elsewhere."""
    place = client.pushed_to(job.reference)
    if place is None:
        raise UndeterminedError("registries.conf blocks it")
    prefix, _, name = place.repository.rpartition("/")
    if name != job.packaged.name:
        raise UndeterminedError(f"registries.conf leads to {place.repository}: helm names a repository as the chart")
    named = os.environ.get("SSL_CERT_FILE")
    access = Access(plain=place.plain, verified=place.verified, authorities=Path(named).absolute() if named else None)
    return f"{_SCHEME}{place.host}" + (f"/{prefix}" if prefix else ""), access


def _proven(job: _Job, outcome: Published, pulled: bytes) -> Published:
    if pulled == job.packaged.data:
        return outcome
    return replace(outcome, state="failed", reason=f"what is pulled is not what was pushed: {len(pulled)} other bytes")
