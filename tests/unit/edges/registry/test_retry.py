"""Retry-After: every form that registries use."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from buildkit.edges.registry.retry import backoff, retry_after


@pytest.mark.parametrize(
    ("header", "body", "seconds"),
    [
        ("3", "", 3.0),
        ("0", "", 0.0),
        ("1.5", "", 1.5),
        ("880.092µs", "", 880.092e-6),
        ("1m30s", "", 90.0),
        ("", "toomanyrequests: retry-after: 880.092µs, allowed: 44000/minute", 880.092e-6),
        ("", '{"errors":[{"message":"retry-after: 2s"}]}', 2.0),
        ("nonsense", "", None),
        ("-3", "", None),
        ("", "", None),
        ("9" * 400, "", float("inf")),
        ("³", "", None),
        ("1.²", "", None),
    ],
)
def test_forms(header: str, body: str, seconds: float | None) -> None:
    found = retry_after({"retry-after": header} if header else {}, body.encode())
    assert found == (None if seconds is None else pytest.approx(seconds))


def test_a_date() -> None:
    found = retry_after({"retry-after": formatdate(time.time() + 60, usegmt=True)}, b"")
    assert found is not None
    assert 57 < found < 61
    assert retry_after({"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"}, b"") == 0.0


def test_backoff_grows_and_is_capped() -> None:
    assert 0.1 <= backoff(0) <= 0.3
    assert backoff(50) <= 12
