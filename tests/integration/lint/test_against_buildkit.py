"""Our reading of Dockerfiles held against BuildKit's own code: the same instructions, values, stages and refusals."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from buildkit.dockerfile.arguments import Setting
from buildkit.dockerfile.errors import DockerfileError, SyntaxProblem
from buildkit.dockerfile.expand import Manner, expand
from buildkit.dockerfile.parse import parse_dockerfile
from buildkit.dockerfile.stages import resolve
from buildkit.model.platform import parse_platform
from buildkit.model.reference import parse_reference
from tests.integration.lint.reference import ask, build_reference

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit.dockerfile.dockerfile import Instruction

pytestmark = pytest.mark.integration
PAIRED = {"ENV", "LABEL", "ARG"}
KEYWORDS = [
    *("FROM", "RUN", "COPY", "ADD", "ENV", "ARG", "LABEL", "CMD", "ENTRYPOINT", "ONBUILD", "USER", "WORKDIR", "VOLUME"),
    *("EXPOSE", "SHELL", "HEALTHCHECK", "STOPSIGNAL", "MAINTAINER", "run", "From", "BOGUS"),
]
WORDS = [
    *(
        "a",
        "b=c",
        "alpine",
        "alpine AS x",
        "as",
        "AS",
        "--from=x",
        "--platform=$P",
        "--link",
        "--link=",
        "--chown=1",
        "--",
    ),
    *("--mount=type=bind,from=x,target=/y", '--mount="type=cache,target=/a b"', "<<EOF", "<<-EOF", "<<'EOF'", '<<"E"'),
    *(
        "3<<EOF",
        "<< EOF",
        "<<EOF<<X",
        "$X",
        "${X:-y}",
        "${X}",
        '"q w"',
        "'q'",
        "'",
        '"',
        "\\",
        "`",
        "\\ x",
        '["a","b"]',
    ),
    *(
        '["a", 1]',
        "[1",
        "[]",
        "#c",
        "CMD",
        "NONE",
        "x=y z=w",
        "=",
        "=v",
        "k=",
        'k="a b"',
        "k='a",
        "&&",
        "\t",
        "é",
        "\xa0",
    ),
    *("${X:-}<<EOF", "--network=host", "--network=zz", "--security=insecure", 'a\\"b', "0", "x\u2003y", "--exclude=a"),
]
LINES = [
    *(
        "EOF",
        "\tEOF",
        "",
        "#comment",
        "  # comment",
        "# escape=`",
        "# syntax=x",
        "#escape=\\",
        "X",
        "# escape=q",
        "   ",
    ),
    *("# bogus=1", "\ufeff", "\\", "E"),
]
EXPANSIONS = [
    *(
        "$X",
        "${X}",
        "$Y",
        "${Y}",
        "$E",
        "${E}",
        "$U",
        "${X:-d}",
        "${U:-${Y}}",
        "${E:-e}",
        "${E-e}",
        "${X:+a}",
        "${U+a}",
    ),
    *("${E+a}", "${E:+a}", "${U:?m}", "${X:?m}", "${X#a*}", "${X##a*}", "${X%*c}", "${X%%*c}", "${X%%b*}"),
    *(
        "${X/b/Q}",
        "${X//b/Q}",
        "${X//?/Q}",
        "${X/*/$0}",
        "${X//b*/\\$1z}",
        "${X///-}",
        "${Y//\\//_}",
        "${Y##*/}",
        "${Y%/*}",
    ),
    *(
        "${X#\\*}",
        "${X/\\a/b}",
        '${X%"c"}',
        "'",
        '"',
        "'a $X'",
        '"a $X"',
        "\\",
        "\\$X",
        '"\\$X"',
        '"\\a"',
        "`",
        "a",
        " ",
    ),
    *("b/", "{", "}", "${", "${}", "${:}", "${X:", "${X:}", "${X!}", "$$", "$1", "${1}", "$?", "<", "<<", "é"),
    *(
        "${É}",
        "#",
        "/",
        "-",
        ":",
        "\n",
        "\t",
        "*",
        "?",
        "[",
        "${U//a/b}",
        "${X/b}",
        "${N//b*/Z}",
        "${N##a*}",
        "${P//[/x}",
    ),
]
VALUES = {"X": "abcabc", "Y": "linux/arm64/v8", "E": "", "N": "ab\nabc\ncab", "P": "a[b", "É": "acc", "X1": "z"}


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_reference(tmp_path_factory.mktemp("reference"))


def random_text(chance: random.Random) -> str:
    lines = [random_line(chance) for _ in range(chance.randint(0, 8))]
    lines.insert(
        0 if chance.random() < 0.6 else chance.randint(0, len(lines)), "FROM alpine" + chance.choice(["", " AS x"])
    )
    return chance.choice(["\n", "\n", "\r\n"]).join(lines) + chance.choice(["", "\n"])


def random_line(chance: random.Random) -> str:
    if chance.random() < 0.25:
        return chance.choice(LINES)
    words = [chance.choice(KEYWORDS), *chance.choices(WORDS, k=chance.randint(0, 4))]
    end = chance.choice(["", "", "", "\\", " \\", "\\ \t", "\\\\", "`", " `", "\\\\\\"])
    return chance.choice(["", "", " ", "\t"]) + chance.choice([" ", "  ", "\t"]).join(words) + end


def ours(text: str) -> dict[str, Any] | None:
    """What we make of a text, in the form of the reference; None where it is refused."""
    try:
        read = parse_dockerfile(text)
    except DockerfileError:
        return None
    instructions = [*read.arguments, *(one for stage in read.stages for one in (stage.start, *stage.instructions))]
    return {
        "escape": read.escape,
        "instructions": [form(one) for one in instructions],
        "stages": [
            {
                "name": one.name or "",
                "base": one.base,
                "platform": one.platform or "",
                "line": one.line,
                "commands": len(one.instructions),
            }
            for one in read.stages
        ],
    }


def form(one: Instruction) -> dict[str, Any]:
    heredocs = [
        {"name": doc.name, "expand": doc.expand, "chomp": doc.chomp, "content": doc.content} for doc in one.heredocs
    ]
    return {
        "keyword": one.keyword,
        "line": one.line,
        "end_line": one.end_line,
        "text": one.text,
        "flags": list(one.flags) or None,
        "words": words_of(one.keyword, list(one.words)),
        "exec": one.exec and one.keyword != "ONBUILD",
        "pairs": [{"name": pair.name, "value": pair.value} for pair in one.pairs] or None,
        "heredocs": heredocs or None,
    }


def words_of(keyword: str, words: list[str]) -> list[str] | None:
    """What can be compared: pairs are, and of what ONBUILD holds back the keyword."""
    return None if keyword in PAIRED else words[:1] if keyword == "ONBUILD" else words


def theirs(answer: dict[str, Any]) -> dict[str, Any] | None:
    if answer.get("error"):
        return None
    for one in answer["instructions"]:
        one["flags"] = one["flags"] or None
        one["words"] = words_of(one["keyword"], one["words"])
        one["exec"] = one["exec"] and one["keyword"] != "ONBUILD"
    return {key: answer[key] for key in ("escape", "instructions", "stages")}


def test_texts_are_read_as_buildkit_reads_them(reference: Path) -> None:
    chance = random.Random(6)  # noqa: S311  (the same texts each time)
    texts = [random_text(chance) for _ in range(6000)]
    answers = ask(reference, [{"kind": "parse", "text": text} for text in texts])
    # Its linter, which we do not have, fails on some texts by itself.
    pairs = [
        (text, answer) for text, answer in zip(texts, answers, strict=True) if "panic" not in answer.get("error", "")
    ]
    assert sum("error" not in answer for _, answer in pairs) > 500
    for text, answer in pairs:
        if "variable expansion is not supported" not in _refusal(text):  # BuildKit says so later
            assert ours(text) == theirs(answer), text


def _refusal(text: str) -> str:
    try:
        parse_dockerfile(text)
    except DockerfileError as error:
        return error.reason
    return ""


@pytest.mark.parametrize("kind", ["word", "raw"])
def test_words_are_expanded_as_buildkit_expands_them(reference: Path, kind: str) -> None:
    chance = random.Random(6)  # noqa: S311
    words = [
        ("".join(chance.choices(EXPANSIONS, k=chance.randint(1, 5))), chance.choice("\\\\`")) for _ in range(10_000)
    ]
    requests = [{"kind": kind, "text": text, "env": VALUES, "escape": escape} for text, escape in words]
    for (text, escape), answer in zip(words, ask(reference, requests), strict=True):
        try:
            result = expand(text, VALUES.get, Manner(escape=escape, quotes_are_text=kind == "raw"))
            made = (result.text, sorted(result.missing))
        except SyntaxProblem:
            made = None
        wanted = None if answer.get("error") else (answer["result"], sorted(answer.get("unmatched") or []))
        assert made == wanted, (text, escape)


HEADS = ["ARG BASE=alpine:3", "ARG P=linux/amd64", "ARG V=$TARGETARCH-x", "ARG TARGETARCH=amd64", "ARG STAGE=s0"]
PLATFORMS = [
    *("", "", "", "--platform=$BUILDPLATFORM ", "--platform=linux/amd64 ", "--platform=$TARGETPLATFORM "),
    *("--platform=${P:-linux/arm64} ", "--platform=linux/$TARGETARCH ", "--platform=arm64 "),
]


def random_stages(chance: random.Random) -> str:
    lines = chance.sample(HEADS, chance.randint(0, 3))
    for index in range(chance.randint(1, 4)):
        names = [f"s{number}" for number in range(index)]
        base = chance.choice(["busybox", "alpine:3", "${BASE:-x}", "scratch", "debian:${V:-1}", *names, *names])
        lines.append(f"FROM {chance.choice(PLATFORMS)}{base} AS {chance.choice('sS')}{index}")
        for number in range(chance.randint(0, 4)):
            source = chance.choice([*names, *names, "busybox:9", "scratch"])
            lines.append(
                chance.choice(
                    [
                        f"RUN cmd{index}.{number}",
                        f"COPY --from={source} /a /b{number}",
                        f"RUN --mount=type=bind,from={source},target=/m cmd{index}.{number}",
                        f"ONBUILD RUN held{index}.{number}",
                    ]
                )
            )
    return "\n".join(lines) + "\n"


def test_stages_need_and_run_what_buildkit_builds(reference: Path) -> None:
    chance = random.Random(6)  # noqa: S311
    requests = [
        {
            "kind": "llb",
            "text": random_stages(chance),
            "on": chance.choice(["linux/arm64", "linux/amd64"]),
            "build": chance.choice(["linux/arm64", "linux/amd64"]),
            "args": chance.choice([{}, {"BASE": "fedora"}, {"TARGETARCH": "s390x"}]),
            "target": chance.choice(["", "", "s0"]),
        }
        for _ in range(1500)
    ]
    built = 0
    for request, answer in zip(requests, ask(reference, requests), strict=True):
        if answer.get("error"):
            continue
        built += 1
        runs = {(one["args"][-1], one["platform"]) for one in answer.get("runs") or []}
        pulls = {(one["name"], one["platform"]) for one in answer.get("sources") or []}
        assert needed(request) == (runs, pulls), request
    assert built > 500


def needed(request: dict[str, Any]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    setting = Setting(
        target=request["target"] or None,
        args=request["args"],
        build_platform=parse_platform(request["build"]),
        target_platform=parse_platform(request["on"]),
    )
    stages = resolve(parse_dockerfile(request["text"]), setting).needed
    runs = {(one.words[0], str(s.platform)) for s in stages for one in s.instructions if one.keyword == "RUN"}
    pulls = {(parse_reference(image.name or "").name, str(image.platform)) for s in stages for image in s.images}
    return runs, pulls
