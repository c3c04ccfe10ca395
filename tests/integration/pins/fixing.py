"""Pins planned by hand in a small tree, and a run of the fix over them: no registry is needed for that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from buildkit.flows.fix import FixRequest, fix_pins
from buildkit.flows.images import ImagesRequest, collect_images
from buildkit.flows.pins import PinsResult
from buildkit.flows.reach import reaching
from buildkit.flows.watch import Watch
from buildkit.pins.judged import JudgedPins
from buildkit.pins.pin import Class, Edit, Pin, Tie

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from buildkit.pins.pin import Kind

OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def write_tree(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    return root


def resources(*names: str, more: str = "") -> str:
    return "resources:\n" + "".join(f"- {name}\n" for name in names) + more


def pod(image: str, name: str = "web") -> str:
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  containers:\n  - name: x\n    image: {image}\n"
    )


def examined(root: Path, *pins: Pin, remotes: tuple[Path, ...] = ()) -> PinsResult:
    """A tree as `check_pins` would give it, with these pins."""
    request = ImagesRequest(manifests=str(root), remotes=remotes, offline=True, lock=root.parent / "kfkit.lock")
    images = collect_images(request, Watch())
    assert images.tree is not None
    taken = reaching(images.tree)
    known = tuple(replace(pin, tie=replace(pin.tie, kustomizations=taken.get(pin.tie.file, ()))) for pin in pins)
    judged = JudgedPins(source=str(root), required=("linux/amd64", "linux/arm64"), mode="repin", pins=known)
    return PinsResult(judged=judged, images=images)


def planned(root: Path, file: str, old: str = OLD, new: str = NEW, *, nth: int = 0, kind: Kind = "digest") -> Pin:  # noqa: PLR0913
    """A pin on the nth occurrence of a text."""
    text = (root / file).read_bytes().decode()
    start = -1
    for _ in range(nth + 1):
        start = text.index(old, start + 1)
    edit = Edit(file=file, start=start, end=start + len(old), old=old, new=new)
    line = text.count("\n", 0, start) + 1
    tie = Tie(kind=kind, value=old, file=file, line=line, column=1, start=start)
    return Pin(tie=tie, class_=Class.SINGLE_PLATFORM, proposed=new, edits=(edit,), outcome="planned")


def fix(
    result: PinsResult, *, write: bool = True, include_vendored: bool = False, told: list[str] | None = None
) -> JudgedPins:
    watch = Watch(tell=told.append) if told is not None else Watch()
    return fix_pins(FixRequest(write=write, include_vendored=include_vendored), result, watch).judged
