"""`$(NAME)` in arguments and variables of a container, which the kubelet replaces by the container's own variables.

A variable sees those before it, an argument all of them; `$$(NAME)` is the text `$(NAME)`, and an unknown name stays
(Kubernetes, core/v1 Container: args and EnvVar.value).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from buildkit.images.hits import Hit, Part, Text
from buildkit.model.path import child, item

if TYPE_CHECKING:
    from buildkit.model.resource import Value

_REFERENCE: Final = re.compile(r"\$\$|\$\(([^()$\s]+)\)")
_LONGEST: Final = 4096  # of what is replaced: no image needs more, and variables can double each other's length


def variables(env: Value, path: str) -> dict[str, Part]:
    """Place and expanded value of each variable that an `env` list gives by its text."""
    known: dict[str, Part] = {}
    for index, one in enumerate(env if isinstance(env, Sequence) and not isinstance(env, str) else ()):
        name, value = (one.get("name"), one.get("value")) if isinstance(one, Mapping) else (None, None)
        if isinstance(name, str) and isinstance(value, str):
            place = child(item(path, index), "value")
            known[name] = (place, expand(value, known))
    return known


def expand(text: str, known: Mapping[str, Part]) -> str:
    """The text with its references replaced; itself where there are none or it is too long."""
    if "$" not in text or len(text) > _LONGEST:
        return text
    expanded = _REFERENCE.sub(lambda match: _value(match, known), text)
    return expanded if len(expanded) <= _LONGEST else text


def _value(match: re.Match[str], known: Mapping[str, Part]) -> str:
    if match[1] is None:
        return "$"
    return known[match[1]][1] if match[1] in known else match[0]


def expanded(value: Sequence[Value], known: Mapping[str, Part]) -> Sequence[Value]:
    """A list of arguments, or one argument, with references replaced."""
    if isinstance(value, str):
        return expand(value, known)
    return [expand(one, known) if isinstance(one, str) else one for one in value]


def traced(
    found: Iterator[Hit | Text], originals: Mapping[str, str], known: Mapping[str, Part]
) -> Iterator[Hit | Text]:
    """Hits in expanded texts, with the place where their tag or digest stands last.

    Args:
        found: hits and texts, by the paths of `originals`.
        originals: path -> the text as it is written.
        known: the container's variables.
    """
    for one in found:
        written = originals.get(one.path, "")
        used = [known[name] for name in _REFERENCE.findall(written) if name in known]
        yield replace(one, parts=_parts(one, written, used)) if isinstance(one, Hit) and used else one


def _parts(hit: Hit, written: str, used: Sequence[Part]) -> tuple[Part, ...]:
    own = (hit.path, written)
    wanted = hit.candidate.reference.digest or hit.candidate.reference.tag or hit.candidate.text
    holders = [one for one in used if wanted in one[1]]
    if wanted in written or not holders:
        return (*used, own)
    return (own, *(one for one in used if one is not holders[-1]), holders[-1])
