"""What changed between two versions of a chart."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.charts.release_changes import ChangeSummary, FileChange, ImageChange, TextChange, summarise

_LINES = st.lists(st.sampled_from(["a: 1", "b: {c: 2}", "", "d: [x"]), max_size=4).map("\n".join)
_FILES = st.dictionaries(st.sampled_from(["Chart.yaml", "values.yaml", "templates/x.yaml", "README.md"]), _LINES)


def chart(version: str, app: str, *images: str) -> str:
    listed = "".join(f"    - name: i\n      image: {image}\n" for image in images)
    return f'version: {version}\nappVersion: "{app}"\nannotations:\n  artifacthub.io/images: |\n{listed}'


def test_everything_that_a_reader_wants_to_know_is_told() -> None:
    old = {
        "Chart.yaml": chart("0.1.0", "v0.18.0", "ghcr.io/x/a:v1", "ghcr.io/x/same:v1", "mysql:8.0", "odd image"),
        "values.yaml": "profile: standalone\nimages: {a: {tag: '', digest: ''}}\nold: {}\nport: 1\nenv: [a]\n",
        "values.schema.json": '{"properties": {"profile": {"enum": ["standalone", "gone"]}}}',
        "templates/gone.yaml": "x",
        "templates/same.yaml": "x",
        "templates/web.yaml": "a\nb\nb\nc\n",
    }
    new = {
        "Chart.yaml": chart(
            "0.2.0", "v0.19.0", "ghcr.io/x/a:v2", "ghcr.io/x/a:v2-gpu", "ghcr.io/x/same:v1", "b@sha256:" + "0" * 64
        ),
        "values.yaml": "env: [a, b]\nprofile: standalone\nimages: {a: {tag: ''}}\nport: 1.0\n"
        "database: {host: ''}\na.b: 1\n",
        "values.schema.json": '{"properties": {"profile": {"enum": ["come", "standalone"]}}}',
        "templates/same.yaml": "x",
        "templates/web.yaml": "c\na\nb\nd",
        "templates/new.yaml": "x",
    }
    assert summarise(old, new) == ChangeSummary(
        version=TextChange(old="0.1.0", new="0.2.0"),
        app_version=TextChange(old="v0.18.0", new="v0.19.0"),
        added=("templates/new.yaml",),
        removed=("templates/gone.yaml",),
        changed=(
            FileChange(name="Chart.yaml", added=5, removed=5),
            FileChange(name="templates/web.yaml", added=1, removed=1),
            FileChange(name="values.schema.json", added=1, removed=1),
            FileChange(name="values.yaml", added=5, removed=4),
        ),
        profiles_added=("come",),
        profiles_removed=("gone",),
        values_added=('["a.b"]', "database.host"),
        values_removed=("images.a.digest", "old"),
        values_changed=("env",),
        images=(
            ImageChange(repository="docker.io/library/b", old=(), new=("@sha256:" + "0" * 64,)),
            ImageChange(repository="docker.io/library/mysql", old=("8.0",), new=()),
            ImageChange(repository="ghcr.io/x/a", old=("v1",), new=("v2", "v2-gpu")),
            ImageChange(repository="odd image", old=("",), new=()),
        ),
    )


def test_nothing_is_told_of_what_is_the_same() -> None:
    files = {"Chart.yaml": chart("1.0.0", "v1", "a:1"), "values.yaml": "a: 1"}
    assert summarise(files, dict(reversed(files.items()))) == ChangeSummary()


def test_a_file_that_cannot_be_read_is_named() -> None:
    broken = {"Chart.yaml": "version: [", "values.yaml": "a: {b: 1}"}
    found = summarise(broken, {"Chart.yaml": chart("1.0.0", "v1").replace("|\n", "'['\n"), "values.yaml": "\t"})
    assert found.unread == ("old Chart.yaml", "new values.yaml", "new Chart.yaml artifacthub.io/images")
    assert found.version == TextChange(old="", new="1.0.0")
    assert found.values_removed == ("a.b",)


def test_a_chart_that_is_no_chart_has_nothing() -> None:
    odd = {"Chart.yaml": "[a]", "values.yaml": "text"}
    annotated = {"Chart.yaml": "annotations: {artifacthub.io/images: '[{image: [x]}, y]'}", "values.yaml": ""}
    assert summarise(odd, {}).removed == ("Chart.yaml", "values.yaml")
    assert summarise(annotated, annotated) == ChangeSummary()
    assert summarise(odd, annotated).images == ()


@pytest.mark.parametrize("schema", ["[" * 100_000, "{", ""])
def test_a_schema_that_is_none_is_named(schema: str) -> None:
    assert summarise({"values.schema.json": schema}, {}).unread == ("old values.schema.json",)


@pytest.mark.parametrize("schema", ["[]", '{"properties": []}', '{"properties": {"profile": {"enum": {"a": 1}}}}'])
def test_a_schema_without_profiles_has_none(schema: str) -> None:
    assert summarise({"values.schema.json": schema}, {}).profiles_removed == ()


@given(_FILES, _FILES)
def test_what_one_way_is_added_is_removed_the_other_way(old: Mapping[str, str], new: Mapping[str, str]) -> None:
    there, back = summarise(old, new), summarise(new, old)
    assert (there.added, there.values_added) == (back.removed, back.values_removed)
    assert [(one.name, one.added, one.removed) for one in there.changed] == [
        (one.name, one.removed, one.added) for one in back.changed
    ]
    assert summarise(old, old).changed == ()


def test_hostile_files_take_no_time() -> None:
    start = time.monotonic()
    bomb = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(12))
    lines = "\n".join(f"{number % 7}" for number in range(200_000))
    assert summarise({"values.yaml": bomb}, {}).unread == ("old values.yaml",)
    (change,) = summarise({"x": lines}, {"x": f"{lines}\nx\n"}).changed
    assert (change.added, change.removed) == (2, 1)
    assert time.monotonic() - start < 5
