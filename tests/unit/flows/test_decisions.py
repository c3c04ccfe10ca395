"""Which policy, exceptions and baseline hold: those that are named, else those of the folder `audits` if it is ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from buildkit.audit.past import past_of
from buildkit.audit.policy import DEFAULT_PLATFORMS, PROBLEMS
from buildkit.audit.settle import Rules
from buildkit.errors import UsageError
from buildkit.flows.audit import AuditRequest, run_audit
from buildkit.flows.decisions import DecisionFiles, baseline_path, read_rules, release_name
from buildkit.flows.images import ImagesRequest
from buildkit.flows.watch import Watch
from buildkit.model.inspection import Verdict
from buildkit.report.json import encode
from tests.unit.audit.building import TODAY, audit, known

POLICY = "fail: [missing]\n"
EXCEPTIONS = """\
exceptions:
  - {image: all, platform: "*", reason: r, link: "https://e.com", owner: o, expires: 2027-01-01}
  - {image: some, platform: "*", reason: r, link: "https://e.com", owner: o, expires: 2027-01-01, releases: [v1*]}
"""
BASELINE = encode("baseline", past_of(audit(known("x:1"), rules=Rules(today=TODAY, release="26.03"))))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the current directory: a release `26.03` lies beside the folder `audits`, with everything in it."""
    (tmp_path / "26.03" / "example").mkdir(parents=True)
    audits = tmp_path / "audits"
    (audits / "baselines").mkdir(parents=True)
    (audits / "policy.yaml").write_text(POLICY)
    (audits / "exceptions.yaml").write_text(EXCEPTIONS)
    (audits / "baselines" / "26.03.json").write_bytes(BASELINE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rules(manifests: str, **files: Path | bool | str | tuple[str, ...]) -> tuple[Rules, list[str]]:
    said: list[str] = []
    found = read_rules(DecisionFiles(**files), manifests, TODAY, ("Katib",), Watch(tell=said.append))  # type: ignore[arg-type]
    return found, said


@pytest.mark.parametrize(
    ("manifests", "name"),
    [
        ("github.com/kubeflow/manifests@v1.11.0", "v1.11.0"),
        ("https://github.com/kubeflow/manifests@v1.11.0", "v1.11.0"),
        ("https://github.com/kubeflow/manifests.git@v1.11.0", "v1.11.0"),
        ("github.com/kubeflow/manifests@feature/arm64", "feature-arm64"),
        ("github.com/kubeflow/manifests@refs/heads/../x", "refs-heads-..-x"),
        ("github.com/kubeflow/manifests", "manifests"),
        ("-", "stdin"),
        ("26.03", "26.03"),
        ("./26.03/", "26.03"),
        ("26.03/example/..", "26.03"),
        ("26.03/example", "example"),
        ("/", "release"),
        ("rendered/v1.11.0.yaml", "v1.11.0"),
        ("odd name (2).yaml", "odd-name-2"),
        (".hidden", "hidden"),
        ("...", "release"),
        ("\u4e2d\u6587", "release"),
    ],
)
def test_a_release_is_named_by_its_ref_or_by_the_last_part_of_its_path(here: Path, manifests: str, name: str) -> None:
    (here / "rendered").mkdir()
    for file in ("rendered/v1.11.0.yaml", "odd name (2).yaml"):
        (here / file).write_text("")
    assert release_name(manifests) == name


def test_the_current_folder_has_its_own_name(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here / "26.03")
    assert (release_name("."), release_name("example/../")) == ("26.03", "26.03")


def test_a_path_that_leads_nowhere_is_no_crash(here: Path) -> None:
    (here / "loop").symlink_to(here / "loop")
    assert release_name("loop") == "loop"
    assert rules("x" * 5_000)[0].release == "x" * 200
    assert rules("loop")[0].release == "loop"


def test_the_folder_audits_holds_without_flags(here: Path) -> None:
    found, said = rules("26.03")
    assert (found.policy.fail, found.policy.source) == (frozenset({Verdict.MISSING}), "audits/policy.yaml")
    assert [one.image for one in found.exceptions] == ["all"]
    assert found.exceptions_source == "audits/exceptions.yaml"
    assert found.past is not None
    assert (found.past.release, found.against) == ("26.03", "audits/baselines/26.03.json")
    assert (found.release, found.today, said) == ("26.03", TODAY, [])
    assert here == Path.cwd()


def test_exceptions_are_those_of_the_release(here: Path) -> None:
    (here / "v1.11.0").mkdir()
    found, _ = rules("v1.11.0")
    assert [one.image for one in found.exceptions] == ["all", "some"]
    assert (found.past, found.against) == (None, None)


def test_without_the_folder_the_built_in_rules_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found, said = rules("26.03")
    assert (found.policy.platforms, found.policy.fail, found.policy.source) == (DEFAULT_PLATFORMS, PROBLEMS, None)
    assert (found.exceptions, found.exceptions_source, found.past, said) == ((), None, None, [])


@pytest.mark.parametrize("manifests", [".", "..", "{here}", "{link}", "../../{name}"])
def test_the_folder_audits_of_the_audited_tree_is_not_read_and_that_is_said(
    here: Path, monkeypatch: pytest.MonkeyPatch, manifests: str
) -> None:
    link = here.parent / f"{here.name}-link"
    link.symlink_to(here)
    inner = here / "26.03"
    (here / "audits").rename(inner / "audits")
    release = here if manifests != "." else inner
    (inner / "audits/baselines/26.03.json").rename(inner / f"audits/baselines/{release.name}.json")
    monkeypatch.chdir(inner)
    found, said = rules(manifests.format(here=here, link=link, name=here.name))
    assert (found.policy.source, found.exceptions, found.exceptions_source, found.past) == (None, (), None, None)
    baseline = f"audits/baselines/{release.name}.json"
    assert said == [
        f"{file} lies inside MANIFESTS and is not read unless its option names it"
        for file in ("audits/policy.yaml", "audits/exceptions.yaml", baseline)
    ]


def test_the_folder_audits_of_the_release_that_is_compared_with_is_not_read_either(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "audits").rename(here / "26.03" / "audits")
    (here / "27.03").mkdir()
    monkeypatch.chdir(here / "26.03")
    found, said = rules("../27.03", against=".")
    assert (found.policy.source, found.exceptions) == (None, ())
    assert "audits/policy.yaml lies inside OLD_MANIFESTS and is not read unless its option names it" in said


def test_a_folder_whose_name_begins_alike_is_not_inside(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "26.03-work").mkdir()
    (here / "audits").rename(here / "26.03-work" / "audits")
    monkeypatch.chdir(here / "26.03-work")
    found, said = rules("../26.03")
    assert (found.policy.source, said) == ("audits/policy.yaml", [])


def test_named_files_hold_wherever_they_lie(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here)
    audits = here / "audits"
    found, said = rules(
        ".",
        policy=audits / "policy.yaml",
        exceptions=audits / "exceptions.yaml",
        baseline=audits / "baselines" / "26.03.json",
    )
    assert found.policy.source == str(audits / "policy.yaml")
    assert found.exceptions_source == str(audits / "exceptions.yaml")
    assert found.against == str(audits / "baselines" / "26.03.json")
    assert said == []


def test_a_named_file_goes_before_the_folder(here: Path) -> None:
    (here / "mine.yaml").write_text("fail: [absent]\n")
    found, _ = rules("26.03", policy=Path("mine.yaml"))
    assert (found.policy.fail, found.policy.source) == (frozenset({Verdict.ABSENT}), "mine.yaml")


def test_platforms_of_the_command_line_go_before_the_policys(here: Path) -> None:
    (here / "audits" / "policy.yaml").write_text("platforms: [linux/s390x]\n")
    assert rules("26.03")[0].policy.platforms == ("linux/s390x",)
    assert rules("26.03", platforms=("linux/arm64",))[0].policy.platforms == ("linux/arm64",)


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("policy.yaml", "fial: []\n", "audits/policy.yaml:1: fial: is no key here"),
        ("policy.yaml", "components: {Katip: {}}\n", "audits/policy.yaml:1: components: no owner in the data file"),
        ("exceptions.yaml", "exceptions: [{}]\n", "audits/exceptions.yaml:1: platform: is missing"),
        ("exceptions.yaml", "\udcff", "audits/exceptions.yaml: not UTF-8 text"),
        ("policy.yaml", "#" * (4 * 1024 * 1024 + 1), "audits/policy.yaml: larger than 4 MiB"),
        ("baselines/26.03.json", "{}", "audits/baselines/26.03.json: it names no schema"),
    ],
)
def test_a_wrong_file_of_the_folder_ends_the_run(here: Path, file: str, content: str, says: str) -> None:
    (here / "audits" / file).write_text(content, errors="surrogateescape")
    with pytest.raises(UsageError) as caught:
        rules("26.03")
    assert str(caught.value).startswith(says)


