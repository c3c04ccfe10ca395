"""What counts as a blank to BuildKit: Go's `unicode.IsSpace`, which is not Python's `str.isspace`."""

from __future__ import annotations

import re
from typing import Final

_WIDE: Final = "".join(map(chr, range(0x2000, 0x200B)))
SPACES: Final = f"\t\n\v\f\r \x85\xa0\u1680{_WIDE}\u2028\u2029\u202f\u205f\u3000"
SPACE_SET: Final = frozenset(SPACES)
# What splits the arguments of most instructions.
WHITESPACE: Final = re.compile(r"[\t\v\f\r ]+")
