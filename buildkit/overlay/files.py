"""The files of an overlay: a kustomization, a patch for each object, and for a mirror what to copy into it."""

from __future__ import annotations

import hashlib
import re
import shlex
from typing import TYPE_CHECKING, Final

from buildkit.compare.comparison import Absent
from buildkit.overlay import yaml_text
from buildkit.overlay.overlay import Copy, OverlayFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.compare.comparison import Json
    from buildkit.model.resource import ObjectId
    from buildkit.overlay.operation import Operation
    from buildkit.overlay.target import Target

MARKER: Final = ".kfkit-overlay"
IMAGES: Final = "images.txt"
COPY: Final = "copy.sh"
KUSTOMIZATION: Final = "kustomization.yaml"
OBJECTS: Final = "objects.yaml"
PATCHES: Final = "patches"
_LONGEST: Final = 100


def overlay_files(
    head: Sequence[str], base: str, patches: Sequence[tuple[Target, Sequence[Operation]]], copies: Sequence[Copy]
) -> tuple[OverlayFile, ...]:
    """All files of an overlay, its marker too.

    Args:
        head: what made it, for people; stands as a comment in each file.
        base: the install, as `resources` names it.
        patches: targets and what to do to them, sorted.
        copies: what a mirror has to hold; empty without one.
    """
    comment = yaml_text.comment(list(head))
    targets = [target for target, _ in patches]
    names = _names([target.id for target in targets])
    files = [OverlayFile(path=KUSTOMIZATION, text=comment + _kustomization(base, targets, names))]
    if any(one.alone for one in targets):
        files.append(OverlayFile(path=OBJECTS, text=comment + _objects(targets)))
    for name, (target, operations) in zip(names, patches, strict=True):
        files.append(OverlayFile(path=name, text=comment + f"# {target.id}\n" + "".join(map(_operation, operations))))
    if copies:
        files.append(OverlayFile(path=IMAGES, text="".join(f"{one.source} -> {one.target}\n" for one in copies)))
        files.append(OverlayFile(path=COPY, text=_script(comment, copies)))
    listed = "".join(f"{path}\n" for path in sorted([MARKER, *(one.path for one in files)]))
    return (*files, OverlayFile(path=MARKER, text=comment + listed))


def files_of(marker: str) -> frozenset[str]:
    """The files that a marker lists."""
    return frozenset(line for line in marker.split("\n") if line and not line.startswith("#"))


def _names(objects: Sequence[ObjectId]) -> list[str]:
    """File names of patches, by kind, namespace and name; each once, whatever letters its object's name has."""
    names: list[str] = []
    for one in objects:
        text = "-".join(part for part in (one.kind, one.namespace, one.name) if part).lower()
        plain = re.sub(r"[^a-z0-9.-]+", "-", text).strip("-.")
        if len(plain) > _LONGEST or f"{PATCHES}/{plain}.yaml" in names:
            plain = f"{plain[:_LONGEST]}-{hashlib.sha256(str(one).encode()).hexdigest()[:8]}"
        names.append(f"{PATCHES}/{plain}.yaml")
    return names


def _kustomization(base: str, targets: Sequence[Target], names: Sequence[str]) -> str:
    rows = [
        "apiVersion: kustomize.config.k8s.io/v1beta1",
        "kind: Kustomization",
        "resources:",
        f"- {yaml_text.scalar(base)}",
    ]
    rows += ["patches:"] if targets else []
    for target, name in zip(targets, names, strict=True):
        rows += [f"- path: {yaml_text.scalar(name)}", "  target:"]
        rows += [f"    {key}: {yaml_text.scalar(text)}" for key, text in target.fields()]
    rows += ["replacements:", f"- path: {OBJECTS}"] if any(one.alone for one in targets) else []
    return "\n".join(rows) + "\n"


def _objects(targets: Sequence[Target]) -> str:
    """Replacements that replace nothing: kustomize leaves out a patch whose object is gone, and fails for these."""
    rows = [
        "# Nothing is replaced: kustomize fails where one of these objects is gone, and would leave out its patch.\n"
    ]
    for target in targets:
        if target.alone:
            source = ", ".join(f"{key}: {yaml_text.scalar(text)}" for key, text in target.plain() if text)
            rows.append(
                f"- source: {{{source}}}\n  targets: [{{select: {{kind: none}}, fieldPaths: [metadata.name]}}]\n"
            )
    return "".join(rows)


def _operation(one: Operation) -> str:
    """The old value is tested first: over another release the build fails instead of patching what it does not know."""
    return "".join(_steps(one))


def _steps(one: Operation) -> Iterator[str]:
    yield _step("test", one.pointer, one.old)
    if isinstance(one.new, Absent):
        yield f"- op: remove\n  path: {yaml_text.scalar(one.pointer)}\n"
    else:
        yield _step("add" if one.old is None else "replace", one.pointer, one.new)


def _step(name: str, pointer: str, value: Json) -> str:
    return f"- op: {name}\n  path: {yaml_text.scalar(pointer)}\n  value: {yaml_text.value(value, '  ')}\n"


def _script(comment: str, copies: Sequence[Copy]) -> str:
    """A script that copies every image with crane (github.com/google/go-containerregistry)."""
    rows = [f"crane copy {shlex.quote(one.source)} {shlex.quote(one.target)}" for one in copies]
    return "\n".join(["#!/bin/sh", comment.rstrip("\n"), "set -eu", *rows]) + "\n"
