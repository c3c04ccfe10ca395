"""WWW-Authenticate: several challenges in one header, quoted or not (RFC 9110 section 11)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105  # the grammar's word
_PIECE = re.compile(
    rf"""\s*(?:
        (?P<name>{_TOKEN})\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s,"=][^\s,"]*))
        |(?P<scheme>{_TOKEN})(?=\s|,|$)
        |[^\s,]+
    )\s*,?""",
    re.VERBOSE,
)
_LIMIT = 8 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Challenge:
    """`scheme` and parameter names in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """Challenges in their order; what is none is passed over."""
    found: list[tuple[str, dict[str, str]]] = []
    position = 0
    text = header[:_LIMIT]
    while position < len(text):
        match = _PIECE.match(text, position)
        if match is None or match.end() == position:
            position += 1
            continue
        position = match.end()
        if match["scheme"]:
            found.append((match["scheme"].lower(), {}))
        elif match["name"] and found:
            quoted = match["quoted"]
            value = match["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            found[-1][1].setdefault(match["name"].lower(), value)
    return tuple(Challenge(scheme=scheme, parameters=parameters) for scheme, parameters in found)
