"""`kfkit pins check` as a process, against a real registry, on a tree with a pin of every class."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from buildkit.report.documents import DOCUMENTS
from buildkit.report.json import json_schema
from tests.integration.pins.planting import DEAD, NOWHERE, both, child, fill_all, plant, planted
from tests.support.fault_proxy import Reply, Rule, Seen, run_faults
from tests.support.kfkit import Run, run_kfkit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.pins.planting import Planted
    from tests.support.registry_process import Registry


@pytest.fixture(scope="module")
def everything(registry: Registry) -> Iterator[dict[str, Planted]]:
    """Every pin, while its registries answer."""
    fill_all(registry.host)
    asks = Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="private"'})
    with run_faults([lambda _request: asks]) as private:
        yield planted(registry.host, private.host)


@pytest.fixture(scope="module")
def tree(everything: dict[str, Planted], tmp_path_factory: pytest.TempPathFactory) -> Path:
    images = {name: one.image for name, one in everything.items()}
    return plant(tmp_path_factory.mktemp("pins") / "tree", images, {"sample": images["single"]})


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("work")


def check(*arguments: str | Path, work: Path) -> Run:
    return run_kfkit("pins", "check", *arguments, work=work, seconds=120)


def pins_of(done: Run) -> dict[str, dict[str, Any]]:
    """Pins by the file's name."""
    return {pin["file"].rpartition("/")[2].removesuffix(".yaml"): pin for pin in done.document()["pins"]}


@pytest.fixture(scope="module")
def found(tree: Path, work: Path) -> Run:
    return check(tree, "--format", "json", work=work)


@pytest.mark.parametrize("name", sorted(planted("", "")))
def test_each_pin_has_its_class_its_edit_and_its_reason(name: str, found: Run, everything: dict[str, Planted]) -> None:
    pin, wanted = pins_of(found)[name], everything[name]
    assert (pin["kind"], pin["class"], pin["edit"]) == ("digest", wanted.class_, wanted.edit)
    assert pin.get("proposed") == wanted.proposed
    assert wanted.why in pin.get("why", "")
    value = wanted.image.rpartition("@")[2]
    column = len("        image: ") + len(wanted.image) - len(value) + 1
    assert (pin["value"], pin["file"], pin["line"], pin["column"]) == (value, f"example/{name}.yaml", 10, column)


def test_the_document_follows_its_schema_and_counts_what_counts(found: Run) -> None:
    document = found.document()
    jsonschema.validate(document, json.loads(json_schema("pins", DOCUMENTS["pins"])))
    assert document["summary"] == {
        "index": 1,
        "index-incomplete": 1,
        "single-platform": 6,
        "excludes-platform": 0,
        "stale": 1,
        "unknown": 2,
    }
    assert found.code == 1
    single = pins_of(found)["single"]
    assert (single["platforms"], single["kustomizations"]) == (["linux/amd64"], ["example"])


def test_a_sample_is_listed_and_not_edited(found: Run) -> None:
    (sample,) = [pin for pin in found.document()["pins"] if pin["sample"]]
    assert (sample["file"], sample["class"], sample["edit"]) == ("samples/sample.yaml", "single-platform", "none")


def test_nothing_is_written_and_the_same_answers_give_the_same_bytes(tree: Path, found: Run, work: Path) -> None:
    before = {path: path.read_bytes() for path in tree.rglob("*.yaml")}
    again = check(tree, "--format", "json", work=work)
    assert again.out == found.out
    assert {path: path.read_bytes() for path in tree.rglob("*") if path.is_file()} == before


def test_a_tag_that_stays_must_be_an_index_and_there_must_be_one(tree: Path, work: Path) -> None:
    pins = pins_of(check(tree, "--mode", "strip", "--format", "json", work=work))
    assert (pins["single"]["edit"], pins["single"]["proposed"]) == ("planned", "v1")
    assert (pins["whole"]["edit"], pins["stale"]["edit"]) == ("none", "refused")
    assert "it is no index" in pins["orphan"]["why"]
    assert pins["twice"]["edit"] == "refused"


@pytest.mark.parametrize(
    ("names", "code"),
    [(("whole",), 0), (("whole", "dead"), 3), (("private",), 3), (("single", "dead"), 1), (("stale",), 1)],
)
def test_the_exit_code_says_the_worst(
    names: tuple[str, ...], code: int, everything: dict[str, Planted], tmp_path: Path
) -> None:
    plant(tmp_path / "tree", {name: everything[name].image for name in names}, {"s": everything["single"].image})
    assert check(tmp_path / "tree", work=tmp_path / "work").code == code


def bearer(request: Seen) -> Reply:
    """As ghcr.io does it for what is private or not there: the token service refuses."""
    if request.path.startswith("/token"):
        return Reply(status=403, body=b'{"errors":[{"code":"DENIED"}]}')
    realm = f"http://{request.headers['host']}/token"
    return Reply(status=401, headers={"WWW-Authenticate": f'Bearer realm="{realm}",service="x"'})


