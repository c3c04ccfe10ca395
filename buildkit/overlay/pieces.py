"""References that stand in pieces (registry, name, tag, digest): what each piece must become for the whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from buildkit.model.reference import Reference, ReferenceError, parse_reference  # noqa: A004  # the field's word

if TYPE_CHECKING:
    from collections.abc import Sequence


_VERSION: Final = re.compile(r"[:@][^/]*$")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pieces:
    """What each piece is for: `variant` is what a program appends to the tag (Istio's `-distroless`)."""

    hub: str | None
    own: str
    tag: str | None
    digest: str | None
    variant: str = ""

    @property
    def text(self) -> str:
        hub = f"{self.hub.rstrip('/')}/" if self.hub is not None else ""
        tag = f":{self.tag}{self.variant}" if self.tag is not None else ""
        return f"{hub}{self.own}{tag}" + (f"@{self.digest}" if self.digest is not None else "")


def divide(texts: Sequence[str], reference: Reference, wanted: Reference) -> tuple[str, ...] | None:
    """The new text of each piece, in order; None where no pieces of this kind make the wanted reference.

    Args:
        texts: the pieces as they stand, in the order of `Found.parts`.
        reference: what they make together.
        wanted: what they are to make.
    """
    old = _read([one.strip() for one in texts], reference)
    same = wanted.repository_name == reference.repository_name
    new = _fitted(old, wanted, same=same) if old is not None else None
    if old is None or new is None:
        return None
    order = [new.hub] if old.hub is not None else []
    order += [new.own, *([new.tag] if old.tag is not None else []), *([new.digest] if old.digest is not None else [])]
    return tuple(
        text.replace(text.strip(), piece) if piece is not None else text
        for text, piece in zip(texts, order, strict=True)
    )


def _read(texts: Sequence[str], reference: Reference) -> _Pieces | None:
    """Tell the pieces apart: digest and tag stand last, what is before the name is its registry."""
    rest = list(texts)
    digest = rest.pop() if len(rest) > 1 and rest[-1] == reference.digest else None
    for count in (1, 0):
        names = rest[: len(rest) - count]
        tag = rest[-1] if count and len(rest) > 1 else None
        if not 1 <= len(names) <= 2 or (count and tag is None):  # noqa: PLR2004  # a registry and a name
            continue
        hub = names[0] if len(names) > 1 else None
        variant = (reference.tag or "").removeprefix(tag) if tag and (reference.tag or "").startswith(tag) else ""
        pieces = _Pieces(hub=hub, own=names[-1], tag=tag, digest=digest, variant=variant)
        if _makes(pieces, reference):
            return pieces
    return None


def _makes(pieces: _Pieces, reference: Reference) -> bool:
    try:
        return parse_reference(pieces.text) == reference
    except ReferenceError:
        return False


def _fitted(old: _Pieces, wanted: Reference, *, same: bool) -> _Pieces | None:
    """The same pieces with other texts; a name that stays the same stays as it is written."""
    if old.tag is not None and not wanted.tag and not wanted.digest:
        wanted = replace(wanted, tag="latest")
    hub, own = (old.hub, _VERSION.sub("", old.own)) if same else _named(old, wanted)
    tag, digest = wanted.tag, wanted.digest
    if old.digest is not None and digest is None:
        return None
    if old.tag is None:
        own += f":{tag}" if tag else ""
        own += f"@{digest}" if digest and old.digest is None else ""
    elif tag is None or not tag.endswith(old.variant):
        return None
    else:
        tag = tag.removesuffix(old.variant) + (f"@{digest}" if digest and old.digest is None else "")
    new = replace(
        old,
        hub=hub,
        own=own,
        tag=tag if old.tag is not None else None,
        digest=digest if old.digest is not None else None,
    )
    return new if _makes(new, wanted) else None


def _named(old: _Pieces, wanted: Reference) -> tuple[str | None, str]:
    """Registry and name: of a name in two pieces the second keeps its depth, so that others may share the first."""
    if old.hub is None:
        return None, wanted.repository_name
    steps, count = wanted.repository_name.split("/"), old.own.count("/") + 1
    if len(steps) <= count:
        return "", wanted.repository_name
    return "/".join(steps[:-count]) + ("/" if old.hub.endswith("/") else ""), "/".join(steps[-count:])
