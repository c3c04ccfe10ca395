"""Digests: found everywhere a reference stands, at exactly their characters, and nowhere else."""

from __future__ import annotations

import time

import pytest

from buildkit.pins.find import comment_in
from tests.unit.pins.finding import A, B, applied, digests

POSITIONS = {
    "plain": f"image: gcr.io/a/b:v1@{A}\n",
    "single quoted": f"image: 'gcr.io/a/b:v1@{A}'\n",
    "double quoted": f'image: "gcr.io/a/b:v1@{A}"\n',
    "with an escape elsewhere": f'a: "é\\t--image=gcr.io/a/b:v1@{A}"\n',
    "flow": f"c: [{{name: é🙂, image: gcr.io/a/b:v1@{A}}}]\n",
    "json": f'{{"image": "gcr.io\\/a\\/b:v1@{A}"}}\n',
    "tabs": f"image:\t'gcr.io/a/b:v1@{A}'\t# why\n",
    "anchor": f"x: &i gcr.io/a/b:v1@{A}\ny: *i\n",
    "argument": f"args:\n- --image=gcr.io/a/b:v1@{A}\n",
    "literal text": f"data:\n  x: |\n    é: 1\n    image: gcr.io/a/b:v1@{A}\n",
    "folded text": f"data:\n  x: >\n    --a b\n    --image gcr.io/a/b:v1@{A}\n    --c d\n",
    "ini in a literal": f"data:\n  x: |\n    [a]\n    image = gcr.io/a/b:v1@{A}\n",
    "json in a literal": f'data:\n  x: |-\n    {{"image": "gcr.io/a/b:v1@{A}"}}\n',
    "json in single quotes": f'data:\n  x: \'{{"image": "gcr.io/a/b:v1@{A}"}}\'\n',
    "json in double quotes": f'data:\n  x: "{{\\"image\\": \\"gcr.io/a/b:v1@{A}\\"}}"\n',
    "text in a text": f"data:\n  x: |\n    y: |\n      z: |\n        image: gcr.io/a/b:v1@{A}\n",
    "template": f"data:\n  x: |\n    {{{{ if .x }}}}\n    image: gcr.io/a/b:v1@{A}\n    {{{{ end }}}}\n",
    "patch in a kustomization": f'patches:\n- patch: |-\n    [{{"op": "add", "value": "gcr.io/a/b:v1@{A}"}}]\n',
    "literals": f"configMapGenerator:\n- name: x\n  literals: [image=gcr.io/a/b:v1@{A}]\n",
    "second document": f"a: b\n--- # next\nimage: gcr.io/a/b:v1@{A}\n",
    "schema default": f"properties:\n  image: {{default: 'gcr.io/a/b:v1@{A}'}}\n",
    "after a scheme": f"image: docker://gcr.io/a/b:v1@{A}\n",
}


