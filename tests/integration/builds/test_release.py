"""From pushed platforms to tags, on a real registry: none before all is proven; what is told where it ends early."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from buildkit.builds.merging import Merge, plan_merges
from buildkit.builds.result import TagSeen
from buildkit.edges.buildx import open_buildx
from buildkit.edges.registry.client import RegistryClient, open_registry
from buildkit.flows.build_release import Press, Released, release
from buildkit.flows.watch import Watch
from buildkit.model.reference import parse_reference
from tests.support.fault_proxy import Reply, run_faults
from tests.support.push import index, push_image
from tests.support.registry_process import Registry, run_registry
from tests.support.tools import tool
from tests.unit.builds.results import AMD64, ARM64, build, pushed, result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.fault_proxy import Seen


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    tool("buildx")
    with run_registry(tmp_path_factory.mktemp("registry")) as found:
        yield found


@dataclass
class Hooked:
    """The real client, and something that happens just before it is asked what one tag stands for."""

    client: RegistryClient
    hooks: dict[str, Callable[[], object]] = field(default_factory=dict)

    def resolve(self, reference: Any) -> str | None:
        hook = self.hooks.pop(reference.tag or "", None)
        if hook:
            hook()
        return self.client.resolve(reference)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)


@dataclass
class Scene:
    """A press on a registry of its own folder of repositories, and what it told."""

    host: str
    tmp: Path
    told: list[str] = field(default_factory=list)
    hooks: dict[str, Callable[[], object]] = field(default_factory=dict)

    def merge(self, name: str, *, wrong: bool = False, seen: str | None = None) -> Merge:
        """Both platforms pushed, each as an index of its own; `wrong`: amd64 stands for both."""
        image = f"{self.host}/{name}"
        planned = build(name, image=image, labels=(), tags=(f"{image}:1", f"{image}:latest", f"{image}:last"))
        digests = {
            one: push_image(self.host, name, one[-5:], index(AMD64 if wrong else one, salt=name))
            for one in (AMD64, ARM64)
        }
        results = tuple(pushed(one, name, digest=digest) for one, digest in digests.items())
        tags = tuple(TagSeen(tag=tag, digest=seen) for tag in planned.tags)
        (merge,) = plan_merges([("x", result(of=planned, results=results, tags=tags))])
        return merge

    def release(self, *merges: Merge, force: bool = False) -> tuple[Released, ...]:
        client: Any = Hooked(client=open_registry(cache=self.tmp / "cache"), hooks=self.hooks)
        buildx = open_buildx({"BUILDX_CONFIG": str(self.tmp / "buildx")})
        press = Press(buildx=buildx, builder="", registry=client, force=force)
        return release(merges, press, Watch(tell=self.told.append))

    def digest(self, name: str) -> str | None:
        return open_registry().resolve(parse_reference(f"{self.host}/{name}"))

    def put(self, name: str, salt: str = "theirs") -> str:
        """Somebody else sets a tag."""
        repository, _, tag = name.partition(":")
        return push_image(self.host, repository, tag, index(AMD64, salt=salt))


@pytest.fixture
def scene(registry: Registry, tmp_path: Path) -> Scene:
    return Scene(host=registry.host, tmp=tmp_path)


def states(found: Released) -> list[str]:
    return [one.state for one in found.tags]


def test_every_tag_is_set_in_its_order_and_set_once(scene: Scene) -> None:
    merge = scene.merge("plain")
    (found,) = scene.release(merge)
    assert (states(found), found.problem, found.unknown) == (["set"] * 3, None, None)
    assert scene.digest("plain:1") == scene.digest("plain:last") == found.digest
    assert [line.rpartition(": set to ")[0] for line in scene.told[1:]] == list(merge.build.tags)
    (again,) = scene.release(merge)
    assert (states(again), again.digest) == (["there"] * 3, found.digest)


def test_of_two_components_none_is_tagged_where_one_is_not_proven(scene: Scene) -> None:
    fine, wrong = scene.release(scene.merge("fine"), scene.merge("wrong", wrong=True))
    assert fine.digest is not None
    assert (states(fine), fine.problem) == (["kept"] * 3, None)
    assert {one.reason for one in fine.tags} == {"not every component of this run is proven"}
    assert "linux/arm64" in (wrong.problem or "")
    assert (scene.digest("fine:1"), scene.digest("wrong:1")) == (None, None)


def test_what_the_registry_has_lost_is_not_merged(scene: Scene) -> None:
    merge = scene.merge("lost")
    gone = pushed(AMD64, "lost", digest="sha256:" + "0" * 64)
    (found,) = scene.release(Merge(build=merge.build, results=(gone, merge.results[1]), tags=merge.tags))
    assert "its index could not be pushed" in (found.unknown or "")
    assert (found.digest, states(found)) == (None, ["kept"] * 3)


def test_a_tag_that_is_moved_at_the_last_moment_is_left_alone_and_ends_it(scene: Scene) -> None:
    merge = scene.merge("moved")
    scene.hooks["latest"] = lambda: scene.put("moved:latest")
    (found,) = scene.release(merge, force=True)
    assert states(found) == ["set", "kept", "kept"]
    assert "somebody moved it" in (found.problem or "")
    assert found.tags[2].reason == f"{scene.host}/moved:latest could not be set"
    assert scene.digest("moved:latest") != found.digest
    assert scene.digest("moved:last") is None


def test_a_tag_that_is_there_is_moved_with_force_alone(scene: Scene) -> None:
    old = scene.put("forced:1")
    merge = scene.merge("forced", seen=old)
    (kept,) = scene.release(merge)
    assert "is not moved without --force" in (kept.problem or "")
    assert (scene.digest("forced:1"), scene.digest("forced:latest")) == (old, None)
    (forced,) = scene.release(merge, force=True)
    assert states(forced) == ["set"] * 3
    assert scene.digest("forced:1") == forced.digest


def test_a_tag_that_is_gone_since_is_free(scene: Scene) -> None:
    (found,) = scene.release(scene.merge("free", seen="sha256:" + "1" * 64))
    assert states(found) == ["set"] * 3


def test_a_tag_that_the_registry_refuses_ends_it_and_the_others_are_kept_back(scene: Scene) -> None:
    def refuse(request: Seen) -> Reply | None:
        refused = request.method == "PUT" and request.path.endswith("/manifests/latest")
        return Reply(status=403, body=b'{"errors":[{"code":"DENIED"}]}') if refused else None

    first, second = scene.merge("refused-a"), scene.merge("refused-b")
    with run_faults([refuse], upstream=scene.host) as faults:
        through = Scene(host=faults.host, tmp=scene.tmp)
        one, two = through.release(*(plan_through(merge, scene.host, faults.host) for merge in (first, second)))
    assert (states(one), states(two)) == (["set", "kept", "kept"], ["kept"] * 3), (one, two)
    assert "it could not be set" in (one.unknown or "")
    assert {tag.reason for tag in two.tags} == {f"{faults.host}/refused-a:latest could not be set"}
    assert scene.digest("refused-a:1") == one.digest
    assert scene.digest("refused-b:1") is None


def plan_through(merge: Merge, host: str, proxy: str) -> Merge:
    """The same, by way of the proxy."""
    planned = build(
        merge.build.component,
        image=merge.build.image.replace(host, proxy),
        labels=(),
        tags=tuple(tag.replace(host, proxy) for tag in merge.build.tags),
    )
    return Merge(build=planned, results=merge.results, tags=tuple(TagSeen(tag=tag) for tag in planned.tags))


def test_ctrl_c_says_what_is_set_and_what_may_be(scene: Scene) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    scene.hooks["latest"] = interrupt
    with pytest.raises(KeyboardInterrupt):
        scene.release(scene.merge("stopped"))
    prefix = f"{scene.host}/stopped"
    assert scene.told[-1] == f"interrupted: set {prefix}:1; perhaps {prefix}:latest; not set {prefix}:last"
    assert scene.digest("stopped:1")
    assert scene.digest("stopped:last") is None


def test_a_registry_that_went_away_is_not_merged_into(tmp_path: Path) -> None:
    with run_registry(tmp_path / "own") as own:
        away = Scene(host=own.host, tmp=tmp_path)
        merge = away.merge("away")
    (found,) = away.release(merge)
    assert (states(found), found.digest) == (["kept"] * 3, None)
    assert "its index could not be pushed" in (found.unknown or "")
