"""Hashes of generated names against the real kustomize."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildkit.charts.hashes import stem_of
from buildkit.compare.objects import Text, read_objects
from tests.support.tools import tool

pytestmark = pytest.mark.integration

contents = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(str.encode),
    st.sampled_from(
        (b"", b"<a>&'\"\\", b"\xff\xfe\x00", b"\n", b" a \n\n", "\u2028é\U0001f600".encode(), b"{{ x }}", b"on")
    ),
)
entries = st.dictionaries(st.sampled_from(("a", "b.yaml", "Z", "c-d")), contents, max_size=4)


@given(maps=st.lists(st.tuples(st.booleans(), entries), min_size=1, max_size=8))
@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
def test_every_name_that_kustomize_generates_is_known_by_its_hash(
    tmp_path_factory: pytest.TempPathFactory, maps: list[tuple[bool, dict[str, bytes]]]
) -> None:
    folder = tmp_path_factory.mktemp("generated")
    generators: dict[str, list[object]] = {"configMapGenerator": [], "secretGenerator": []}
    for number, (secret, held) in enumerate(maps):
        files = [f"{key}={write(folder / f'{number}-{key}', data)}" for key, data in held.items()]
        kind = "secretGenerator" if secret else "configMapGenerator"
        generators[kind].append({"name": f"made-{number}", "files": files} if files else {"name": f"made-{number}"})
    (folder / "kustomization.yaml").write_text(json.dumps(generators))
    done = subprocess.run([tool("kustomize"), "build", str(folder)], capture_output=True, check=True, timeout=60)
    found = read_objects(Text("kustomize", done.stdout.decode()))
    assert {stem_of(one.body) for one in found} == {f"made-{number}" for number in range(len(maps))}


def write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return path.name
