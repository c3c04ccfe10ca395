"""A catalogue against a checkout: what is gone, and what is new."""

from __future__ import annotations

import random
import time

from buildkit.builds.catalogue import parse_catalogue
from buildkit.builds.drift import Seen, find_drift, find_unnamed
from buildkit.dockerfile.parse import parse_dockerfile

GOOD = """\
ARG BASE
ARG TAG=1
FROM ${BASE}:$TAG AS Build
ARG COMMIT
FROM scratch
COPY --from=build /a /a
"""


def drift(
    component: str, dockerfiles: dict[str, str], folders: tuple[str, ...] = (".",), sources: str = ""
) -> list[tuple[str, str]]:
    """Rules and messages of one component of a repository."""
    head = f"sources:\n  s: {{repository: x/y{sources}}}\n"
    catalogue = parse_catalogue(f"{head}components:\n  - name: a\n    image: a\n    source: s\n{component}", "b.yaml")
    seen = Seen(
        dockerfiles={path: parse_dockerfile(body) if body else "line 1: odd" for path, body in dockerfiles.items()},
        folders=frozenset(folders),
        found=tuple(sorted(dockerfiles)),
    )
    found = [
        *find_drift(catalogue.components, seen),
        *find_unnamed(catalogue.components, catalogue.ignored, seen, "x/y", "b.yaml"),
    ]
    assert {one.source for one in found} <= {"x/y"}
    return [(one.rule, one.message) for one in found]


BASE = "    args: {BASE: b}\n"


def test_what_is_as_the_catalogue_says_is_not_told() -> None:
    assert drift(BASE + "    target: build\n", {"Dockerfile": GOOD}) == []
    assert (
        drift(
            "    target: '1'\n    args: {BASE: b, COMMIT: c, http_proxy: d, BUILDKIT_SYNTAX: e}\n", {"Dockerfile": GOOD}
        )
        == []
    )


def test_a_folder_and_a_file_that_are_gone() -> None:
    assert drift("    context: sub\n    dockerfile: sub/Dockerfile\n", {}) == [
        ("no-context", "there is no such folder"),
        ("no-dockerfile", "there is no such file"),
    ]


def test_a_file_that_moved_is_guessed_and_is_new() -> None:
    assert drift("    dockerfile: cmd/ui/Dockerfile\n", {"cmd/ui/v1/Dockerfile": GOOD}) == [
        ("no-dockerfile", "there is no such file; is it cmd/ui/v1/Dockerfile now?"),
        ("unnamed", "no component is built from it: add one, or ignore it with a reason"),
    ]


def test_a_guess_among_thousands_of_files_takes_no_longer() -> None:
    letters = "someXlongXpathXthatXisXnotXthere" * 3
    chosen = random.Random(1)  # noqa: S311
    names = ["".join(chosen.sample(letters, len(letters))) for _ in range(3000)]
    start = time.process_time()
    assert drift(f"    dockerfile: {letters}\n", {f"{name}.Dockerfile": GOOD for name in names})[0] == (
        "no-dockerfile",
        "there is no such file",
    )
    assert time.process_time() - start < 6


def test_a_guess_among_thousands_of_arguments_takes_no_longer() -> None:
    letters = "someXlongXnameXthatXisXnotXthere" * 3
    chosen = random.Random(1)  # noqa: S311
    names = ["".join(chosen.sample(letters, len(letters))) for _ in range(3000)]
    text = "FROM scratch\n" + "".join(f"ARG {name}\n" for name in names)
    start = time.process_time()
    found = drift(f"    args: {{{letters}: a}}\n", {"Dockerfile": text})
    assert found == [("no-argument", f"declares no ARG {letters}")]
    assert time.process_time() - start < 6


def test_a_file_that_cannot_be_read() -> None:
    assert drift("", {"Dockerfile": ""}) == [("unreadable", "line 1: odd")]


def test_a_stage_that_is_gone() -> None:
    assert drift(BASE + "    target: final\n", {"Dockerfile": GOOD}) == [
        ("no-stage", "no stage 'final'; its stages are: build")
    ]
    assert drift("    target: '2'\n", {"Dockerfile": "FROM a\n"}) == [
        ("no-stage", "no stage '2'; its stages are: none by name")
    ]


def test_an_argument_that_nothing_declares_and_one_that_nothing_gives() -> None:
    assert drift("    args: {COMIT: x}\n", {"Dockerfile": GOOD}) == [
        ("no-argument", "declares no ARG COMIT; did you mean COMMIT?"),
        ("no-value", "its FROM takes ARG BASE, which has no value; add it to args"),
    ]


def test_an_argument_with_a_default_or_of_the_builder_needs_no_value() -> None:
    body = "ARG A=1\nARG B\nARG TARGETARCH\nFROM a:${A}-${B:-2}-$TARGETARCH\n"
    assert drift("", {"Dockerfile": body}) == []


def test_a_dockerfile_that_is_ignored_is_not_new_and_one_that_is_gone_is_not_ignored() -> None:
    ignored = ", ignored: [{dockerfile: 'test/**', reason: x}, {dockerfile: gone/Dockerfile, reason: x}]"
    more = {"Dockerfile": "FROM a\n", "test/a/Dockerfile": "FROM a\n", "new/Dockerfile": ""}
    assert drift("", more, sources=ignored) == [
        ("unnamed", "no component is built from it: add one, or ignore it with a reason"),
        ("ignores-nothing", "there is no such Dockerfile that no component names"),
    ]
