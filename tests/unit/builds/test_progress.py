"""BuildKit's progress, from captures of real builds (buildx 0.37, BuildKit 0.33) with short digests."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.builds.progress import FailedStep, Progress, shortened

# Two stages at once: one fails, the other is given up for it.
FAILED = rb"""
{"vertexes":[{"digest":"sha256:1a","name":"[internal] load build definition from Dockerfile"}]}
{"vertexes":[{"digest":"sha256:1a","name":"[internal] load build definition from Dockerfile","started":"2026-11-30T13:31:05.072586862Z","completed":"2026-11-30T13:31:05.07262434Z"}]}
{"statuses":[{"id":"transferring dockerfile:","vertex":"sha256:1a","name":"transferring","current":228,"timestamp":"2026-11-30T13:31:05.076552227Z","started":"2026-11-30T13:31:05.074252327Z"}]}
{"vertexes":[{"digest":"sha256:2b","inputs":["sha256:8f"],"name":"[b 2/2] RUN sleep 1; cat /nothing","started":"2026-11-30T13:31:06.10553847Z"},{"digest":"sha256:3c","inputs":["sha256:8f"],"name":"[a 2/2] RUN sleep 20","started":"2026-11-30T13:31:06.105974108Z"}]}
{"logs":[{"vertex":"sha256:2b","stream":2,"data":"Y2F0OiBvcGVuIC9ub3RoaW5nOiBubyBzdWNoIGZpbGUgb3IgZGlyZWN0b3J5Cg==","timestamp":"2026-11-30T13:31:07.105538470Z"}]}
{"vertexes":[{"digest":"sha256:2b","inputs":["sha256:8f"],"name":"[b 2/2] RUN sleep 1; cat /nothing","started":"2026-11-30T13:31:06.10553847Z","completed":"2026-11-30T13:31:07.199604898Z","error":"process \"/bin/sh -c sleep 1; cat /nothing\" did not complete successfully: exit code: 1"}]}
{"vertexes":[{"digest":"sha256:3c","inputs":["sha256:8f"],"name":"[a 2/2] RUN sleep 20","started":"2026-11-30T13:31:06.105974108Z","completed":"2026-11-30T13:31:07.214127355Z","error":"process \"/bin/sh -c sleep 20\" did not complete successfully: exit code: 137: context canceled: context canceled"}]}
Dockerfile:4
--------------------
   2 |     RUN sleep 20
   3 |     FROM registry.quarry.example/build/base:1 AS b
   4 | >>> RUN sleep 1; cat /nothing
   5 |     FROM a
