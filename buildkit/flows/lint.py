"""`kfkit build lint`: Dockerfiles -> what breaks on a required platform, what their bases serve, a patch."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.builds.lint.bases import judge_base, not_a_reference, unasked, without_names
from buildkit.builds.lint.check import Asked, check_dockerfile, installs_python
from buildkit.builds.lint.context import Binary
from buildkit.builds.lint.ignore import apply_ignores
from buildkit.builds.lint.result import AskedBase, Checked, Lint, LintFinding, Skipped
from buildkit.dockerfile.dockerfile import Dockerfile
from buildkit.dockerfile.errors import DockerfileError
from buildkit.dockerfile.parse import parse_dockerfile
from buildkit.edges.dockerfiles import FolderContext, find_dockerfiles, read_dockerfile
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.inspect import inspect_references
from buildkit.model.inspection import Depth
from buildkit.model.platform import Platform, parse_platform
from buildkit.model.reference import Reference, ReferenceError, parse_reference  # noqa: A004  # the field's word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildkit.builds.lint.result import Base, Ignored
    from buildkit.builds.lint.rules.wheels import Wheel
    from buildkit.edges.dockerfiles import FoundFile
    from buildkit.edges.registry.client import RegistryClient
    from buildkit.flows.watch import Watch

_DATA: Final = "buildkit/data/wheels.yaml"
_ARM64: Final = "arm64"


@dataclass(frozen=True, kw_only=True, slots=True)
class LintRequest:
    """What to look at, and what is required.

    Attributes:
        paths: Dockerfiles, and folders that have some.
        platforms: the required ones.
        depth: how far a registry is read.
    """

    paths: tuple[str, ...]
    platforms: tuple[Platform, ...]
    depth: Depth = "config"


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    """A Dockerfile that was read and checked."""

    dockerfile: Dockerfile
    checked: Checked
    inside: str


def lint(request: LintRequest, registry: RegistryClient | None, watch: Watch) -> Lint:
    """Check the Dockerfiles; without a registry (offline) what the bases serve is not looked at.

    Raises:
        UsageError: a path that is not there, or no Dockerfile at all.
        UndeterminedError: more files than a checkout has.
    """
    problems: list[str] = []
    with watch.stage("files"):
        found = _read(request, problems)
    if not found and not problems:
        raise UsageError(
            f"no Dockerfile in {', '.join(request.paths)}",
            hint="Dockerfile, Dockerfile.*, *.Dockerfile and Containerfile count; templates, vendor folders do not.",
        )
    looked_at = [one for one in found if one.checked.skipped is None]
    bases, findings = _ask(looked_at, request, registry, watch)
    kept, ignored = _settled(looked_at, (*findings, *_own(looked_at, bases)), asked=registry is not None)
    return Lint(
        required=tuple(sorted(map(str, request.platforms))),
        files=len(looked_at),
        findings=kept,
        ignored=ignored,
        bases=bases,
        skipped=tuple(
            Skipped(file=one.dockerfile.name, reason=one.checked.skipped) for one in found if one.checked.skipped
        ),
        problems=tuple(sorted(problems)),
        inside={one.dockerfile.name: one.inside for one in found},
        patch=_patch(looked_at, kept) if any(one.certain for one in kept) else "",
    )


def _read(request: LintRequest, problems: list[str]) -> list[_File]:
    """Every Dockerfile once, by its name."""
    found: dict[str, tuple[FoundFile, str]] = {}
    for path in request.paths:
        for file in find_dockerfiles(path, problems):
            found.setdefault(file.name, (file, path))
    texts: dict[str, str] = {}
    for name in sorted(found):
        try:
            texts[name] = read_dockerfile(found[name][0])
        except UndeterminedError as error:
            problems.append(str(error))
    wheels = _wheels(request, texts.values())
    known: dict[tuple[str, str], tuple[tuple[str, str], ...] | None] = {}
    read: list[_File] = []
    for name, text in texts.items():
        file, path = found[name]
        try:
            dockerfile = parse_dockerfile(text, name)
            asked = Asked(platforms=request.platforms, wheels=wheels, context=_Context(file, known))
            checked = check_dockerfile(dockerfile, asked)
        except DockerfileError as error:
            problems.append(str(error))
            continue
        read.append(_File(dockerfile=dockerfile, checked=checked, inside=_inside(name, path)))
    return read


class _Context:
    """What rules ask about the folder that a Dockerfile is built in."""

    def __init__(self, file: FoundFile, known: dict[tuple[str, str], tuple[tuple[str, str], ...] | None]) -> None:
        self._folder = FolderContext(file, known)

    def binaries(self, path: str) -> tuple[Binary, ...]:
        return tuple(Binary(path=name, architecture=machine) for name, machine in self._folder.binaries(path))

    def text(self, path: str) -> str | None:
        return self._folder.text(path)


def _wheels(request: LintRequest, texts: Iterable[str]) -> tuple[Wheel, ...]:
    """What is known of Python packages, where one of the files installs some on arm64."""
    if not any(one.architecture == _ARM64 for one in request.platforms) or not any(map(installs_python, texts)):
        return ()
    from importlib.resources import files  # noqa: PLC0415  (heavy, as YAML is)

    from buildkit.builds.lint.wheel_data import parse_wheels  # noqa: PLC0415

    data = files("buildkit").joinpath("data", "wheels.yaml").read_text("utf-8")
    return parse_wheels(data, _DATA)


def _inside(name: str, path: str) -> str:
    """A file's path in the current directory; of one outside in the folder that was named, or its name alone."""
    if not os.path.isabs(name) and not name.startswith(".."):  # noqa: PTH117  (text, not the file system)
        return name
    here = os.path.relpath(name)
    if not here.startswith(".."):
        return here
    return os.path.relpath(name, path) if Path(path).is_dir() else os.path.basename(name)  # noqa: PTH119


