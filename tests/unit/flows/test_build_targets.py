"""Building with a program that stands for buildx: results, logs, and what becomes of the others when one goes wrong."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from buildkit.builds.nodes import ChosenNode
from buildkit.errors import UndeterminedError, UsageError
from buildkit.flows.build_board import Target
from buildkit.flows.build_results import read_result, result_path
from buildkit.flows.build_targets import Workshop, build_targets
from buildkit.flows.watch import Watch
from buildkit.model.platform import parse_platform
from tests.support.fake_buildx import FakeBuildx, make_buildx
from tests.unit.builds.results import AMD64, ARM64, build, digest
from tests.unit.builds.test_progress import FAILED, PUSHED, logged, started

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.flows.build_board import Outcomes

FINE = {"err": PUSHED.decode(), "digest": digest("pushed")}


@pytest.fixture
def fake(tmp_path: Path) -> FakeBuildx:
    found = make_buildx(tmp_path)
    found.rules(FINE)
    return found


def target(name: str = "app", platform: str = AMD64, *, node: str = "a", key: str | None = "k", **facts: Any) -> Target:
    planned = build(name, **facts)
    chosen = ChosenNode(platform=parse_platform(platform), builder="b", endpoint=node, way="native", reason="its own")
    (own,) = (one for one in planned.platforms if one.platform == platform)
    return Target(build=planned, platform=own, node=chosen, key=key, seen=())


def there(name: str, platform: str) -> str:
    """The registry has everything."""
    del name
    return digest(f"manifest {platform}")


def shop(fake: FakeBuildx, **facts: Any) -> Workshop:
    plain: dict[str, Any] = {
        "buildx": fake.buildx,
        "folder": fake.folder / "results",
        "version": "1",
        "epoch": None,
        "seconds": 30.0,
        "jobs": 1,
        "fresh": False,
        "find_manifest": there,
    }
    return Workshop(**{**plain, **facts})


def run(fake: FakeBuildx, *targets: Target, **facts: Any) -> tuple[Outcomes, list[str]]:
    told: list[str] = []
    outcomes = build_targets(targets, shop(fake, **facts), Watch(tell=told.append))
    return outcomes, told


def test_what_is_built_has_a_result_and_a_log(fake: FakeBuildx) -> None:
    outcomes, told = run(fake, target())
    outcome = outcomes["app", AMD64]
    assert (outcome.state, outcome.digest, outcome.problem) == ("built", digest("pushed"), None)
    path = result_path(fake.folder / "results", "app", AMD64)
    document = read_result(path)
    assert document is not None
    (found,) = document.results
    assert (found.digest, found.manifest, found.key, found.way) == (
        digest("pushed"),
        digest(f"manifest {AMD64}"),
        "k",
        "native",
    )
    assert "#2 1.501 aarch64" in path.with_suffix(".log").read_text().splitlines()
    assert told[0] == "app linux/amd64: building on a (native: its own)"
    assert told[1].startswith("app linux/amd64: built in ")


def test_buildx_is_asked_for_progress_and_digest_and_told_the_time(fake: FakeBuildx) -> None:
    run(fake, target(), epoch=5)
    (call,) = fake.calls()
    assert call[:5] == ["build", "--progress", "rawjson", "--metadata-file", call[4]]
    (environment,) = fake.environments()
    assert environment["SOURCE_DATE_EPOCH"] == "5"
    assert environment["BUILDX_METADATA_PROVENANCE"] == "disabled"
    assert environment["BUILDX_NO_DEFAULT_ATTESTATIONS"] == "1"


def test_a_second_run_resumes_and_tells_where_from(fake: FakeBuildx) -> None:
    run(fake, target())
    outcomes, told = run(fake, target())
    assert outcomes["app", AMD64].state == "resumed"
    assert told == [f"app linux/amd64: in the registry already, {digest('pushed')}"]
    assert len(fake.calls()) == 1


@pytest.mark.parametrize("why", ["fresh", "key", "gone"])
def test_what_is_not_the_same_or_not_there_is_built_again(fake: FakeBuildx, why: str) -> None:
    run(fake, target())
    lost = iter([UndeterminedError("gone")])

    def gone(name: str, platform: str) -> str:
        for error in lost:
            raise error
        return there(name, platform)

    changes: dict[str, dict[str, Any]] = {"fresh": {"fresh": True}, "key": {}, "gone": {"find_manifest": gone}}
    changed = changes[why]
    outcomes, _ = run(fake, target(key="k" if why != "key" else "j"), **changed)
    assert outcomes["app", AMD64].state == "built"


def test_a_failure_is_told_with_its_lines_and_leaves_no_result(fake: FakeBuildx) -> None:
    run(fake, target())
    fake.rules({"words": [AMD64], "err": FAILED.decode(), "code": 1}, FINE)
    outcomes, _ = run(fake, target(key="new"), target(platform=ARM64))
    failed = outcomes["app", AMD64]
    assert (failed.state, failed.lines) == ("failed", ("cat: open /nothing: no such file or directory",))
    assert failed.problem is not None
    assert failed.problem.startswith("[b 2/2] RUN sleep 1; cat /nothing: ")
    assert failed.log is not None
    assert not result_path(fake.folder / "results", "app", AMD64).exists()
    assert outcomes["app", ARM64].state == "built"


def test_one_over_its_time_is_late(fake: FakeBuildx) -> None:
    fake.rules({"err": (started("[1/1] RUN npm ci") + logged(b"still at it")).decode(), "seconds": 60})
    outcomes, _ = run(fake, target(), seconds=1.0)
    late = outcomes["app", AMD64]
    assert (late.state, late.problem) == ("late", "the time limit of 1 s was reached at [1/1] RUN npm ci")
    assert late.lines == ("still at it",)


@pytest.mark.parametrize("metadata", [None, ""])
def test_a_build_that_tells_no_digest_has_failed(fake: FakeBuildx, metadata: str | None) -> None:
    fake.rules({} if metadata is None else {"digest": metadata})
    outcomes, _ = run(fake, target())
    assert outcomes["app", AMD64].state == "failed"
    assert "buildx built, but" in (outcomes["app", AMD64].problem or "")


def test_what_the_registry_does_not_show_is_not_built(fake: FakeBuildx) -> None:
    def wrong(name: str, platform: str) -> str:
        raise UndeterminedError(f"{name} is no {platform} image", hint="look")

    outcomes, _ = run(fake, target(), find_manifest=wrong)
    found = outcomes["app", AMD64]
    assert (found.state, found.hint) == ("failed", "look")
    assert found.problem == f"ghcr.io/x/app@{digest('pushed')} is no linux/amd64 image"


def test_what_is_built_on_another_takes_its_digest_for_each_of_its_tags(fake: FakeBuildx) -> None:
    run(fake, target("base"), target("top", needs=("base",)))
    _, top = fake.calls()
    contexts = [top[number + 1] for number, word in enumerate(top) if word == "--build-context"]
    assert contexts == [
        f"ghcr.io/x/base:1=docker-image://ghcr.io/x/base@{digest('pushed')}",
        f"ghcr.io/x/base=docker-image://ghcr.io/x/base@{digest('pushed')}",
    ]


def test_what_is_built_on_one_that_failed_is_not_tried(fake: FakeBuildx) -> None:
    fake.rules({"words": ["x/base"], "code": 1}, FINE)
    outcomes, told = run(fake, target("base"), target("top", needs=("base",)), target("last", needs=("top",)))
    assert [outcomes[name, AMD64].state for name in ("base", "top", "last")] == ["failed"] * 3
    assert told[-1] == "last linux/amd64: failed: top, which it is built on, could not be built"
    assert len(fake.calls()) == 1


def test_nodes_build_beside_each_other_and_a_node_as_many_as_it_may(fake: FakeBuildx) -> None:
    fake.rules({**FINE, "seconds": 1.0})
    start = time.monotonic()
    run(fake, *(target(f"c{number}", node="ab"[number % 2]) for number in range(4)), jobs=2)
    assert time.monotonic() - start < 3.6  # one after the other they take four


def test_passwords_in_addresses_are_masked_in_what_is_reported(fake: FakeBuildx) -> None:
    said = started("RUN git clone https://me:s3cret@host/x") + logged(b"fatal: https://me:s3cret@host/x\n")
    failed = FAILED.replace(b"cat: open", b"https://me:s3cret@host").replace(b"exit code: 1", b"https://u:s3cret@h/x")
    fake.rules({"err": (said + failed).decode(), "code": 1})
    outcomes, told = run(fake, target())
    assert "s3cret" not in "".join([str(outcomes), *told])


def test_a_step_shown_while_it_runs_cannot_steer_the_terminal(fake: FakeBuildx) -> None:
    fake.rules({**FINE, "err": started("[1/1] RUN \x1b[2J" + "x" * 400).decode()})
    shown: list[str] = []
    watch = Watch(count=lambda stage, _done, _total: shown.append(stage))
    build_targets([target()], shop(fake), watch)
    assert shown
    assert all("\x1b" not in one and len(one) < 100 for one in shown)


def test_a_folder_that_cannot_be_written_is_told(fake: FakeBuildx) -> None:
    (fake.folder / "file").touch()
    with pytest.raises(UsageError, match="cannot be written"):
        run(fake, target(), folder=fake.folder / "file" / "x")


def test_what_cannot_be_kept_ends_the_run_and_what_else_is_being_built(fake: FakeBuildx) -> None:
    """Not an hour later, when the other build is through."""
    fake.rules({"words": [ARM64], **FINE, "seconds": 60}, FINE)
    folder = fake.folder / "results"
    (folder / "app.linux-amd64.log").mkdir(parents=True)
    start = time.monotonic()
    with pytest.raises(UsageError, match=r"app\.linux-amd64\.log: cannot be written"):
        run(fake, target(), target(platform=ARM64, node="b"))
    assert time.monotonic() - start < 20


def test_our_own_mistake_in_one_lane_ends_all_of_them(fake: FakeBuildx) -> None:
    before = threading.active_count()

    def broken(name: str, platform: str) -> str:
        raise ZeroDivisionError(name, platform)

    with pytest.raises(ZeroDivisionError):
        run(fake, target("base"), target("top", ARM64, node="b"), find_manifest=broken)
    assert threading.active_count() <= before
