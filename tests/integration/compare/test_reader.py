"""Our reader against helm's: scalar by scalar, document by document, at random and on real renders."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildkit.compare.objects import read_document
from buildkit.model.builder import DocumentError
from buildkit.model.documents import split_documents
from tests.integration.compare.helm_reader import read_by_helm
from tests.integration.compare.yaml_table import DOCUMENTS, SCALARS
from tests.support.tools import release, tool

pytestmark = pytest.mark.integration
PLACES = ("v: {}\n", "? {}\n: v\n", "v: [{}]\n", "{}: v\n", "v: {{a: {}}}\n", "v:\n- {}\n- w\n")

# Refused here, though helm lets it pass: keys that stand twice, and `:` before the end of a flow collection (libyaml).
STRICTER = (
    "a: 1\na: 2",
    "1: a\n'1': b",
    "yes: a\ntrue: b",
    "c: {a: 1, a: 1}",
    "&x a: 1\n*x : 2",
    "v: [a:]",
    "v: {a: , b:}",
)
# Let pass here, though helm refuses it: libyaml knows more of YAML 1.2 than go-yaml v2. All of it is text to both.
LAXER = ("v: [http://x/?q]", 'v: "\\/"')


def ours(text: str) -> object:
    """The document's value, numbers as helm's JSON has them; None where it is refused. No document is an empty map."""
    try:
        parts = list(split_documents(text))
        value = read_document(parts[0][1], parts[0][0]) if parts else None
    except DocumentError:
        return None
    return {} if value is None else _as_floats(value)


def _as_floats(value: object) -> object:
    if isinstance(value, dict):
        return {key: _as_floats(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_as_floats(one) for one in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def disagreements(texts: list[str]) -> list[tuple[str, str, str]]:
    """What is read otherwise than by helm; `fromYaml` takes mappings only, so what is none counts as refused."""
    pairs = [(text, ours(text), helms) for text, helms in zip(texts, read_by_helm(texts), strict=True)]
    return [
        (text, repr(mine), repr(helms))
        for text, mine, helms in pairs
        if repr(mine if isinstance(mine, dict) else None) != repr(helms).replace("-0.0", "0.0")
    ]


def scalars_in_place(scalars: list[str]) -> list[str]:
    return [place.replace("{}", one) for one in scalars for place in PLACES if place[:2] != "{}" or one[:1] != "{"]


def test_scalars_in_every_place_are_what_helm_reads() -> None:
    assert disagreements(scalars_in_place(SCALARS)) == []


def test_documents_are_what_helm_reads() -> None:
    assert disagreements(DOCUMENTS) == []


def test_where_we_are_stricter_than_helm_it_is_an_error_and_where_laxer_it_is_text() -> None:
    assert [(ours(text), one is not None) for text, one in zip(STRICTER, read_by_helm(STRICTER), strict=True)] == [
        (None, True)
    ] * len(STRICTER)
    assert [(ours(text) is not None, one) for text, one in zip(LAXER, read_by_helm(LAXER), strict=True)] == [
        (True, None)
    ] * len(LAXER)


NUMERIC = st.text("0123456789_.+-eExXoObBaAfF:T Z", max_size=12)
WORDY = st.sampled_from(["y", "yes", "on", "true", "null", "~", "inf", "nan"]).flatmap(
    lambda word: st.builds(
        lambda head, tail: head + word + tail, st.sampled_from(["", ".", "+.", "-."]), st.text("sSeE ", max_size=2)
    )
)
TAGGED = st.builds(
    "!!{} {}".format, st.sampled_from(["int", "float", "bool", "null", "timestamp", "str"]), NUMERIC | WORDY
)
QUOTED = st.builds("{0}{1}{0}".format, st.sampled_from("'\""), st.text("ab \\\n\t\u0085\u2028:#1", max_size=8))
BROKEN_LINES = st.builds(
    lambda mark, text: mark + text.replace("\n", "\n  "),
    st.sampled_from(["", "|\n", ">\n", "|-\n", ">+\n"]),
    st.text("ab \n\t#", max_size=12),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(NUMERIC | WORDY | TAGGED | QUOTED | BROKEN_LINES, min_size=150, max_size=300))
def test_scalars_at_random_are_what_helm_reads(scalars: list[str]) -> None:
    texts = [f"v: {scalar}\n" for scalar in scalars] + [f"? {scalar}\n: v\n" for scalar in scalars]
    assert disagreements(texts) == []


@pytest.mark.release
@pytest.mark.parametrize(
    "folder", ["training-operator/upstream/overlays/kubeflow", "katib/upstream/installs/katib-with-kubeflow"]
)
def test_real_renders_are_what_helm_reads(folder: str) -> None:
    tree = release("26.03") / "applications" / folder
    done = subprocess.run(
        [tool("kustomize"), "build", str(tree)], capture_output=True, text=True, check=True, timeout=300
    )
    texts = [body for _, body in split_documents(done.stdout)]
    assert len(texts) > 10
    assert disagreements(texts) == []
