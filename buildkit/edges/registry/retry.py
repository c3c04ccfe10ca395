"""How long to wait before asking again: Retry-After in all its forms, else exponential backoff with jitter."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

RETRIED = frozenset({429, 502, 503, 504})
_BASE, _CAP = 0.2, 8.0
# ghcr.io writes a Go duration into its message: `retry-after: 880.092µs`.
_IN_TEXT = re.compile(rb"retry-after:\s*((?:\d+(?:\.\d+)?(?:ns|us|\xc2\xb5s|\xce\xbcs|ms|h|m|s))+)", re.IGNORECASE)
_STEP = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|h|m|s)")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_DIGITS_LIMIT = 9


def backoff(attempt: int) -> float:
    """Seconds before attempt number `attempt + 1`: 0.2, 0.4, 0.8 … at most 8, each give or take a half."""
    import random  # noqa: PLC0415  # 5 ms, rarely needed

    jitter = random.uniform(0.5, 1.5)  # noqa: S311  # no secret
    return float(min(_CAP, _BASE * 2.0**attempt) * jitter)


def retry_after(headers: Mapping[str, str], body: bytes) -> float | None:
    """Seconds that the answer asks to wait (RFC 9110 section 10.2.3, or in its text), None where it does not say."""
    value = headers.get("retry-after", "").strip()
    seconds = _number(value) if value else None
    if seconds is None and value:
        seconds = _duration(value) or _until(value)
    if seconds is None:
        match = _IN_TEXT.search(body[:4096])
        seconds = _duration(match[1].decode("utf-8", "replace")) if match else None
    return seconds


def _number(text: str) -> float | None:
    whole, _, fraction = text.partition(".")
    if not text.isascii() or not whole.isdigit() or (fraction and not fraction.isdigit()):
        return None
    return float(text) if len(whole) <= _DIGITS_LIMIT else float("inf")


def _duration(text: str) -> float | None:
    """Go duration (`1m30s`, `880.092µs`) in seconds."""
    steps = _STEP.findall(text)
    if not steps or "".join(number + unit for number, unit in steps) != text:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in steps)


def _until(text: str) -> float | None:
    """Seconds until an HTTP date."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  # 15 ms, rarely needed

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
