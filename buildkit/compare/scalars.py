"""Scalars as Kubernetes reads them: YAML to JSON by the rules of sigs.k8s.io/yaml, which helm and kubectl use.

Under it lies go-yaml v2, which reads YAML 1.1 with exceptions of its own: `y` and `on` are booleans, `0o17` and `017`
are 15, `1:30` and dates are text. JSON then has one kind of number: `1.0` is 1. tests/integration/compare holds this
module against helm.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import math
import re
import struct
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from buildkit.model.builder import Rules

if TYPE_CHECKING:
    import yaml

    from buildkit.compare.comparison import Json

_STANDARD: Final = "tag:yaml.org,2002:"
_STR, _INT, _FLOAT, _BOOL, _NULL, _TIME, _BINARY = (
    _STANDARD + name for name in ("str", "int", "float", "bool", "null", "timestamp", "binary")
)
_RESOLVED: Final = frozenset({_INT, _FLOAT, _BOOL, _NULL, _TIME})
_WORDS: Final[dict[str, bool | float | None]] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_NUMERIC: Final = re.compile(r"[-+0-9.]")
_INTEGER: Final = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_DECIMAL: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# After a dot go-yaml hands the text to strconv.ParseFloat as it is, which lets `_` stand between digits.
_FRACTION: Final = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
_DATE: Final = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})"
    r"| ([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?)?"
)
_SMALLEST, _LARGEST, _LARGEST_UNSIGNED = -(1 << 63), (1 << 63) - 1, (1 << 64) - 1
_BITS: Final = 64  # more digits of any base are no 64-bit integer
_BASES: Final = (16, 2, 8, 10)
_EXPONENT: Final = 1e21  # from here on Go writes JSON's floats with an exponent, which is no int
_SINGLE_DIGITS: Final = 9


class _Unsigned(float):
    """An integer beyond int64: to go-yaml an integer of another type, which no key and no `!!float` can be."""


def read_scalar(event: yaml.ScalarEvent) -> Json:
    """Give the value of a scalar; a float stays one, for `read_key` and `read_number` to turn into JSON.

    Raises:
        ValueError: what go-yaml refuses.
    """
    text: str = event.value
    tag: str | None = event.tag
    if tag is None:
        return resolve(text) if event.implicit[0] else text
    if tag == _BINARY:
        return _decoded(text)
    return _tagged(tag, text) if tag in _RESOLVED else text


def resolve(text: str) -> Json:
    """Give the value of a plain scalar without a tag."""
    if text in _WORDS:
        return _WORDS[text]
    return _number(text) if _NUMERIC.match(text) else text


def read_key(value: Json) -> str:
    """Give the text of a mapping's key, as sigs.k8s.io/yaml turns it into JSON's.

    Raises:
        ValueError: null, a collection or an integer beyond int64.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and not isinstance(value, _Unsigned):
        return _short(value)
    raise ValueError("a mapping's key must be text, a boolean or a number of at most 64 bits")


def read_number(value: float) -> int | float:
    """Give the number that Kubernetes finds where Go has written a float as JSON: an int wherever it fits.

    Raises:
        ValueError: infinite, or not a number.
    """
    if not math.isfinite(value):
        raise ValueError("JSON has no word for infinite numbers and for what is not a number")
    if abs(value) < _EXPONENT and value.is_integer() and not isinstance(value, _Unsigned):
        whole = int(Decimal(repr(value)))  # the shortest digits, then zeros, as Go writes it
        if _SMALLEST <= whole <= _LARGEST:
            return whole
    return float(value)


def _number(text: str) -> str | int | float:
    if text.startswith("."):
        return _finite(text.replace("_", ""), text) if _FRACTION.fullmatch(text) else text
    plain = text.replace("_", "")
    whole = _integer(plain)
    if whole is not None:
        return whole
    return _finite(plain, text) if _DECIMAL.fullmatch(plain) else text


def _integer(plain: str) -> int | float | None:
    found = _INTEGER.fullmatch(plain)
    if found is None:
        return None
    sign, *digits = found.groups()
    base, text = next((base, one) for base, one in zip(_BASES, digits, strict=True) if one is not None)
    if len(text.lstrip("0")) > _BITS:
        return None
    value = int(sign + text, base)
    if _SMALLEST <= value <= _LARGEST:
        return value
    return _Unsigned(value) if not sign and value <= _LARGEST_UNSIGNED else None


def _finite(number: str, text: str) -> float | str:
    value = float(number)
    return value if math.isfinite(value) else text


def _tagged(tag: str, text: str) -> Json:
    """Give the value of a scalar whose tag says what it must be."""
    if tag == _TIME and _is_time(text):
        return text
    value = resolve(text)
    if tag == _FLOAT and type(value) is int:
        return float(value)
    if tag != _TIME and _tag(value) == tag:
        return value
    raise ValueError(f"`{text[:40]}` is no {tag.removeprefix(_STANDARD)}")


def _tag(value: Json) -> str:
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return _BOOL
    if isinstance(value, int | _Unsigned):
        return _INT
    return _FLOAT if isinstance(value, float) else _STR


def _is_time(text: str) -> bool:
    found = _DATE.fullmatch(text)
    if found is None:
        return False
    year, month, day, *clock = (int(part) for part in found.groups(default="0"))
    try:
        dt.date(year or 4, month, day)  # Go has a year 0, a leap year
    except ValueError:
        return False
    hour, minute, second = (max(pair) for pair in zip(clock[:3], clock[3:], strict=True))
    return hour < 24 and minute < 60 and second < 60  # noqa: PLR2004 (a clock's)


def _decoded(text: str) -> str:
    """Give the text of a `!!binary`; each byte that is no UTF-8 becomes U+FFFD, as Go writes it to JSON."""
    try:
        data = base64.b64decode(re.sub(r"[\r\n]", "", text), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("invalid base64 after !!binary") from None
    return re.sub(r"[\udc80-\udcff]", "\ufffd", data.decode("utf-8", "surrogateescape"))


def _short(value: float) -> str:
    """Write a float that is a key as Go's `FormatFloat(value, 'g', -1, 32)` does: the shortest that a float32 needs."""
    if math.isnan(value):
        return ".nan"
    single = _single(value)
    if math.isinf(single):
        return ".inf" if single > 0 else "-.inf"
    written = (f"{single:.{digits}e}" for digits in range(_SINGLE_DIGITS))
    shortest = next(text for text in written if _single(float(text)) == single)
    if not -4 <= int(shortest.partition("e")[2]) < 6:  # noqa: PLR2004 (as C's %g)
        return shortest
    return format(Decimal(shortest), "f")


def _single(value: float) -> float:
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


KUBERNETES: Final[Rules[Json]] = Rules(scalar=read_scalar, key=read_key, number=read_number, strict=True)
