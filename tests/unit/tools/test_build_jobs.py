from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from buildkit.report.json import encode
from tests.unit.builds.components import TEXT, plan
from tools.build_jobs import JobsError, images_of, main, plan_jobs, quote, registry_of

if TYPE_CHECKING:
    from pathlib import Path


def document(text: str = TEXT) -> dict[str, Any]:
    """Give the plan of a catalogue, as `kfkit build plan` writes it."""
    found: dict[str, Any] = json.loads(encode("build-plan", plan(text)))
    return found


def catalogue(*components: str) -> dict[str, Any]:
    """Give the plan of components: of each its name, and what else the catalogue says of it."""
    lines = [
        f"  - {{name: {name}, image: ghcr.io/{name}{more}}}\n" for name, more in (one.split("|") for one in components)
    ]
    return document("components:\n" + "".join(lines))


def named(plan: dict[str, Any], *, emulate: bool = False) -> list[str]:
    return [f"{' '.join(job.components)} {job.platform} {job.runner}" for job in plan_jobs(plan, emulate=emulate)]


def test_each_platform_of_a_component_is_a_job_on_its_native_runner() -> None:
    assert named(catalogue("a|", "b|, platforms: [linux/arm64]")) == [
        "a linux/amd64 ubuntu-24.04",
        "a linux/arm64 ubuntu-24.04-arm",
        "b linux/arm64 ubuntu-24.04-arm",
    ]


def test_components_that_are_built_on_each_other_share_a_job_in_their_order() -> None:
    plan = catalogue(
        "a|",
        "b|",
        "c|, needs: [a], platforms: [linux/amd64]",
        "d|, needs: [c, b], platforms: [linux/amd64]",
        "e|",
    )
    assert named(plan) == [
        "a b c d linux/amd64 ubuntu-24.04",
        "a b linux/arm64 ubuntu-24.04-arm",
        "e linux/amd64 ubuntu-24.04",
        "e linux/arm64 ubuntu-24.04-arm",
    ]
    names = [job.row()["name"] for job in plan_jobs(plan, emulate=False)]
    assert names == ["a-linux-amd64", "a-linux-arm64", "e-linux-amd64", "e-linux-arm64"]


def test_a_platform_without_a_native_runner_is_an_error_unless_it_may_be_emulated() -> None:
    plan = catalogue("a|, platforms: [linux/amd64, linux/s390x]")
    with pytest.raises(JobsError, match=r"a: no runner is known that is native to linux/s390x: name one in the cat"):
        plan_jobs(plan, emulate=False)
    assert named(plan, emulate=True)[1] == "a linux/s390x ubuntu-24.04"
    assert [job.row()["emulated"] for job in plan_jobs(plan, emulate=True)] == [False, True]


def test_the_catalogue_names_a_runner_of_ones_own() -> None:
    plan = catalogue("a|, platforms: [{platform: linux/s390x, runner: our-z}]")
    assert named(plan) == ["a linux/s390x our-z"]


def test_one_machine_builds_what_is_built_on_each_other() -> None:
    plan = catalogue("a|", "b|, needs: [a], platforms: [{platform: linux/amd64, runner: fast}]")
    with pytest.raises(JobsError, match=r"several runners for linux/amd64: fast, ubuntu-24\.04"):
        plan_jobs(plan, emulate=False)


@pytest.mark.parametrize(("count", "message"), [(0, "nothing is to be built"), (129, "258 jobs: GitHub makes at most")])
def test_what_makes_no_matrix_is_told(count: int, message: str) -> None:
    plan = catalogue(*(f"c{number}|" for number in range(max(count, 1))))
    plan["builds"] = plan["builds"][:count]
    with pytest.raises(JobsError, match=message):
        plan_jobs(plan, emulate=False)


def test_githubs_token_is_for_githubs_registry_alone() -> None:
    plan = catalogue("a|")
    assert registry_of(plan, has_token=False) == "ghcr.io"
    plan["builds"][0]["image"] = "quay.io/x/y"
    with pytest.raises(JobsError, match=r"quay\.io needs the secret registry-token"):
        registry_of(plan, has_token=False)
    assert registry_of(plan, has_token=True) == "quay.io"


def test_one_release_goes_to_one_registry() -> None:
    with pytest.raises(JobsError, match=r"not to docker\.io, ghcr\.io: set the input registry"):
        registry_of(document(), has_token=True)


def component(**facts: Any) -> dict[str, Any]:
    return {
        "component": "a",
        "image": "ghcr.io/a",
        "digest": "sha256:1",
        "tags": [{"tag": "t", "state": "set"}],
        **facts,
    }


def test_what_is_signed_is_every_index_that_has_its_tags() -> None:
    there = component(image="ghcr.io/b", tags=[{"tag": "t", "state": "there"}])
    assert images_of({"components": [component(), there]}) == [
        {"image": "ghcr.io/a", "digest": "sha256:1"},
        {"image": "ghcr.io/b", "digest": "sha256:1"},
    ]


@pytest.mark.parametrize(
    "components",
    [[], [component(tags=[{"tag": "t", "state": "kept"}])], [component(), component(digest=None)]],
)
def test_nothing_is_signed_unless_all_is_released(components: list[dict[str, Any]]) -> None:
    with pytest.raises(JobsError, match="not released"):
        images_of({"components": components})


def test_a_text_cannot_end_its_quotation() -> None:
    text = "one\n```\n\n</details>\n\r\x0b\u2028# title\n"
    assert all(line.startswith("    ") for line in quote(text).splitlines() if line)


def test_of_a_long_text_the_end_is_kept() -> None:
    lines = quote("\n".join(f"line {number}" for number in range(20_000))).strip().splitlines()
    assert lines[-1] == "    line 19999"
    assert lines[0].startswith("... ")
    assert sum(len(line) + 1 for line in lines) < 61_000


def test_the_outputs_are_lines_that_github_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, out = tmp_path / "plan.json", tmp_path / "out"
    file.write_text(json.dumps(catalogue("a|, platforms: [linux/amd64]")))
    monkeypatch.setenv("GITHUB_OUTPUT", str(out))
    assert main(["jobs", str(file)]) == 0
    matrix, host = out.read_text().splitlines()
    assert json.loads(matrix.removeprefix("matrix="))[0]["components"] == "a"
    assert host == "host=ghcr.io"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": "kfkit/build-run/v1"}', "\x00"])
def test_a_file_that_is_no_plan_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(content)
    assert main(["jobs", str(file)]) == 2
    assert f"error: {file}: " in capsys.readouterr().err
