"""Suggestions against a real registry: which tag is named, and how often the registry is asked for it."""

from __future__ import annotations

import http.client
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from buildkit.audit.record import AuditedImage, Suggestion
from buildkit.edges.registry.client import open_registry
from buildkit.flows import suggest as flow
from buildkit.flows.inspect import inspect_references, parse_platforms
from buildkit.flows.suggest import suggest
from buildkit.flows.watch import Watch
from buildkit.images.knowledge import Knowledge, Succession
from buildkit.model.reference import parse_reference
from tests.support.ask import BOTH
from tests.support.ask import inspect as inspect_names
from tests.support.fault_proxy import Faults, Reply, Rule, Seen, run_faults
from tests.support.push import Entry, Image, Index, build, index, push_image, push_over

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from buildkit.model.inspection import Depth, Inspection
    from tests.support.registry_process import Registry

OLD, NEW = index("linux/amd64", salt="old"), index("linux/amd64", "linux/arm64", salt="new")
GONE = Succession(
    image="*/gone", tags=".*", use="example.com/other:1", since="2025", text="removed upstream", source="https://e.com"
)


def push_all(host: str, repository: str, tags: Mapping[str, Index]) -> None:
    with closing(http.client.HTTPConnection(host, timeout=20)) as connection:
        for tag, shape in tags.items():
            push_over(connection, repository, tag, build(shape))


def audited(inspection: Inspection) -> AuditedImage:
    return AuditedImage(
        reference=inspection.name,
        name=inspection.name,
        pinned="tag",
        default_install=True,
        uses=(),
        verdict=inspection.verdict,
        depth=inspection.depth,
        platforms=inspection.platforms,
    )


def suggestions(*names: str, cache: Path, depth: Depth = "config") -> list[Suggestion]:
    """As the audit does it: everything is inspected, then suggestions are looked for with the same client."""
    registry = open_registry(None, cache)
    references = [parse_reference(name) for name in names]
    records = inspect_references(references, parse_platforms([BOTH]), registry, Watch(), depth=depth)
    images = [audited(record) for record in records]
    found = suggest(images, registry=registry, knowledge=Knowledge(replacements=(GONE,)), watch=Watch(), depth=depth)
    return [found[image.name] for image in images]


def roots(faults: Faults) -> list[str]:
    """Tags that were asked about, in order."""
    paths = [path.rpartition("/")[2] for path in faults.paths() if "/manifests/" in path]
    return [name for name in paths if ":" not in name]


def test_the_nearest_newer_tag_with_the_platform_is_named(registry: Registry, tmp_path: Path) -> None:
    push_all(
        registry.host, "suggest/near", {"2.16.0": OLD, "2.16.1": OLD, "2.17.0": NEW, "3.0.0": NEW, "2.17.0-x": NEW}
    )
    (found,) = suggestions(f"{registry.host}/suggest/near:2.16.0", cache=tmp_path)
    name = f"{registry.host}/suggest/near:2.17.0"
    assert found == Suggestion(text="2.17.0 is the nearest newer tag with linux/arm64", name=name, newer=3, asked=3)


def test_hundreds_of_tags_cost_a_few_requests(registry: Registry, tmp_path: Path) -> None:
    push_all(registry.host, "suggest/many", {f"1.{n}.0": NEW if n >= 200 else OLD for n in range(320)})
    with run_faults([], upstream=registry.host) as faults:
        (found,) = suggestions(f"{faults.host}/suggest/many:1.0.0", cache=tmp_path)
        assert len([path for path in faults.paths() if "/tags/list" in path]) == 1
        asked = roots(faults)
        assert asked[0] == "1.0.0"
        assert len(asked) == len(set(asked)) == 1 + 16
        # The image itself: index, manifest, config. Each candidate: its index. The one that is named: two of each.
        assert len(faults.seen) == 3 + 1 + 16 + 4
    assert (found.newer, found.asked) == (319, 16)
    assert found.name is not None
    assert 200 <= int(found.name.split(".")[-2]) <= 205
    assert found.text.endswith("is the nearest newer tag with linux/arm64, of 16 asked of 319")
    (confirmed,) = inspect_names(found.name.replace(faults.host, registry.host))
    assert str(confirmed.verdict) == "supported"