@pytest.mark.parametrize(
    ("rule", "class_", "code"),
    [
        (bearer, "unknown", 3),
        (lambda _request: Reply(status=403), "unknown", 3),
        (lambda _request: Reply(status=404), "stale", 1),
        (lambda _request: Reply(status=429, headers={"Retry-After": "0"}), "unknown", 3),
        (lambda _request: Reply(body=b"<html>"), "unknown", 3),
    ],
    ids=["token service", "403", "404", "429", "nonsense"],
)
def test_only_a_plain_no_is_stale(rule: Rule, class_: str, code: int, tmp_path: Path) -> None:
    with run_faults([rule]) as faults:
        plant(tmp_path / "tree", {"x": f"{faults.host}/team/x@{NOWHERE}"})
        done = check(tmp_path / "tree", "--format", "json", work=tmp_path / "work")
    assert (pins_of(done)["x"]["class"], done.code) == (class_, code)


def test_the_only_required_platform_may_be_pinned_alone(everything: dict[str, Planted], tmp_path: Path) -> None:
    plant(tmp_path / "tree", {"single": everything["single"].image})
    done = check(tmp_path / "tree", "--platform", "linux/amd64", "--format", "json", work=tmp_path / "work")
    pin = pins_of(done)["single"]
    assert (done.code, pin["class"], pin["edit"]) == (0, "single-platform", "none")


def test_offline_nothing_is_known(tree: Path, work: Path) -> None:
    done = check(tree, "--offline", "--format", "json", work=work)
    assert done.code == 3
    assert {pin["class"] for pin in done.document()["pins"]} == {"unknown"}


def test_text_names_each_place_and_what_to_do(tree: Path, work: Path, everything: dict[str, Planted]) -> None:
    done = check(tree, work=work)
    assert done.code == 1
    assert "\x1b" not in done.out
    lines = done.out.splitlines()
    assert lines[1] == ("Counted: 11 pins: 6 single-platform, 1 stale, 1 index-incomplete, 2 unknown, 1 index")
    row = next(number for number, line in enumerate(lines) if line.startswith("  example/single.yaml:10:"))
    assert f"makes it {everything['single'].proposed} (the index of v1)" in lines[row + 1]
    assert lines[-2:] == [
        "Result: 8 ties: 2 can be freed by kfkit pins fix, 6 cannot be freed here.",
        "Result: 2 pins could not be judged.",
    ]


def test_every_format_goes_to_a_file_of_one_run(tree: Path, work: Path, tmp_path: Path) -> None:
    formats = ("text", "json", "markdown", "sarif", "github")
    reports = [f"--report={name}={tmp_path / name}" for name in formats]
    assert check(tree, *reports, "--sarif-root", "deploy", work=work).code == 1
    sarif = json.loads((tmp_path / "sarif").read_text())
    results = sarif["runs"][0]["results"]
    assert len(results) == 10
    assert results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("deploy/example/")
    annotations = (tmp_path / "github").read_text().splitlines()
    assert [line.split(" ")[0] for line in annotations] == ["::error"] * 8 + ["::warning"] * 2
    assert annotations[0].startswith("::error file=deploy/example/many.yaml,line=10,col=")
    assert "### single-platform" in (tmp_path / "markdown").read_text()


def test_only_lines_changed_since_a_revision_count(everything: dict[str, Planted], tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=tmp_path / "clone", check=True, capture_output=True)

    tree = plant(tmp_path / "clone" / "deploy", {name: everything[name].image for name in ("whole", "orphan")})
    git("init")
    git("add", ".")
    git("commit", "-m", "first")
    assert check(tree, "--changed-since", "HEAD", work=tmp_path / "work").code == 0
    file = tree / "example" / "whole.yaml"
    file.write_text(file.read_text().replace(everything["whole"].image, everything["single"].image))
    done = check(tree, "--changed-since", "HEAD", "--format", "json", work=tmp_path / "work")
    assert (done.code, list(pins_of(done)), done.document()["since"]) == (1, ["whole"], "HEAD")


def test_changed_lines_are_asked_of_a_work_tree_alone(tree: Path, work: Path) -> None:
    done = check(tree, "--changed-since", "HEAD", work=work)
    assert (done.code, done.out) == (2, "")
    done = check("-", "--changed-since", "HEAD", work=work)
    assert (done.code, done.out) == (2, "")
    assert "--changed-since" in done.err


def test_a_render_is_no_tree_and_says_so(tree: Path, work: Path) -> None:
    done = check(tree / "example" / "single.yaml", work=work)
    assert (done.code, done.out) == (2, "")
    assert "a render: what ties stands in the files that it was made from" in done.err


def test_an_image_that_stands_twice_is_asked_about_once(registry: Registry, tmp_path: Path) -> None:
    fill_all(registry.host)
    with run_faults([], upstream=registry.host) as faults:
        image = f"{faults.host}/pins/single:v1@{child(both('single'))}"
        plant(tmp_path / "tree", {"a": image, "b": image})
        assert check(tmp_path / "tree", work=tmp_path / "work").code == 1
        paths = [path for path in faults.paths() if path.startswith("/v2/pins/single/manifests/")]
        assert len(paths) == len(set(paths))


def test_hostile_digests_in_a_dead_place_end_soon(tmp_path: Path) -> None:
    images = {f"x{number}": f"{DEAD}/pins/x{number}@{NOWHERE}" for number in range(20)}
    plant(tmp_path / "tree", images)
    assert check(tmp_path / "tree", work=tmp_path / "work").code == 3
