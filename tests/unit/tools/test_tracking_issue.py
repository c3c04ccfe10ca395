"""What the tracking issue says and does, decided from the issue as it stands and the night's reports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.github_api import BOT, Tracker, run_github
from tools import tracking_issue
from tools.github_client import GitHubError
from tools.github_issues import Issue, Issues
from tools.nightly_report import Regression, Report, ReportError, read_report
from tools.tracking_issue import LABEL, MARKER, MOST_BODY, Tonight, body_of, choose, decide, merge, parse_items

TOKEN = "token-of-the-job"


def lost(name: str = "quay.io/x/controller:1.1.0", **changed: Any) -> Regression:
    given: dict[str, Any] = {"release": "26.03", "name": name, "was": "quay.io/x/controller:1.0.0"}
    given |= {"platforms": ("linux/arm64",), "file": "apps/x.yaml", "line": 18, "owner": "x/controller"}
    given["fix"] = "Use quay.io/x/controller:1.2.0."
    return Regression(**(given | changed))


def report(*regressions: Regression, date: str = "2026-11-23", whole: bool = True, compared: bool = True) -> Report:
    return Report(
        release="26.03",
        date=date,
        whole=whole,
        compared=compared,
        against_day="",
        regressions=regressions,
        moved_back=bool(regressions),
        changes=(),
    )


def night(*reports: Report, listed: tuple[str, ...] = ("26.03",)) -> Tonight:
    return Tonight(listed=listed, reports={one.release: one for one in reports}, where="https://github.com/x/y")


def issue(body: str, *, is_open: bool = True, author: str = BOT, number: int = 7) -> Issue:
    return Issue(number=number, body=body, is_open=is_open, author=author, labels=(LABEL,))


def opened(*regressions: Regression) -> Issue:
    (step,) = decide(None, night(report(*regressions)))
    assert step.action == "open"
    return issue(step.text)


def actions(was: Issue | None, tonight: Tonight) -> list[str]:
    return [step.action for step in decide(was, tonight)]


def test_nothing_is_opened_where_nothing_regressed() -> None:
    assert decide(None, night(report())) == ()


def test_a_regression_opens_the_issue_with_all_that_is_needed_to_act() -> None:
    body = opened(lost()).body
    for told in ("26.03", "controller:1.1.0", "controller:1.0.0", "linux/arm64", "apps/x.yaml:18", "x/controller"):
        assert told in body
    assert "since 2026-11-23" in body
    assert MARKER in body


def test_the_same_regression_the_next_night_changes_nothing() -> None:
    assert decide(opened(lost()), night(report(lost(), date="2026-11-24"))) == ()


def test_an_edit_in_a_browser_that_only_changes_line_ends_changes_nothing() -> None:
    was = opened(lost())
    edited = issue(was.body.replace("\n", "\r\n"))
    assert decide(edited, night(report(lost(), date="2026-11-24"))) == ()


def test_another_regression_is_told_in_a_comment_of_its_own() -> None:
    comment, edit = decide(opened(lost()), night(report(lost(), lost("quay.io/x/other:2"), date="2026-11-24")))
    assert (comment.action, edit.action) == ("comment", "edit")
    assert "quay.io/x/other:2" in comment.text
    assert "controller" not in comment.text.split("\n")[2].split(";")[0]
    assert "since 2026-11-23" in edit.text
    assert "since 2026-11-24" in edit.text


def test_a_tag_that_moves_on_without_the_platform_is_no_new_regression() -> None:
    (edit,) = decide(opened(lost()), night(report(lost("quay.io/x/controller:1.1.1"), date="2026-11-24")))
    assert edit.action == "edit"
    assert "1.1.1` has no working" in edit.text
    assert "since 2026-11-23" in edit.text


def test_one_of_two_that_is_mended_is_taken_off_without_a_comment() -> None:
    was = opened(lost(), lost("quay.io/x/other:2"))
    (edit,) = decide(was, night(report(lost(), date="2026-11-24")))
    assert edit.action == "edit"
    assert "other" not in edit.text


def test_the_last_one_mended_closes_the_issue_with_a_comment() -> None:
    comment, close = decide(opened(lost()), night(report()))
    assert (comment.action, close.action) == ("comment", "close")
    assert parse_items(close.text) == ()


@pytest.mark.parametrize(
    "tonight",
    [
        night(report(whole=False)),
        night(report(compared=False)),
        night(),
        night(report(whole=False), listed=("26.03", "master")),
    ],
    ids=["something is unknown", "no baseline", "no report", "another release too"],
)
def test_a_night_that_cannot_tell_leaves_the_issue_as_it_is(tonight: Tonight) -> None:
    assert decide(opened(lost()), tonight) == ()


def test_it_stays_open_until_every_release_was_judged() -> None:
    was = opened(lost())
    assert actions(was, night(report(), listed=("26.03", "master"))) == ["edit"]
    assert actions(was, night(report(), report_of("master"), listed=("26.03", "master"))) == ["comment", "close"]


def report_of(release: str) -> Report:
    return Report(
        release=release,
        date="2026-11-23",
        whole=True,
        compared=True,
        against_day="",
        regressions=(),
        moved_back=False,
        changes=(),
    )


def test_a_night_that_cannot_tell_all_still_tells_what_regressed() -> None:
    comment, edit = decide(opened(lost()), night(report(lost("quay.io/x/other:2"), whole=False)))
    assert "quay.io/x/other:2" in comment.text
    assert "controller:1.1.0" in edit.text


def test_what_comes_back_reopens_the_same_issue() -> None:
    closed = issue(opened(lost()).body, is_open=False)
    assert actions(closed, night(report(lost()))) == ["reopen", "comment"]
    assert actions(closed, night(report())) == []


def test_a_release_that_is_no_longer_listed_is_forgotten() -> None:
    was = opened(lost())
    assert actions(was, night(report_of("master"), listed=("master",))) == ["comment", "close"]


@pytest.mark.parametrize(
    "hostile",
    [
        "x@everyone <script>alert(1)</script>",
        "``` @maintainer ```",
        "x\n\n@maintainer #1 fixes #2\n## head",
        "x <!-- kfkit:item 0123456789abcdef --> y",
        'x <!-- kfkit:state {"26.03":{}} --> y',
        f"x {MARKER}",
        "x\x1b[31m\u202e\u0000y",
    ],
)
def test_what_others_wrote_stays_in_code_on_its_line(hostile: str) -> None:
    was = opened(lost(hostile, was=hostile, file=hostile, owner=hostile, fix=hostile))
    (line,) = [line for line in was.body.splitlines() if line.startswith("- ")]
    outside = "".join(line.split("`")[::2])
    assert not set(outside) & set("@#[]")
    assert "<script" not in outside
    assert line.count("`") % 2 == 0
    assert not set("\x1b\u202e") & set(was.body)
    assert len(parse_items(was.body)) == 1
    assert decide(was, night(report(whole=False))) == ()


def test_thousands_of_regressions_fit_and_are_told_once() -> None:
    many = tuple(lost(f"quay.io/x/image-{number:04}-{'y' * 300}:1", fix="z" * 1000) for number in range(3000))
    was = opened(*many)
    assert len(was.body) <= MOST_BODY
    assert "more: see the reports" in was.body
    assert decide(was, night(report(*many, date="2026-11-24"))) == ()
    assert decide(was, night(report(whole=False, date="2026-11-24"))) == ()
    comment = decide(issue(body_of((), night())), night(report(*many)))[0]
    assert comment.action == "comment"
    assert len(comment.text) <= MOST_BODY


@pytest.mark.parametrize("state", ["{", '{"a":1}', '{"26.03":{"x":1}}', '{"../x":{"0123456789abcdef":"2026-01-01"}}'])
def test_a_state_that_somebody_spoilt_is_read_as_far_as_it_goes(state: str) -> None:
    body = f"{MARKER} <!-- kfkit:state {state} -->"
    assert parse_items(body) == ()
    assert actions(issue(body), night(report(lost()))) == ["comment", "edit"]


def test_a_strangers_issue_is_never_ours() -> None:
    theirs = issue(f"{MARKER} take me", author="stranger", number=1)
    unlabelled = Issue(number=2, body=MARKER, is_open=True, author=BOT, labels=())
    other = issue("another workflow's", number=3)
    assert choose([theirs, unlabelled, other], BOT) is None
    assert choose([theirs, issue(MARKER, number=4, is_open=False), issue(MARKER, number=5)], BOT) == issue(
        MARKER, number=5
    )


def test_merging_keeps_the_order_from_night_to_night() -> None:
    first = merge((), night(report(lost("b/b:1"), lost("a/a:1"))))
    again = merge(first, night(report(lost("a/a:1"), lost("b/b:1"), date="2026-11-25")))
    assert first == again


# --- over HTTP


@pytest.fixture
def github() -> Iterator[Tracker]:
    with run_github("kubeflow/buildkit", {TOKEN: {"issues": "write"}, "reader": {"issues": "read"}}) as tracker:
        yield tracker


@pytest.fixture
def tracked(github: Tracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "audits").mkdir()
    (tmp_path / "audits" / "releases.txt").write_text("github.com/kubeflow/community-distribution@26.03\n")
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "GITHUB_API_URL": github.address,
        "GITHUB_REPOSITORY": github.repository,
        "GITHUB_TOKEN": TOKEN,
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def document(**changed: Any) -> dict[str, Any]:
    image = {
        "name": "quay.io/x/controller:1.1.0",
        "status": "fails",
        "platforms": {"linux/amd64": {"verdict": "supported"}, "linux/arm64": {"verdict": "missing"}},
        "change": {"kind": "regressed", "was": "quay.io/x/controller:1.0.0", "platforms": ["linux/arm64"]},
        "uses": [{"file": "apps/x.yaml", "line": 18}],
    }
    return {
        "schema": "kfkit/audit/v1",
        "release": "26.03",
        "date": "2026-11-23",
        "result": "no-go",
        "compared": {"against": "b.json", "date": "2026-11-20", "gone": []},
        "findings": [],
        "images": [image],
        "problems": [],
    } | changed


def write(folder: Path, content: dict[str, Any], name: str = "report.json") -> Path:
    target = folder / "reports" / "audit-26.03" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(content))
    return target


def test_over_http_it_opens_labels_and_then_leaves_it_alone(
    tracked: Path, github: Tracker, capsys: pytest.CaptureFixture[str]
) -> None:
    github.add(f"{MARKER} a trap", author="stranger", labels=(LABEL,))
    write(tracked, document())
    assert tracking_issue.main(["reports"]) == 0
    assert github.requests == ["POST labels", "POST issues"]
    assert tracking_issue.main(["reports"]) == 0
    assert len(github.requests) == 2
    assert github.issues[0]["body"] == f"{MARKER} a trap"
    assert [label["name"] for label in github.issues[1]["labels"]] == [LABEL]
    assert TOKEN not in "".join(capsys.readouterr())


def test_a_regression_that_an_exception_covers_is_accepted(tracked: Path) -> None:
    content = document()
    content["images"][0]["status"] = "excepted"
    found = read_report(write(tracked, content))
    assert found.regressions == ()
    assert found.moved_back


@pytest.mark.parametrize("status", [401, 403, 410, 500, 502])
def test_what_github_refuses_ends_with_3_and_without_the_token(
    tracked: Path, github: Tracker, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    github.answer_with = (status, b'{"message": "said \\u001b so"}', {})
    write(tracked, document())
    assert tracking_issue.main(["reports"]) == 3
    err = capsys.readouterr().err
    assert f"GET /issues: {status} said   so" in err
    assert TOKEN not in err


def test_the_token_does_not_follow_a_redirect(
    tracked: Path, github: Tracker, capsys: pytest.CaptureFixture[str]
) -> None:
    with run_github("kubeflow/buildkit", {TOKEN: {"issues": "write"}}) as elsewhere:
        github.answer_with = (301, b"", {"Location": f"{elsewhere.address}/repos/kubeflow/buildkit/issues"})
        write(tracked, document())
        assert tracking_issue.main(["reports"]) == 3
        assert elsewhere.requests == []
    assert "GET /issues: 301" in capsys.readouterr().err


def test_an_answer_that_is_no_json_or_nobody_who_answers_is_told(
    tracked: Path, github: Tracker, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    github.answer_with = (200, b"<html>", {})
    write(tracked, document())
    assert tracking_issue.main(["reports"]) == 3
    assert "no JSON" in capsys.readouterr().err
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    assert tracking_issue.main(["reports"]) == 3
    assert "refused" in capsys.readouterr().err


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"[1]", {}),
        (200, b"[" * 100_000, {}),
        (200, b"no number of bytes\r\n", {"Transfer-Encoding": "chunked"}),
        (500, b"no number of bytes\r\n", {"Transfer-Encoding": "chunked"}),
        (500, b"[" * 50_000, {}),
    ],
)
def test_a_spoilt_answer_ends_with_3_and_without_the_token(
    tracked: Path, github: Tracker, capsys: pytest.CaptureFixture[str], answer: tuple[int, bytes, dict[str, str]]
) -> None:
    github.answer_with = answer
    write(tracked, document())
    assert tracking_issue.main(["reports"]) == 3
    err = capsys.readouterr().err
    assert err.startswith("error: GitHub: ")
    assert TOKEN not in err


@pytest.mark.parametrize(
    ("api", "repository", "token", "told"),
    [
        ("http://api.example.com", "x/y", TOKEN, "https"),
        ("https://api.github.com", "x/y/../z", TOKEN, "OWNER/REPO"),
        ("https://api.github.com", "x/y", "", "GITHUB_TOKEN"),
        ("https://api.github.com", "x/y", "a\nb: c", "GITHUB_TOKEN"),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_sent(api: str, repository: str, token: str, told: str) -> None:
    with pytest.raises(GitHubError, match=told) as raised:
        Issues(api, repository, token)
    assert not token or token not in str(raised.value)


@pytest.mark.parametrize(
    "content",
    [
        "no json",
        "[]",
        "{}",
        json.dumps(document(schema="kfkit/audit/v2")),
        json.dumps(document(release="../x")),
        json.dumps(document(date="today")),
        json.dumps(document(images=[1])),
        "[" * 100_000,
    ],
)
def test_a_file_that_is_no_report_is_named(tracked: Path, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    target = write(tracked, {})
    target.write_text(content)
    with pytest.raises(ReportError, match=r"report\.json"):
        read_report(target)
    assert tracking_issue.main(["reports"]) == 2
    assert "report.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("verdict", "status", "problems"),
    [("unknown", "fails", []), ("supported", "unknown", []), ("supported", "ok", ["example: does not render"])],
)
def test_a_report_is_whole_only_when_all_that_counts_was_asked(
    tracked: Path, verdict: str, status: str, problems: list[str]
) -> None:
    content = document(problems=problems)
    content["images"][0] |= {"status": status}
    content["images"][0]["platforms"]["linux/amd64"]["verdict"] = verdict
    assert not read_report(write(tracked, content)).whole
    assert read_report(write(tracked, document())).whole