def test_two_images_of_a_repository_share_the_list_and_the_answers(registry: Registry, tmp_path: Path) -> None:
    push_all(registry.host, "suggest/two", {"1.0": OLD, "1.1": OLD, "1.2": OLD, "1.3": NEW})
    with run_faults([], upstream=registry.host) as faults:
        names = [f"{faults.host}/suggest/two:1.{number}" for number in range(2)]
        first, second = suggestions(*names, cache=tmp_path)
        assert len([path for path in faults.paths() if "/tags/list" in path]) == 1
        assert sorted(roots(faults)) == ["1.0", "1.1", "1.1", "1.2", "1.3"]  # 1.1 as an image, and as a candidate
    assert first.name == second.name == f"{faults.host}/suggest/two:1.3"
    assert (first.newer, second.newer) == (3, 2)


def liar(salt: str) -> Index:
    """An index whose arm64 entry holds an amd64 image: only the config shows it."""
    images = {one: Image(platform="linux/amd64", salt=f"{salt} {one}") for one in ("amd64", "arm64")}
    return Index(entries=tuple(Entry(content=image, platform=f"linux/{one}") for one, image in images.items()))


def test_a_mislabelled_tag_is_never_recommended(registry: Registry, tmp_path: Path) -> None:
    push_all(registry.host, "suggest/liar", {"1.0": OLD, "1.1": liar("1.1"), "1.2": NEW})
    (found,) = suggestions(f"{registry.host}/suggest/liar:1.0", cache=tmp_path)
    assert found.name == f"{registry.host}/suggest/liar:1.2"
    assert found.text == "1.2 is the nearest newer tag with linux/arm64"
    push_all(registry.host, "suggest/liars", {"1.0": OLD, "1.1": liar("1.1")})
    (found,) = suggestions(f"{registry.host}/suggest/liars:1.0", cache=tmp_path)
    assert (found.name, found.text) == (None, "the only newer tag, 1.1, has no linux/arm64")
    (found,) = suggestions(f"{registry.host}/suggest/liars:1.0", cache=tmp_path, depth="descriptor")
    assert found.name == f"{registry.host}/suggest/liars:1.1"  # no deeper than the audit itself reads then


def test_more_mislabelled_tags_than_are_worth_reading_end_without_a_name(registry: Registry, tmp_path: Path) -> None:
    push_all(registry.host, "suggest/crowd", {"1.0": OLD} | {f"1.{n}": liar(f"{n}") for n in range(1, 6)})
    (found,) = suggestions(f"{registry.host}/suggest/crowd:1.0", cache=tmp_path)
    assert found.name is None
    assert found.text == (
        "none of 3 asked of 5 newer tags has linux/arm64; not every answer could be had: not read beyond its index"
    )


def test_a_tag_beside_a_digest_and_a_digest_alone(registry: Registry, tmp_path: Path) -> None:
    digest = push_image(registry.host, "suggest/pin", "1.0", OLD)
    push_all(registry.host, "suggest/pin", {"1.0": NEW, "1.1": NEW})
    repository = f"{registry.host}/suggest/pin"
    both, alone = suggestions(f"{repository}:1.0@{digest}", f"{repository}@{digest}", cache=tmp_path)
    assert (both.name, both.text) == (
        f"{repository}:1.0",
        "the tag 1.0 itself has linux/arm64 now, only the pinned digest has not",
    )
    assert (alone.name, alone.text) == (
        f"{repository}:1.1",
        "pinned by digest alone: 1.1 is the newest version with linux/arm64",
    )


def on_list(reply: Reply) -> Rule:
    return lambda request: reply if "/tags/list" in request.path else None


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (Reply(status=401), "its registry does not list tags (401)"),
        (Reply(status=403), "its registry does not list tags (403)"),
        (Reply(status=500), "its registry does not list tags (500)"),
        (Reply(body=b"no"), "its tags cannot be listed: HOST: the answer is no list of tags"),
        (
            Reply(status=429, headers={"Retry-After": "600"}),
            "its tags cannot be listed: HOST: answers 429 and asks to wait 600 s",
        ),
    ],
)
def test_a_registry_that_does_not_list_is_a_text_and_the_replacement_stays(
    registry: Registry, tmp_path: Path, reply: Reply, text: str
) -> None:
    push_image(registry.host, "suggest/gone", "1.0", OLD)
    with run_faults([on_list(reply)], upstream=registry.host) as faults:
        (found,) = suggestions(f"{faults.host}/suggest/gone:1.0", cache=tmp_path)
    assert (found.text, found.name) == (text.replace("HOST", faults.host), None)
    assert found.replacement is not None
    assert (found.replacement.use, found.replacement.since) == ("example.com/other:1", "2025")


