"""The images of a release as text: what the default install pulls, the rest, samples; then the kustomizations."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from buildkit.report.text import bold, columns, count_of, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit.model.image import Image, ImageUse
    from buildkit.model.kustomization import Kustomization

_STATUSES = ("rendered", "covered", "component", "broken")


def images_text(
    source: str,
    images: Sequence[Image],
    kustomizations: Sequence[Kustomization],
    problems: Sequence[str] = (),
    *,
    colour: bool = False,
) -> bytes:
    """UTF-8 text: a table per group, each image with one place and how many more there are."""
    default = [one for one in images if one.default_install]
    rest = [one for one in images if not one.default_install and not _is_sample(one)]
    samples = [one for one in images if not one.default_install and _is_sample(one)]
    title = f"{count_of(len(images), 'image')} in {printable(source)}"
    blocks = [
        [bold(title, colour=colour)],
        _group("Default install", default, colour=colour),
        _group("Other kustomizations", rest, colour=colour),
        _group("Samples", samples, colour=colour),
        _kustomizations(kustomizations, colour=colour),
        [f"Not known: {printable(problem)}" for problem in problems],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block).encode() + b"\n"


def images_list(images: Sequence[Image]) -> bytes:
    """One name per line, sorted."""
    return "".join(f"{one.name}\n" for one in images).encode()


def _is_sample(image: Image) -> bool:
    return all(use.sample for use in image.uses)


def _group(title: str, images: Sequence[Image], *, colour: bool) -> list[str]:
    if not images:
        return []
    rows = [["image", "pinned", "how", "where"], *(_row(image) for image in images)]
    return [
        bold(f"{title}: {count_of(len(images), 'image')}", colour=colour),
        *columns(rows, colour=False, indent="  "),
    ]


def _row(image: Image) -> list[str]:
    use = _first(image.uses)
    more = f" and {len(image.uses) - 1} more" if len(image.uses) > 1 else ""
    return [printable(image.name), image.pinned, use.how, printable(f"{use.file}:{use.line}{more}")]


def _first(uses: Sequence[ImageUse]) -> ImageUse:
    """The use that most renders bring; samples last."""
    return min(uses, key=lambda use: (use.sample, -len(use.kustomizations), use.file, use.line))


def _kustomizations(kustomizations: Sequence[Kustomization], *, colour: bool) -> list[str]:
    if not kustomizations:
        return []
    found = Counter[str](one.status for one in kustomizations)
    tally = ", ".join(f"{found[status]} {status}" for status in _STATUSES if found[status])
    broken = [
        f"  {printable(one.path)}: {printable(one.why or '')}" for one in kustomizations if one.status == "broken"
    ]
    return [bold(f"{count_of(len(kustomizations), 'kustomization')}: {tally}", colour=colour), *broken]
