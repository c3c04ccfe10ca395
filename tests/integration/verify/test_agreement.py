"""Whatever an index looks like, a verification and an audit say the same of every platform."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from buildkit.builds.check import Outcome
from buildkit.builds.judged import facts_of
from buildkit.edges.registry.client import open_registry
from buildkit.flows.inspect import parse_platforms
from buildkit.model.contents import Wanted
from buildkit.model.reference import parse_reference
from buildkit.verdict.judge import judge
from tests.support.fault_proxy import run_faults, serve_built
from tests.support.push import OCI_CONFIG, OCI_MANIFEST, Entry, Image, Index, Raw, build
from tests.support.verified import PLATFORMS, labelled
from tests.support.verify import BOTH, messages, remarks, verify_name

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.push import Shape

SHAPES = 60
NAMED = (*PLATFORMS, "linux/arm64/v8", "linux/arm/v7", "linux/amd64/v2", "windows/amd64", "unknown/unknown", None)
HELM = Image(platform=None, config_type="application/vnd.cncf.helm.config.v1+json", layer_type="application/x")
NOTHING = Raw(body=b'{"schemaVersion":2}', media_type=OCI_MANIFEST)
AMD64, ARM64 = (labelled(platform) for platform in PLATFORMS)


class Shapes:
    """Indexes as nobody would push them, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.chosen = random.Random(seed)  # noqa: S311

    def index(self, depth: int = 0) -> Index:
        entries = tuple(self.entry(depth) for _ in range(self.chosen.randint(0, 4)))
        return Index(entries=entries, docker=self.seldom(0.2))

    def entry(self, depth: int) -> Entry:
        content: Shape = self.index(depth + 1) if depth < 4 and self.seldom(0.15) else self.image()
        return Entry(
            content=NOTHING if self.seldom(0.05) else content,
            platform=self.chosen.choice(NAMED),
            absent=self.seldom(0.08),
            artifact_type="application/x" if self.seldom(0.1) else None,
            annotations={"vnd.docker.reference.type": "attestation-manifest"} if self.seldom(0.1) else {},
        )

    def image(self) -> Image:
        return Image(
            platform=self.chosen.choice(NAMED),
            layers=self.chosen.choice([None, None, (b"a",), (b"b",), ()]),
            salt=str(self.chosen.randint(0, 3)),
            docker=self.seldom(0.2),
            config_type=self.chosen.choice([OCI_CONFIG] * 6 + [HELM.config_type, ""]),
        )

    def seldom(self, share: float) -> bool:
        return self.chosen.random() < share


@pytest.mark.parametrize("seed", range(4))
def test_any_index_is_the_same_to_an_audit(seed: int, tmp_path: Path) -> None:
    shapes = Shapes(seed)
    built = [build(shapes.index()) for _ in range(SHAPES)]
    platforms = parse_platforms([BOTH])
    with run_faults([serve_built(f"r{number}", "v1", one) for number, one in enumerate(built)]) as faults:
        names = [parse_reference(f"{faults.host}/r{number}:v1") for number in range(SHAPES)]
        contents = open_registry().contents([Wanted(reference=name) for name in names])
        facts = open_registry(cache=tmp_path).read(names, platforms, "config")
    for number, (seen, read) in enumerate(zip(contents, facts, strict=True)):
        verified, audited = judge(seen.name, facts_of(seen), platforms), judge(seen.name, read, platforms)
        assert {name: one.verdict for name, one in verified.platforms.items()} == {
            name: one.verdict for name, one in audited.platforms.items()
        }, built[number].manifests[built[number].digest]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (Entry(content=HELM), []),
        (Entry(content=HELM, artifact_type="application/x"), []),
        (Entry(content=HELM, platform="linux/s390x"), [("problem", "platforms", "linux/s390x")]),
        (
            Entry(content=HELM, platform="linux/s390x", artifact_type="application/x"),
            [("problem", "platforms", "linux/s390x")],
        ),
    ],
    ids=["none", "named so", "of a platform", "named so and of a platform"],
)
def test_what_is_no_image_counts_where_a_client_takes_it_for_one(
    entry: Entry, expected: list[tuple[str, str, str | None]]
) -> None:
    with run_faults([serve_built("x", "v1", build(Index(entries=(entry, AMD64, ARM64))))]) as faults:
        found = verify_name(f"{faults.host}/x:v1")
    assert remarks(found) == expected
    assert found.outcome is (Outcome.PROBLEM if expected else Outcome.OK)
    assert found.checks[0].told == "2 images, 0 attestations, 1 of another kind"


def test_an_artifact_that_stands_for_a_platform_before_its_image_is_a_problem() -> None:
    first = Entry(content=HELM, platform="linux/amd64", artifact_type="application/x")
    with run_faults([serve_built("x", "v1", build(Index(entries=(first, AMD64, ARM64))))]) as faults:
        found = verify_name(f"{faults.host}/x:v1")
    assert "an OCI artifact, no container image" in messages(found)
    assert [(one.platform, one.indexed) for one in found.platforms] == [("linux/amd64", "no"), ("linux/arm64", "yes")]