def test_candidates_that_cannot_be_had_are_no_answer(registry: Registry, tmp_path: Path) -> None:
    push_all(registry.host, "suggest/limit", {"1.0": OLD, "1.1": NEW, "1.2": NEW})

    def busy(request: Seen) -> Reply | None:
        late = request.path.endswith(("/1.1", "/1.2"))
        return Reply(status=429, headers={"Retry-After": "600"}) if late else None

    with run_faults([busy], upstream=registry.host) as faults:
        (found,) = suggestions(f"{faults.host}/suggest/limit:1.0", cache=tmp_path)
    assert found.name is None
    assert found.text.startswith("none of 2 newer tags could be read: ")
    assert "429" in found.text


def test_a_run_asks_no_more_than_its_limit(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "RUN_LIMIT", 4)
    for name in ("a", "b"):
        push_all(registry.host, f"suggest/cap-{name}", {f"1.{number}": OLD for number in range(5)})
    with run_faults([], upstream=registry.host) as faults:
        first, second = suggestions(*(f"{faults.host}/suggest/cap-{name}:1.0" for name in ("a", "b")), cache=tmp_path)
        assert len(roots(faults)) == 2 + 4
    assert first.text == "none of the 4 newer tags has linux/arm64"
    assert (second.text, second.asked) == (
        "none of 4 newer tags could be read; no more than 4 tags are asked about in a run",
        0,
    )


def test_a_second_run_has_the_candidates_in_its_cache(registry: Registry, tmp_path: Path) -> None:
    push_all(registry.host, "suggest/cached", {"1.0": OLD, "1.1": NEW})
    with run_faults([], upstream=registry.host) as faults:
        name = f"{faults.host}/suggest/cached:1.0"
        before = suggestions(name, cache=tmp_path)
        faults.seen.clear()
        assert suggestions(name, cache=tmp_path) == before
        assert sorted((one.method, one.path.rpartition("/")[2]) for one in faults.seen) == [
            ("GET", "list?n=1000"),
            ("HEAD", "1.0"),
            ("HEAD", "1.1"),
        ]


def test_what_was_learnt_is_kept_when_the_run_is_interrupted(registry: Registry, tmp_path: Path) -> None:
    push_all(registry.host, "suggest/broken-off", {"1.0": OLD, "1.1": NEW})

    def interrupt(_stage: str, done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with run_faults([], upstream=registry.host) as faults:
        client = open_registry(None, tmp_path)
        reference = parse_reference(f"{faults.host}/suggest/broken-off:1.0")
        (record,) = inspect_references([reference], parse_platforms([BOTH]), client, Watch())
        with pytest.raises(KeyboardInterrupt):
            suggest([audited(record)], registry=client, knowledge=Knowledge(), watch=Watch(count=interrupt))
        faults.seen.clear()
        suggestions(reference.name, cache=tmp_path)
        assert roots(faults) == []
        heads = [path.rpartition("/")[2] for path in faults.paths("HEAD")]
        assert heads == ["1.0", "1.1"]  # their documents are in the cache


def test_progress_counts_the_images_that_are_done(registry: Registry, tmp_path: Path) -> None:
    push_all(registry.host, "suggest/slow", {f"1.{n}": NEW if n > 30 else OLD for n in range(40)})
    push_all(registry.host, "suggest/quick", {"1.0": OLD})
    client = open_registry(None, tmp_path)
    references = [parse_reference(f"{registry.host}/suggest/{name}:1.0") for name in ("slow", "quick")]
    records = inspect_references(references, parse_platforms([BOTH]), client, Watch())
    told: list[tuple[str, int, int]] = []
    watch = Watch(count=lambda *call: told.append(call))
    suggest([audited(one) for one in records], registry=client, knowledge=Knowledge(), watch=watch)
    assert {(stage, total) for stage, _, total in told} == {("suggestions", 2)}
    assert [done for _, done, _ in told] == [0, 1, 1, 1, 1, 2]
    assert set(watch.seconds) == {"suggestions", "cache"}


def test_offline_only_the_data_file_speaks() -> None:
    names = ("example.com/gone:1.0", "example.com/other:1.0")
    images = [audited(one) for one in _offline(*names)]
    found = suggest(images, registry=None, knowledge=Knowledge(replacements=(GONE,)), watch=Watch())
    assert list(found) == ["example.com/gone:1.0"]
    assert found["example.com/gone:1.0"].replacement is not None
    assert suggest([], registry=None, knowledge=Knowledge(), watch=Watch()) == {}


def _offline(*names: str) -> tuple[Inspection, ...]:
    return inspect_references([parse_reference(name) for name in names], parse_platforms([BOTH]), None, Watch())