--------------------
ERROR: failed to build: failed to solve: process "/bin/sh -c sleep 1; cat /nothing" did not complete successfully: exit code: 1
"""  # noqa: E501  # BuildKit's lines
# One that is pushed: its export ends twice, when it is written and when it is pushed.
PUSHED = rb"""
{"vertexes":[{"digest":"sha256:8f","name":"[b 1/2] FROM registry.quarry.example/build/base:1@sha256:36","started":"2026-11-30T13:30:53.104142236Z","completed":"2026-11-30T13:30:53.104173582Z","cached":true},{"digest":"sha256:a0","inputs":["sha256:8f"],"name":"[b 2/2] RUN uname -m","started":"2026-11-30T13:30:53.104266496Z"}]}
{"logs":[{"vertex":"sha256:a0","stream":1,"data":"YWFyY2g2NAo=","timestamp":"2026-11-30T13:30:54.604971612Z"}]}
{"vertexes":[{"digest":"sha256:a0","inputs":["sha256:8f"],"name":"[b 2/2] RUN uname -m","started":"2026-11-30T13:30:53.104266496Z","completed":"2026-11-30T13:30:54.629906116Z"}]}
{"vertexes":[{"digest":"sha256:c6","name":"exporting to image","started":"2026-11-30T13:30:54.680801695Z"}]}
{"statuses":[{"id":"exporting layers","vertex":"sha256:c6","current":0,"timestamp":"2026-11-30T13:30:54.829602721Z","started":"2026-11-30T13:30:54.681075033Z","completed":"2026-11-30T13:30:54.829601169Z"}]}
{"vertexes":[{"digest":"sha256:c6","name":"exporting to image","started":"2026-11-30T13:30:54.680801695Z","completed":"2026-11-30T13:30:54.853727221Z"}]}
{"vertexes":[{"digest":"sha256:c6","name":"exporting to image","started":"2026-11-30T13:30:54.856403378Z"}]}
{"vertexes":[{"digest":"sha256:c6","name":"exporting to image","started":"2026-11-30T13:30:54.856403378Z","completed":"2026-11-30T13:30:54.899948396Z"}],"statuses":[{"id":"pushing manifest for 127.0.0.1:39619/z","vertex":"sha256:c6","current":0,"timestamp":"2026-11-30T13:30:54.899944117Z","started":"2026-11-30T13:30:54.896862303Z","completed":"2026-11-30T13:30:54.899943598Z"}]}
"""  # noqa: E501

CANCELLED = "did not complete successfully: exit code: 137: context canceled: context canceled"


def whole(stream: bytes) -> tuple[Progress, list[str]]:
    progress = Progress()
    return progress, progress.feed(stream) + progress.close()


def started(name: str = "[1/1] RUN x") -> bytes:
    return json.dumps({"vertexes": [{"digest": "d", "name": name, "started": "2026-01-01T00:00:00Z"}]}).encode() + b"\n"


def logged(*pieces: bytes) -> bytes:
    said = [{"vertex": "d", "data": base64.b64encode(one).decode()} for one in pieces]
    return b"".join(json.dumps({"logs": [one]}).encode() + b"\n" for one in said)


def ended(error: str = "exit code: 1") -> bytes:
    vertex = {"digest": "d", "started": "2026-01-01T00:00:00Z", "completed": "2026-01-01T00:00:09Z", "error": error}
    return json.dumps({"vertexes": [vertex]}).encode() + b"\n"


def test_the_log_of_a_build_that_failed() -> None:
    _, lines = whole(FAILED)
    assert lines[:8] == [
        "#1 [internal] load build definition from Dockerfile",
        "#1 DONE 0.0s",
        "#2 [b 2/2] RUN sleep 1; cat /nothing",
        "#3 [a 2/2] RUN sleep 20",
        "#2 1.000 cat: open /nothing: no such file or directory",
        '#2 ERROR: process "/bin/sh -c sleep 1; cat /nothing" did not complete successfully: exit code: 1',
        f'#3 ERROR: process "/bin/sh -c sleep 20" {CANCELLED}',
        "Dockerfile:4",
    ]
    assert lines[-1].startswith("ERROR: failed to build")


def test_the_step_that_failed_is_the_one_that_was_not_given_up_for_another() -> None:
    progress, _ = whole(FAILED)
    assert progress.failed == FailedStep(
        name="[b 2/2] RUN sleep 1; cat /nothing",
        error='process "/bin/sh -c sleep 1; cat /nothing" did not complete successfully: exit code: 1',
        lines=("cat: open /nothing: no such file or directory",),
    )
    assert progress.said[-1].startswith("ERROR: failed to build: failed to solve")


def test_a_command_that_speaks_of_a_cancelled_context_failed_by_itself() -> None:
    progress, _ = whole(started("RUN echo context canceled; false") + ended("process echo context canceled: code 1"))
    assert progress.failed is not None
    assert progress.failed.name.startswith("RUN echo")


def test_where_all_were_given_up_the_first_is_told() -> None:
    progress, _ = whole(started() + ended("context canceled"))
    assert progress.failed is not None
    assert progress.failed.error == "context canceled"


def test_the_log_of_a_build_that_is_pushed() -> None:
    progress, lines = whole(PUSHED)
    assert lines == [
        "#1 [b 1/2] FROM registry.quarry.example/build/base:1@sha256:36",
        "#1 CACHED",
        "#2 [b 2/2] RUN uname -m",
        "#2 1.501 aarch64",
        "#2 DONE 1.5s",
        "#3 exporting to image",
        "#3 DONE 0.2s",
    ]
    assert (progress.failed, progress.said, progress.done, progress.total, progress.current) == (None, (), 3, 3, "")


def test_what_runs_now_is_the_step_that_began_last() -> None:
    progress = Progress()
    lines = PUSHED.splitlines(keepends=True)
    seen = []
    for line in lines:
        progress.feed(line)
        seen.append(progress.current)
    run, export = "[b 2/2] RUN uname -m", "exporting to image"
    assert seen == ["", run, run, "", export, export, "", export, ""]


@pytest.mark.parametrize("stream", [FAILED, PUSHED])
def test_pieces_may_end_anywhere(stream: bytes) -> None:
    _, lines = whole(stream)
    for cut in range(0, len(stream), 7):
        progress = Progress()
        assert progress.feed(stream[:cut]) + progress.feed(stream[cut:]) + progress.close() == lines
    progress = Progress()
    single = [line for byte in stream for line in progress.feed(bytes([byte]))]
    assert single + progress.close() == lines


_KEYS = st.sampled_from(["vertexes", "logs", "statuses", "digest", "name", "started", "completed", "error", "data"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("2026-01-01T00:00:00") | st.just("d"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)
_LINES = st.one_of(
    st.binary(max_size=60),
    st.dictionaries(_KEYS, _VALUES, max_size=3).map(lambda one: json.dumps(one).encode()),
    st.binary(max_size=20).map(lambda data: logged(data).rstrip(b"\n")),
    st.sampled_from([started().rstrip(b"\n"), ended().rstrip(b"\n"), *FAILED.splitlines()]),
)


@given(lines=st.lists(_LINES, max_size=12), cuts=st.lists(st.integers(0, 4000), max_size=6))
def test_any_stream_in_any_pieces_gives_the_same_lines(lines: list[bytes], cuts: list[int]) -> None:
    stream = b"\n".join(lines)
    _, wanted = whole(stream)
    progress, found, begin = Progress(), [], 0
    for end in [*sorted(cuts), len(stream)]:
        found += progress.feed(stream[begin : max(begin, end)])
        begin = max(begin, end)
    assert found + progress.close() == wanted
    assert progress.failed is None or progress.failed.error


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"{}",
        b"[" * 5000,
        b'{"vertexes": ' + b"[" * 5000,
        b'{"vertexes": [{"digest": 3}]}',
        b'{"vertexes": [{"digest": "d", "started": "yesterday"}]}',
        b'{"logs": [{"vertex": "unknown", "data": "eA=="}]}',
        b"\xff\xfe",
        b"\r\n",
    ],
)
def test_what_is_none_of_its_lines_harms_nothing(line: bytes) -> None:
    progress, _ = whole(line + b"\n" + PUSHED)
    assert progress.done == 3


def test_times_without_a_zone_are_not_taken_for_times() -> None:
    line = started().replace(b"Z", b"")
    progress, lines = whole(line + ended())
    assert lines[0] == line.decode().strip()
    assert progress.failed is not None


@pytest.mark.parametrize("data", ["!", "a", "eA", "=", "\u00e9", None])
def test_what_is_no_base64_is_dropped(data: str | None) -> None:
    progress, lines = whole(started() + json.dumps({"logs": [{"vertex": "d", "data": data}]}).encode())
    assert lines == ["#1 [1/1] RUN x"]
    assert progress.said == ()


def test_a_character_may_come_in_two_pieces() -> None:
    _, lines = whole(started() + logged("é\n".encode()[:1], "é\n".encode()[1:]))
    assert lines[1] == "#1 0.000 é"


def test_what_a_program_draws_over_and_over_is_shown_as_it_looks_in_the_end() -> None:
    progress, lines = whole(started() + logged(b"10%\r50%\r", b"100%\r\nbad\r\n") + ended())
    assert progress.failed is not None
    assert progress.failed.lines == ("100%", "bad")
    assert lines[1] == "#1 0.000 10%\r50%\r100%"


def test_a_line_that_is_not_ended_belongs_to_the_last_lines() -> None:
    progress, lines = whole(started() + logged(b"Continue? [y/n] ") + ended())
    assert progress.failed is not None
    assert progress.failed.lines == ("Continue? [y/n] ",)
    assert "#1 Continue? [y/n] " in lines
    late, _ = whole(started() + logged(b"Continue? [y/n] "))
    assert late.current_lines == ("Continue? [y/n] ",)


def test_only_the_last_lines_of_a_step_are_kept_and_they_are_cut() -> None:
    progress, lines = whole(started() + logged(b"".join(b"%d\n" % number for number in range(5000))) + ended())
    assert progress.failed is not None
    assert progress.failed.lines == tuple(map(str, range(4980, 5000)))
    assert len(lines) == 5002
    wide, _ = whole(started() + logged(b"x" * 50_000 + b"\n") + ended())
    assert wide.failed is not None
    assert [len(line) for line in wide.failed.lines] == [500]


def test_output_without_an_end_of_line_is_not_kept_without_limit() -> None:
    progress, lines = whole(started() + logged(*[b"." * 30_000] * 40))
    assert sum(map(len, lines)) > 1_200_000
    assert max(map(len, lines)) < 100_000
    assert progress.current_lines[-1] == "." * 500


def test_a_line_of_the_stream_that_never_ends_is_cut() -> None:
    progress = Progress()
    for _ in range(200):
        assert progress.feed(b"x" * 50_000) == []
    (line,) = progress.close()
    assert len(line) == 4 * 1024 * 1024
    assert [len(one) for one in progress.said] == [500]
    (same,) = whole(b"x" * 10_000_000)[1]
    assert same == line


def test_more_steps_than_any_dockerfile_has_are_not_kept() -> None:
    vertexes = [{"digest": str(number), "name": "x"} for number in range(10_050)]
    progress, _ = whole(json.dumps({"vertexes": vertexes}).encode())
    assert progress.total == 10_000


def test_a_long_error_keeps_both_its_ends() -> None:
    script = 'process "/bin/sh -c ' + "x" * 9000 + '" did not complete successfully: exit code: 7'
    progress, _ = whole(started() + ended(script))
    assert progress.failed is not None
    assert progress.failed.error.endswith("exit code: 7")
    assert progress.failed.error.startswith('process "/bin/sh')
    assert len(progress.failed.error) == 2000


@given(st.text(max_size=50), st.integers(2, 60))
def test_shortened_is_never_longer_than_asked(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert len(short) <= limit
    assert (short == text) == (len(text) <= limit)
