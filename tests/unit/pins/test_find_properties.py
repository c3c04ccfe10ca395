"""Generated files with planted digests: exactly the planted ones are found, each at its characters."""

from __future__ import annotations

import json

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.pins.finding import digests

_HEX = st.text(alphabet="0123456789abcdef", min_size=64, max_size=64)
_NAMES = st.sampled_from(["gcr.io/a/b", "gcr.io/a/b:v1", "quay.io:443/x/y-z:1.2_3", "mysql", "a/b:RELEASE.1"])
_PLANTED = st.builds("{}@sha256:{}".format, _NAMES, _HEX)
_ARGUMENT = st.builds("--image={}".format, _PLANTED)
_INERT = st.sampled_from(
    ["", "é 🙂", "a: b", "x # y", "- z", "1.10", "{{ .x }}", "it's", 'say "x"', "gcr.io/a/b:v1", "a\tb"]
)
_KEYS = st.sampled_from(["image", "a", "é", "b.c/d", "value", "data", "items", "x y", "#k"])
_TREES = st.recursive(
    _INERT | _PLANTED | _ARGUMENT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=15,
)


def planted(value: object) -> list[str]:
    """Digests in order of a value's scalars."""
    if isinstance(value, dict):
        return [one for inner in value.values() for one in planted(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in planted(inner)]
    return [str(value).partition("@")[2]] if "@sha256:" in str(value) else []


@settings(max_examples=400, deadline=None)
@given(
    trees=st.lists(_TREES, min_size=1, max_size=3),
    style=st.sampled_from([None, "'", '"', "|", ">", "json"]),
    flow=st.sampled_from([True, False, None]),
    indent=st.integers(2, 7),
    level=st.integers(0, 2),
    ends=st.sampled_from(["\n", "\r\n"]),
    bom=st.booleans(),
    comment=_PLANTED,
)
def test_exactly_the_planted_digests_are_found(  # noqa: PLR0913, PLR0917  # one argument a dimension of YAML style
    trees: list[object],
    style: str | None,
    flow: bool | None,  # noqa: FBT001
    indent: int,
    level: int,
    ends: str,
    bom: bool,  # noqa: FBT001
    comment: str,
) -> None:
    def written(value: object) -> str:
        if style == "json":
            return json.dumps(value, ensure_ascii=False, indent=indent) + "\n"
        return str(
            yaml.dump(
                value,
                default_style=style,
                default_flow_style=flow,
                indent=indent,
                width=4096,
                allow_unicode=True,
                sort_keys=False,
            )
        )

    documents = []
    for tree in trees:
        value: object = {"top": tree}
        for _ in range(level):
            value = {"data": {"text.yaml": f"# {comment}\n{written(value)}"}}
        documents.append(f"# {comment}\n{written(value)}# {comment}\n")
    text = ("\ufeff" if bom else "") + ("---\n".join(documents)).replace("\n", ends)
    found = {tie.start: tie for tie in digests(text) if tie.reference}
    if level and style in {None, '"', "json"}:  # a text in double quotes is escaped, and its places may be in pieces
        assert sorted(tie.value for tie in digests(text) if tie.reference) == sorted(planted(trees))
        return
    assert [found[start].value for start in sorted(found)] == planted(trees)
    for start, tie in found.items():
        assert text[start : start + len(tie.value)] == tie.value
        assert tie.blocked is None
