"""The sample's registry, filled once for all its tests."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from examples.images import IMAGES
from tests.support.kfkit import Run, run_kfkit
from tests.support.mirror import fill, hosts_of, write_registries_conf
from tests.support.registry_process import run_registry
from tests.support.tools import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

GOLDEN = ROOT / "tests" / "golden" / "sample" / "expected.json"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """`digests` holds the digest of each published image by name; `work` keeps kfkit's caches."""

    tree: Path
    conf: Path
    work: Path
    digests: dict[str, str]

    def run(self, command: str, *arguments: str | Path) -> Run:
        """Run a command on the sample; those that ask a registry are led to the local one."""
        conf = () if command == "images" else ("--registries-conf", self.conf)
        return run_kfkit(command, *arguments, *conf, work=self.work)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sample]:
    work = tmp_path_factory.mktemp("sample")
    with run_registry(work / "registry") as registry:
        digests = fill(registry.host, IMAGES)
        conf = work / "registries.conf"
        write_registries_conf(conf, registry.host, hosts_of(IMAGES))
        yield Sample(tree=ROOT / "examples" / "platform", conf=conf, work=work, digests=digests)


@pytest.fixture(scope="session")
def expected() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(GOLDEN.read_text())
    return document
