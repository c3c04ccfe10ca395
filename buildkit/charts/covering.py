"""Covering arrays: few rows in which each two values of two parameters stand together at least once.

Faults of two values that do not go together are found with some ten renders instead of thousands.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import combinations, islice
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")
_TWO: Final = 2


def covering_array(parameters: Mapping[str, Sequence[T]]) -> tuple[Mapping[str, T], ...]:
    """Rows that give each parameter one of its values; the same parameters give the same rows.

    The fewest possible where no parameter has more than two values (10 rows for 120 of them); then the first row has
    all first values.

    Raises:
        ValueError: a parameter without values.
    """
    sizes = [len(values) for values in parameters.values()]
    if 0 in sizes:
        empty = next(name for name, values in parameters.items() if not len(values))
        raise ValueError(f"{empty} has no values")
    if not sizes:
        return ()
    rows = _of_two(sizes) if max(sizes) <= _TWO else min(_in_order(sizes), _in_pairs(sizes), key=len)
    return tuple({name: values[at] for (name, values), at in zip(parameters.items(), row, strict=True)} for row in rows)


def _of_two(sizes: Sequence[int]) -> list[list[int]]:
    """Kleitman and Spencer (1973), Katona (1973).

    Columns begin with 0 and have ones in more than half of the other rows: any two share one (1, 1) and the first row
    (0, 0); as no two are the same and all have as many ones, each also has a one where the other has none.
    """
    many = sum(size > 1 for size in sizes)
    length = 1 if not many else next(n for n in range(2, many + 3) if math.comb(n - 1, (n + 1) // 2) >= many)
    columns = islice(combinations(range(1, length), (length + 1) // 2), many)
    rows = [[0] * len(sizes) for _ in range(length)]
    for place, size in enumerate(sizes):
        for row in next(columns) if size > 1 else ():
            rows[row][place] = 1
    return rows


def _in_pairs(sizes: Sequence[int]) -> list[list[int]]:
    """Rows that cover the larger parameters, each twice: with one value of every parameter of two, and with the other.

    So a value of a larger one meets both. Two parameters of two that agree in some pair of rows and disagree in
    another meet in all four ways: the choices are all that begin with 0, so that none is another's opposite.
    """
    large = [size if size > _TWO else 1 for size in sizes]
    two = [place for place, size in enumerate(sizes) if size == _TWO]
    base = _in_order(large)
    length = max(len(base), len(two).bit_length() + 1)
    base += base[:1] * (length - len(base))
    rows = [list(row) for row in base for _ in range(2)]
    for number, place in enumerate(two, start=1):
        for pair in range(length):
            chosen = number >> pair & 1
            rows[2 * pair][place], rows[2 * pair + 1][place] = chosen, 1 - chosen
    return rows


@dataclass(slots=True)
class _Row:
    """`cells`: values by parameter, those that are open left out; `slots` the same as bits."""

    cells: dict[int, int] = field(default_factory=dict)
    slots: int = 0


class _Growing:
    """Rows that cover all pairs of the parameters so far, and take one parameter more at a time (IPO; Lei, Tai 1998).

    A pair's half, value V of parameter P, is one bit, its *slot*: what a row would newly cover is one `&`.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = sizes
        self._slots = [(parameter, value) for parameter, size in enumerate(sizes) for value in range(size)]
        self._bits = {slot: 1 << number for number, slot in enumerate(self._slots)}
        self._seen = 0
        self.rows: list[_Row] = []

    def take(self, parameter: int) -> None:
        values = range(self._sizes[parameter])
        # What stands with nothing yet needs a row all the same: of the first parameter, one for each value.
        left = [self._seen for _ in values]
        if not self.rows:
            for value in values:
                self._set(self._new(), parameter, value)
        for row in self.rows:
            best = max(values, key=lambda value: ((row.slots & left[value]).bit_count(), left[value].bit_count()))
            if row.slots & left[best]:
                self._set(row, parameter, best)
                left[best] &= ~row.slots
        for value in values:
            self._cover(parameter, value, left[value])
        self._seen |= sum(self._bits[parameter, value] for value in values)

    def _cover(self, parameter: int, value: int, left: int) -> None:
        """Pairs that no row got by being longer: put where cells are open, else into a row of their own."""
        while left:
            other, wanted = self._slots[(left & -left).bit_length() - 1]
            row = next((row for row in self.rows if _open(row, parameter, value) and _open(row, other, wanted)), None)
            row = row or self._new()
            self._set(row, parameter, value)
            self._set(row, other, wanted)
            left &= ~row.slots

    def _new(self) -> _Row:
        self.rows.append(_Row())
        return self.rows[-1]

    def _set(self, row: _Row, parameter: int, value: int) -> None:
        row.cells[parameter] = value
        row.slots |= self._bits[parameter, value]


def _open(row: _Row, parameter: int, value: int) -> bool:
    return row.cells.get(parameter, value) == value


def _in_order(sizes: Sequence[int]) -> list[list[int]]:
    growing = _Growing(sizes)
    for parameter in sorted(range(len(sizes)), key=lambda number: -sizes[number]):
        growing.take(parameter)
    return [[row.cells.get(parameter, 0) for parameter in range(len(sizes))] for row in growing.rows]