def test_a_named_baseline_may_be_missing_only_where_it_is_written(here: Path) -> None:
    found, _ = rules("26.03", baseline=Path("new.json"), update_baseline=True)
    assert (found.past, found.against) == (None, None)
    with pytest.raises(UsageError) as caught:
        rules("26.03", baseline=Path("new.json"))
    assert str(caught.value) == "new.json: there is no such file"
    assert not (here / "new.json").exists()


def test_a_baseline_that_is_written_anew_is_compared_with_first(here: Path) -> None:
    found, _ = rules("26.03", update_baseline=True)
    assert found.past is not None
    (here / "audits" / "baselines" / "26.03.json").write_text("half a ba")
    with pytest.raises(UsageError):
        rules("26.03", update_baseline=True)


def test_the_baseline_that_is_written_is_the_named_one_or_the_releases() -> None:
    assert baseline_path(DecisionFiles(baseline=Path("b.json")), "26.03") == Path("b.json")
    assert baseline_path(DecisionFiles(), "github.com/kubeflow/manifests@a/../b") == Path(
        "audits/baselines/a-..-b.json"
    )


def request(**more: object) -> AuditRequest:
    files = DecisionFiles(baseline=more.pop("baseline", None), update_baseline=bool(more.pop("update", False)))  # type: ignore[arg-type]
    manifests = str(more.pop("manifests", "26.03"))
    images = ImagesRequest(manifests=manifests, offline=True)
    return AuditRequest(images=images, files=files, today=TODAY, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (
            {"against": "v1", "baseline": Path("b.json")},
            "--against compares with a release, --baseline with a file: give one of them",
        ),
        (
            {"against": "v1", "update": True},
            "--against compares with a release, --baseline with a file: give one of them",
        ),
        (
            {"against": "-", "manifests": "-"},
            "standard input can be read once: MANIFESTS or --against may be -, not both",
        ),
    ],
)
def test_what_cannot_both_be_asked_is_refused_before_anything_is_read(
    here: Path, asked: dict[str, object], says: str
) -> None:
    with pytest.raises(UsageError) as caught:
        run_audit(request(**asked), None, Watch())
    assert str(caught.value) == says
    assert here == Path.cwd()


def test_against_a_release_needs_no_baseline_of_the_folder(here: Path) -> None:
    (here / "audits" / "baselines" / "26.03.json").write_text("half a ba")
    for name in ("26.03", "v1"):
        (here / f"{name}.yaml").write_text(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: x, image: 'x:1'}]}\n"
        )
    done = run_audit(request(manifests="26.03.yaml", against="v1.yaml"), None, Watch())
    assert done.compared is not None
    assert (done.compared.against, done.compared.date, done.compared.gone) == ("v1", None, ())
