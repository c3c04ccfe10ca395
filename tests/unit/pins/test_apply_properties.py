"""Generated YAML of all styles, line ends and positions: of planted pins only their spans differ afterwards."""

from __future__ import annotations

import random

import yaml
from hypothesis import given
from hypothesis import strategies as st

from buildkit.pins.apply import EditError, apply_edits
from buildkit.pins.pin import Edit

OLD = "sha256:" + "0123456789abcdef" * 4
NEW = "sha256:" + "f" * 64
_PIECES = ("x", "ö€", "a b", "1", "true", "#no", "- y", "'", '"', "key: z", "\U0001f600", "%", "@", "{", "*", "&", "!")


class Planting:
    """Writes a YAML document by chance; `spans` are where pins were planted."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)  # noqa: S311
        self.end = self.pick.choice(["\n", "\r\n"])
        self.rows: list[str] = []

    def text(self) -> str:
        for number in range(self.pick.randrange(1, 4)):
            if number or self.pick.random() < 0.3:
                self.rows.append("---" + self.pick.choice(["", " # next"]))
            self.mapping("", depth=0)
        bom = "\ufeff" if self.pick.random() < 0.2 else ""
        last = self.end if self.pick.random() < 0.8 else ""
        return bom + self.end.join(self.rows) + last

    def mapping(self, indent: str, depth: int) -> None:
        for number in range(self.pick.randrange(1, 4)):
            if self.pick.random() < 0.15:
                self.rows.append(self.pick.choice(["", indent + "# " + self.pinned(), "  # comment"]))
            self.entry(f"{indent}k{number}:", indent, depth)

    def entry(self, head: str, indent: str, depth: int) -> None:
        kind = self.pick.choice(["scalar", "scalar", "map", "list", "flow", "literal", "folded"])
        if depth < 3 and kind == "map":
            self.rows.append(head)
            self.mapping(indent + "  ", depth + 1)
        elif depth < 3 and kind == "list":
            self.rows.append(head)
            for _ in range(self.pick.randrange(1, 4)):
                self.entry(indent + self.pick.choice(["- ", "-   "]).rstrip(), indent + "  ", depth + 1)
        elif kind in {"literal", "folded"}:
            self.rows.append(f"{head} {'|' if kind == 'literal' else '>'}{self.pick.choice(['', '-', '+'])}")
            self.rows += [f"{indent}    {self.pinned()}" for _ in range(self.pick.randrange(1, 4))]
        elif kind == "flow":
            values = ", ".join(self.scalar(flow=True) for _ in range(self.pick.randrange(1, 4)))
            self.rows.append(
                f"{head} [{values}]" if self.pick.random() < 0.5 else f'{head} {{"a": {values.split(", ")[0]}}}'
            )
        else:
            comment = self.pick.choice(["", "", f"  # {OLD}", "  # ö"])
            anchor = self.pick.choice(["", "", "", "!!str "])
            self.rows.append(f"{head} {anchor}{self.scalar(flow=False)}{comment}")

    def scalar(self, *, flow: bool) -> str:
        style = self.pick.choice(["plain", "single", "double"])
        text = self.pinned()
        if style == "single":
            return "'" + text.replace("'", "''") + "'"
        if style == "double":
            return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("€", "\\u20ac") + '"'
        safe = "".join(one for one in text if one.isalnum() or one in ":@/._- ")
        return (
            ("x" + safe.replace(": ", ":").strip()).rstrip(":")
            if not flow
            else "x" + safe.replace(": ", ":").strip(": ")
        )

    def pinned(self) -> str:
        """Give a text, often with a pin in it, sometimes with two."""
        pieces = [self.pick.choice(_PIECES) for _ in range(self.pick.randrange(3))]
        for _ in range(self.pick.choice([0, 1, 1, 2])):
            pieces.insert(self.pick.randrange(len(pieces) + 1), f"gcr.io/x/y:1@{OLD}")
        return " ".join(pieces) or "z"


def values(text: str) -> list[tuple[type, object, object]]:
    return [
        (type(event), getattr(event, "value", None), getattr(event, "style", None))
        for event in yaml.parse(text.removeprefix("\ufeff"), Loader=yaml.CSafeLoader)
    ]


@given(st.integers(min_value=0, max_value=2**48), st.randoms(use_true_random=False))
def test_only_planted_spans_differ_and_all_else_reads_the_same(seed: int, pick: random.Random) -> None:
    text = Planting(seed).text()
    before = values(text)
    places = [index for index in range(len(text)) if text.startswith(OLD, index)]
    chosen = [place for place in places if pick.random() < 0.7]
    edits = [Edit(file="x.yaml", start=one, end=one + len(OLD), old=OLD, new=NEW) for one in chosen]
    after = apply_edits("x.yaml", text, edits)
    kept, place = [], 0
    for one in chosen:
        kept += [text[place:one], NEW]
        place = one + len(OLD)
    assert after == "".join([*kept, text[place:]])
    for (kind, old, style), (other, new, other_style) in zip(before, values(after), strict=True):
        assert (kind, style) == (other, other_style)
        assert str(new).replace(NEW, OLD) == str(old)


@given(
    st.integers(min_value=0, max_value=2**48),
    st.integers(min_value=0),
    st.sampled_from(["\n", ": ", "#", '"', "- ", "]"]),
)
def test_what_would_read_differently_is_refused_and_never_let_pass(seed: int, place: int, put: str) -> None:
    """Put structure in where only characters of a value should change: either it is a value still, or it is refused."""
    text = Planting(seed).text()
    places = [index for index in range(len(text)) if text.startswith(OLD, index)]
    if not places:
        return
    start = places[place % len(places)]
    edit = Edit(file="x.yaml", start=start, end=start + len(OLD), old=OLD, new=f"{put}{NEW}{put}")
    try:
        after = apply_edits("x.yaml", text, [edit])
    except EditError:
        return
    first, second = values(text), values(after)
    assert [(kind, style) for kind, _, style in first] == [(kind, style) for kind, _, style in second]
    differing = sum(old != new for old, new in zip(first, second, strict=True))
    assert differing <= 1
