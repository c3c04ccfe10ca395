"""The search for a digest's index against a real registry behind a proxy: bounds, failures, how often it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildkit.edges.registry.client import open_registry
from buildkit.flows import parents as flow
from buildkit.flows.parents import Orphan, find_parents
from buildkit.flows.watch import Watch
from buildkit.model.reference import parse_reference
from buildkit.pins.parents import Parent
from tests.integration.pins.planting import both, child, fill
from tests.support.fault_proxy import Faults, Reply, Rule, Seen, run_faults
from tests.support.push import build
from tests.unit.pins.judging import BOTH

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.registry_process import Registry

SHAPE = both("parents")
FOUND = Parent(digest=build(SHAPE).digest, tag="v1.0")


@pytest.fixture(scope="module")
def upstream(registry: Registry) -> str:
    many = {f"v2.{number}": both(f"parents {number}") for number in range(65)}
    signature = "sha256-" + build(SHAPE).digest[7:] + ".sig"
    fill(
        registry.host,
        {
            "parents/few": {"v1.0": SHAPE, "v2.0": both("newer"), signature: both("signature")},
            "parents/many": {"v1.0": SHAPE, **many},
            "parents/again": {"v1.0": SHAPE, "latest": SHAPE},
        },
    )
    return registry.host


@pytest.fixture
def faults(upstream: str) -> Iterator[Faults]:
    with run_faults([], upstream=upstream) as proxy:
        yield proxy


def orphan(host: str, name: str = "few", *hints: str, digest: str = "") -> Orphan:
    digest = digest or child(SHAPE)
    return Orphan(reference=parse_reference(f"{host}/parents/{name}@{digest}"), digest=digest, hints=hints)


def search(*orphans: Orphan, cache: Path) -> list[Parent | str]:
    return list(find_parents(orphans, BOTH, open_registry(None, cache), Watch()))


def asked(faults: Faults) -> list[str]:
    """Tags and lists that were asked for."""
    paths = [path.partition("?")[0].rpartition("/")[2] for path in faults.paths()]
    return [name for name in paths if not name.startswith("sha256:")]


def test_a_hint_that_lists_it_is_all_that_is_asked(faults: Faults, tmp_path: Path) -> None:
    assert search(orphan(faults.host, "few", "v1.0", "v2.0"), cache=tmp_path) == [FOUND]
    assert sorted(asked(faults)) == ["v1.0", "v2.0"]


def test_hints_that_lead_nowhere_give_way_to_the_repositorys_tags(faults: Faults, tmp_path: Path) -> None:
    assert search(orphan(faults.host, "few", "v9", "no tag!", "v2.0"), cache=tmp_path) == [FOUND]
    assert sorted(asked(faults)) == ["list", "v1.0", "v2.0", "v9"]


def test_one_index_under_two_tags_is_one(faults: Faults, tmp_path: Path) -> None:
    assert search(orphan(faults.host, "again"), cache=tmp_path) == [FOUND]


def test_a_repository_is_asked_once_for_all_its_digests_and_sixty_times_at_most(faults: Faults, tmp_path: Path) -> None:
    other = child(both("parents 60"))
    found = search(orphan(faults.host, "many"), orphan(faults.host, "many", digest=other), cache=tmp_path)
    assert isinstance(found[0], str)
    assert "60 tags were asked, newest first; the repository has 66, at most 60 are asked" in found[0]
    assert found[1] == Parent(digest=build(both("parents 60")).digest, tag="v2.60")
    assert asked(faults).count("list") == 1
    assert len(asked(faults)) == 61


def test_a_run_asks_no_more_than_its_limit(faults: Faults, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "RUN_LIMIT", 10)
    (found,) = search(orphan(faults.host, "many"), cache=tmp_path)
    assert isinstance(found, str)
    assert "this run had asked 10 tags by then" in found


def denied(path: str, status: int) -> Rule:
    return lambda request: Reply(status=status) if path in request.path else None


@pytest.mark.parametrize(
    ("rule", "hints", "said"),
    [
        (denied("/tags/list", 404), ("v2.0",), "the repository's tags cannot be listed"),
        (denied("/tags/list", 403), (), "the repository's tags cannot be listed"),
        (denied("/manifests/v1.0", 403), (), "1 tag was not answered for (v1.0: missing or private"),
        (denied("/manifests/v1.0", 500), ("v1.0",), "not answered for (v1.0: "),
    ],
)
def test_what_kept_the_search_from_an_answer_is_said(
    rule: Rule, hints: tuple[str, ...], said: str, upstream: str, tmp_path: Path
) -> None:
    with run_faults([rule], upstream=upstream) as faults:
        (found,) = search(orphan(faults.host, "few", *hints), cache=tmp_path)
    assert isinstance(found, str)
    assert said in found


def test_a_registry_that_goes_away_in_between_is_a_reason_not_an_error(upstream: str, tmp_path: Path) -> None:
    def away(request: Seen) -> Reply | None:
        return Reply(reset=True) if "/tags/list" in request.path else None

    with run_faults([away], upstream=upstream) as faults:
        (found,) = search(orphan(faults.host), cache=tmp_path)
    assert isinstance(found, str)
    assert "cannot be listed" in found


def test_without_a_registry_nothing_is_found() -> None:
    (found,) = find_parents([orphan("127.0.0.1:9", "few", "v1.0")], BOTH, None, Watch())
    assert isinstance(found, str)
