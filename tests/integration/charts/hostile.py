"""What renders may hold: trees of JSON values with every text that YAML, Go templates or helm could take for more."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

TOKENS = (
    "{{", "}}", "{{-", "-}}", "{", "}", "{{ .Values.x }}", "{{/* c */}}", "{{`", "`", '"', "'", "\\", "\\n", "%", "%s",
    "#", " #", ": ", ":", "-", "- ", "---", "\n---\n", "...", "?", "? ", "!", "!!str ", "&a", "*a", "|", "|-\n", ">",
    "@", "[", "]", ",", " ", "  ", "\t", "\n", "\n\n", "\r", "\r\n", "\x00", "\x07", "\x1b", "\x7f", "\x85", "\xa0",
    "\u2028", "\u2029", "\ufeff", "\ufffe", "\ud7ff", "\U0001f600", "\xad", "\u200b", "<", ">", "&", "a", "word",
    "$(VAR)", "${VAR}", "é",
)  # fmt: skip
WORDS = (
    "", "~", "null", "Null", "y", "Y", "yes", "on", "off", "n", "true", "False", "0o17", "017", "0x1F", "1_000", "1:30",
    ".inf", "-.Inf", ".nan", "=", "<<", "1e3", "1.", ".5", "+1", "-0", "1e-4444444444", "2001-01-01", "12e03", "-",
    "---", "...", "\n", " ", "\n\n", " \n", "\n a", "  a\n b\n", "\ta\n", "a\n\n", "a\n \n", "a \n", "\n\na\n", "a\nb",
    "a\n---\nb\n", "---\na\n", "{{\n}}\n", "a\n{{", "a\n}}\n", "{\n{", "a\n{{-\n", "x" * 3000, "long " * 400 + "\nx",
    "# a\nb\n", "a\n# b", "key: value\nother: {{ x }}\n", "- a\n- b\n",
)  # fmt: skip
NUMBERS = (0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 0.5, -1.5, 1e20, 1e21, 1.5e300, 1e-7, 123456789.125)

KEYS = ("name", "image", "a", "b", "c", "spec", "data", "1", "true", "a.b/c", "{{ x }}")
_odd = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_joined = st.lists(st.sampled_from(TOKENS), min_size=1, max_size=6)


@st.composite
def texts(draw: st.DrawFn) -> str:
    way = draw(st.integers(0, 4))
    return draw(st.sampled_from(WORDS)) if way < 2 else "".join(draw(_joined)) if way < 4 else draw(_odd)


@st.composite
def keys(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(KEYS)) if draw(st.booleans()) else draw(texts())[:60]


@st.composite
def scalars(draw: st.DrawFn) -> Any:
    return draw(texts()) if draw(st.integers(0, 3)) else draw(st.sampled_from((*NUMBERS, True, False, None)))


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> Any:
    way = draw(st.integers(0, 5)) if depth else 0
    inner = trees(depth - 1)
    if way < 2:
        return draw(scalars())
    if way < 4:
        return draw(st.dictionaries(keys(), inner, max_size=4))
    if way < 5:
        return draw(st.lists(inner, max_size=4))
    names = draw(st.lists(st.sampled_from("abcd"), max_size=4, unique=True))
    return [{"name": name, "value": draw(inner)} for name in names]


@st.composite
def variants(draw: st.DrawFn, tree: Any) -> Any:
    """Change a tree a little, as another overlay would."""
    if draw(st.integers(0, 3)) == 0:
        return draw(trees())
    if isinstance(tree, dict):
        changed = {key: draw(variants(value)) for key, value in tree.items() if draw(st.integers(0, 4))}
        return changed | draw(st.dictionaries(keys(), scalars(), max_size=1))
    if isinstance(tree, list):
        items = [draw(variants(one)) if draw(st.booleans()) else one for one in tree if draw(st.integers(0, 4))]
        items += draw(st.lists(st.sampled_from([*tree, "more"]), max_size=2))
        return draw(st.permutations(items)) if draw(st.booleans()) else items
    return tree


@st.composite
def bodies(draw: st.DrawFn, count: int) -> list[Any]:
    """What one object holds in each of several profiles; None where the profile lacks it."""
    base = draw(trees())
    ways = st.sampled_from(("same", "varied", "none"))
    held = [{"same": base, "varied": draw(variants(base)), "none": None}[draw(ways)] for _ in range(count)]
    return held if any(one is not None for one in held) else [base, *held[1:]]