def _ask(
    files: Sequence[_File], request: LintRequest, registry: RegistryClient | None, watch: Watch
) -> tuple[tuple[AskedBase, ...], tuple[LintFinding, ...]]:
    """What registries say of the images that the files take."""
    bases = [base for one in files for base in one.checked.bases]
    if registry is None:
        return tuple(
            unasked(base) or AskedBase(base=base, reason="offline: no registry is asked") for base in bases
        ), ()
    references, wrong = _references(bases)
    platforms = {name: parse_platform(name) for base in bases for name in base.platforms}
    unique = list(dict.fromkeys(references.values()))
    seen = inspect_references(unique, list(platforms.values()), registry, watch, depth=request.depth)
    by_name = {one.name: one for one in seen}
    asked: list[AskedBase] = []
    findings: list[LintFinding] = []
    for base in bases:
        if base.name is None:
            asked += [one for one in (unasked(base),) if one]
        elif base.name in wrong:
            one, finding = not_a_reference(base, wrong[base.name])
            asked.append(one)
            findings.append(finding)
        else:
            judged, said = judge_base(base, by_name[references[base.name].name])
            asked.append(judged)
            findings += said
    return tuple(asked), tuple(findings)


def _references(bases: Iterable[Base]) -> tuple[dict[str, Reference], dict[str, str]]:
    """Names as references, and those that are none, with the reason."""
    references: dict[str, Reference] = {}
    wrong: dict[str, str] = {}
    for base in bases:
        if base.name is not None:
            try:
                references[base.name] = parse_reference(base.name)
            except ReferenceError as error:
                wrong[base.name] = str(error)
    return references, wrong


def _own(files: Iterable[_File], asked: tuple[AskedBase, ...]) -> tuple[LintFinding, ...]:
    return without_names(tuple(finding for one in files for finding in one.checked.findings), asked)


def _settled(
    files: Iterable[_File], findings: Sequence[LintFinding], *, asked: bool
) -> tuple[tuple[LintFinding, ...], tuple[Ignored, ...]]:
    by_file: dict[str, list[LintFinding]] = {}
    for finding in findings:
        by_file.setdefault(finding.file, []).append(finding)
    kept: list[LintFinding] = []
    ignored: list[Ignored] = []
    for one in files:
        stays, taken = apply_ignores(one.dockerfile, by_file.get(one.dockerfile.name, []), asked=asked)
        kept += stays
        ignored += taken
    return tuple(kept), tuple(ignored)


def _patch(files: Iterable[_File], findings: Sequence[LintFinding]) -> str:
    """What mends everything that is certain, as `git apply` takes it."""
    from buildkit.pins.patch import unified  # noqa: PLC0415  (only where something can be mended)
    from buildkit.pins.pin import Edit  # noqa: PLC0415

    patches = []
    for one in files:
        text = one.dockerfile.text
        edits = sorted({edit for finding in findings if finding.file == one.dockerfile.name for edit in finding.edits})
        chosen: list[Edit] = []
        for edit in edits:
            if not chosen or edit.start >= chosen[-1].end:
                old = text[edit.start : edit.end]
                chosen.append(Edit(file=one.inside, start=edit.start, end=edit.end, old=old, new=edit.new))
        if chosen:
            patches.append(unified(one.inside, text, chosen))
    return "".join(patches)