@pytest.mark.parametrize("text", POSITIONS.values(), ids=POSITIONS)
@pytest.mark.parametrize("bom", ["", "\ufeff"], ids=["", "bom"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_reference_in_one_piece_is_a_tie_in_every_style(text: str, bom: str, ends: str) -> None:
    text = bom + text.replace("\n", ends)
    found = {tie.start: tie for tie in digests(text)}
    (tie,) = found.values()
    assert tie.value == A
    assert tie.reference is not None
    assert tie.reference.name == f"gcr.io/a/b:v1@{A}"
    assert tie.hints == ("v1",)
    assert tie.blocked is None
    assert applied(text, tie.strip) == text.replace(f"@{A}", "")


NO_TIES = {
    "comment": f"# gcr.io/a/b@{A}\nx: 1 # gcr.io/a/b@{A}\n",
    "comment in a text": f"x: |\n  # gcr.io/a/b@{A}\n  y: 1 # gcr.io/a/b@{A}\n",
    "comment in a script": f"x: |\n  set -e\n  # gcr.io/a/b@{A}\n  run it # gcr.io/a/b@{A}\n",
    "key": f"gcr.io/a/b@{A}: 1\n",
    "too short": f"image: gcr.io/a/b@{A[:-1]}\n",
    "too long": f"image: gcr.io/a/b@{A}a\n",
}


@pytest.mark.parametrize("text", NO_TIES.values(), ids=NO_TIES)
def test_comments_keys_and_what_is_no_digest_are_no_ties(text: str) -> None:
    assert digests(text) == ()


def test_a_checksum_has_no_reference_unless_a_use_gives_it_one() -> None:
    (tie,) = digests(f"checksum: {A}\n")
    assert tie.reference is None
    assert tie.blocked is None


def test_env_files_are_read_line_by_line_without_their_comments() -> None:
    text = f"# gcr.io/a/b@{A}\nIMAGE=gcr.io/a/b:v1@{B}\nOTHER_DIGEST={A}\n"
    assert [(tie.line, tie.value, tie.reference is None) for tie in digests(text, "base/params.env")] == [
        (2, B, False),
        (3, A, True),
    ]


def test_of_a_file_that_nothing_takes_in_only_objects_count() -> None:
    assert digests(f"image: gcr.io/a/b@{A}\n", taken=False) == ()
    assert len(digests(f"apiVersion: v1\nkind: Pod\nimage: gcr.io/a/b@{A}\n", taken=False)) == 1


def test_two_digests_in_one_value_have_each_their_place() -> None:
    found = digests(f"images: gcr.io/a/b@{A},gcr.io/a/c@{B}\n")
    assert [(tie.reference and tie.reference.repository, tie.value) for tie in found] == [("a/b", A), ("a/c", B)]


@pytest.mark.parametrize("before", ["{{ .hub }}", "${HUB}", "$(HUB)", "%s", "$HUB"])
def test_a_template_inside_the_reference_is_refused(before: str) -> None:
    (tie,) = digests(f"x: |\n  image = {before}/b:v1@{A}\n")
    assert tie.blocked == "a template stands inside the reference"


def test_a_digest_that_is_folded_or_escaped_is_refused() -> None:
    for text in (f'image: "gcr.io/a/b@{A[:20]}\\\n  {A[20:]}"\n', f'image: "gcr.io/a/b@{A[:-1]}\\x61"\n# sha256:\n'):
        (tie,) = digests(text)
        assert tie.start == -1
        assert tie.line == 1


def test_version_labels_are_hints_after_the_tag() -> None:
    labels = "labels: {app.kubernetes.io/version: 1.2.3, version: v9, helm.sh/chart: my-chart-0.4.0, x: 'a b'}"
    text = f"kind: Pod\nmetadata:\n  {labels}\nspec:\n  image: gcr.io/a/b:main@{A}\n"
    (tie,) = digests(text)
    assert tie.hints == ("main", "1.2.3", "v1.2.3", "v9", "9", "0.4.0", "v0.4.0")


def test_split_keys_make_a_reference_and_are_not_stripped() -> None:
    for text in (
        f"image: {{registry: gcr.io, repository: a/b, tag: v1, digest: '{A}'}}\n",
        f"image:\n  repository: gcr.io/a/b\n  tag: v1\n  digest: {A}\n",
        f"helmCharts:\n- valuesInline:\n    image: {{repository: gcr.io/a/b, tag: v1, digest: {A}}}\n",
    ):
        (tie,) = digests(text)
        assert tie.reference is not None
        assert tie.reference.name == f"gcr.io/a/b:v1@{A}"
        assert tie.strip == ()
        assert tie.strip_why


def test_a_digest_that_a_merge_key_shares_is_told_for_both() -> None:
    text = f"a: &a {{repository: gcr.io/a/b, digest: '{A}'}}\nb:\n  <<: *a\n  repository: gcr.io/a/c\n"
    found = digests(text)
    assert {tie.reference.repository for tie in found if tie.reference} == {"a/b", "a/c"}
    assert len({tie.start for tie in found}) == 1


ENTRIES = {
    "- name: b\n  newTag: v1\n  digest: {A}\n": "- name: b\n  newTag: v1\n",
    "- name: b\n  digest: {A} # why\n  newTag: v1\n": "- name: b\n  newTag: v1\n",
    "- digest: {A}\n  name: b\n  newTag: v1\n": "- name: b\n  newTag: v1\n",
    "- {{name: b, newTag: v1, digest: '{A}'}}\n": "- {name: b, newTag: v1}\n",
    "- {{digest: '{A}', name: b, newTag: v1}}\n": "- {name: b, newTag: v1}\n",
    "- {{name: b, digest: '{A}', newTag: v1}}\n": "- {name: b, newTag: v1}\n",
    "- name: b\n  newTag: v1\n  digest: {A}": "- name: b\n  newTag: v1\n",
}


@pytest.mark.parametrize(("before", "after"), ENTRIES.items())
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_an_images_entry_loses_its_digest_with_the_line(before: str, after: str, ends: str) -> None:
    text = ("images:\n" + before.format(A=A)).replace("\n", ends)
    (tie,) = digests(text, "base/kustomization.yaml")
    assert tie.reference is not None
    assert tie.reference.name == f"docker.io/library/b:v1@{A}"
    assert applied(text, tie.strip) == ("images:\n" + after).replace("\n", ends)


@pytest.mark.parametrize(
    "entry",
    [
        "- name: b\n  digest: {A}\n",
        "- name: b\n  newTag: v1\n  digest: &d {A}\n",
        "- digest: {A} # why\n  name: b\n  newTag: v1\n",
        "- {{name: b, newTag: v1,\n   digest: {A}}}\n",
    ],
)
def test_an_entry_whose_line_cannot_go_says_why(entry: str) -> None:
    (tie,) = digests("images:\n" + entry.format(A=A), "kustomization.yaml")
    assert tie.strip == ()
    assert tie.strip_why
    assert tie.blocked is None


def test_examples_are_samples() -> None:
    text = f"kind: ConfigMap\nmetadata: {{name: x}}\ndata:\n  _example: |\n    image: gcr.io/a/b@{A}\n"
    assert [tie.sample for tie in digests(text)] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "x: " + "a" * 300_000 + f"@{A}\n",
        "x: '" + " sha256:" * 40_000 + "'\n",
        "x: |\n" + f"  gcr.io/a/b@{A} #\n" * 3_000,
        "x: " + "&a !b " * 20_000 + f"{A}\n",
        'x: "' + "\\t" * 100_000 + f'a/b@{A}"\n',
        "a: &a {b: 1}\n" + "".join(f"k{n}: {{<<: *a, c: {A}}}\n" for n in range(2_000)),
        "x:\n" + "".join(f"  k{n}: {A}\n" for n in range(4_000)),
        "image:\n" + "".join(f"  image{n}: a/b\n  digest{n}: {A}\n" for n in range(3_000)),
        "x: >\n" + "  \t \n" * 30_000 + f"  a/b@{A}\n",
    ],
)
def test_hostile_text_costs_no_more_than_reading_it(text: str) -> None:
    start = time.process_time()
    digests(text)
    assert time.process_time() - start < 4


@pytest.mark.parametrize("row", ["don't use # {}", "'it''s' # {}", 'a: don\'t say "x" # {}'])
def test_an_apostrophe_in_a_word_hides_no_comment(row: str) -> None:
    row = row.format(f"quay.io/a/b@{A}")
    assert row[comment_in(row) :].startswith(" #")


@pytest.mark.parametrize("row", ["'a # b {}'", 'x="a # {}"', "echo 'don # {}"])
def test_what_stands_in_quotes_is_no_comment(row: str) -> None:
    assert comment_in(row) == len(row)
