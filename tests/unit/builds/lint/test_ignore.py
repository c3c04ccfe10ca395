"""Comments that take a finding back."""

from __future__ import annotations

from textwrap import dedent

from buildkit.builds.lint.check import Asked, check_dockerfile
from buildkit.builds.lint.context import Nothing
from buildkit.builds.lint.ignore import apply_ignores
from buildkit.dockerfile.parse import parse_dockerfile
from buildkit.model.platform import parse_platform

BOTH = (parse_platform("linux/amd64"), parse_platform("linux/arm64"))


def settled(text: str, *, asked: bool = True) -> tuple[list[str], list[str]]:
    """What stays, and what is ignored with which reason."""
    dockerfile = parse_dockerfile(dedent(text).lstrip("\n"))
    found = check_dockerfile(dockerfile, Asked(platforms=BOTH, context=Nothing())).findings
    kept, ignored = apply_ignores(dockerfile, found, asked=asked)
    stays = [f"{one.line} {one.rule} {one.level}" for one in kept]
    return stays, [f"{one.finding.line} {one.finding.rule}: {one.reason}" for one in ignored]


def test_a_comment_above_an_instruction_holds_for_all_of_it() -> None:
    assert settled(
        """
        FROM debian:12
        # Why this is so.
        # kfkit: ignore=fixed-download nobody builds this for arm64
        # More.
        RUN true && \\
            curl -LO https://x.org/tool-amd64
        RUN curl -LO https://x.org/other-amd64
        """
    ) == (["7 fixed-download error"], ["6 fixed-download: nobody builds this for arm64"])


def test_a_comment_inside_an_instruction_holds_for_the_next_line() -> None:
    assert settled(
        """
        FROM debian:12
        RUN curl -LO https://x.org/one-amd64 && \\
            # kfkit: ignore=fixed-download,fixed-path a mirror

            curl -LO https://x.org/two-amd64 && \\
            curl -LO https://x.org/three-amd64
        """
    ) == (
        ["2 fixed-download error", "3 unused-ignore note", "6 fixed-download error"],
        ["5 fixed-download: a mirror"],
    )


def test_a_comment_at_the_top_holds_for_the_file_where_a_blank_line_follows() -> None:
    text = "# kfkit: ignore=fixed-download amd64 only\n{}FROM a\nRUN curl x.org/amd64\nADD https://x.org/amd64 /\n"
    assert settled(text.format("\n")) == ([], ["4 fixed-download: amd64 only", "5 fixed-download: amd64 only"])
    assert settled(text.format("")) == (
        ["1 unused-ignore note", "3 fixed-download error", "4 fixed-download error"],
        [],
    )


def test_without_a_reason_it_ignores_nothing_and_is_a_finding() -> None:
    assert settled("FROM a\n# kfkit: ignore=fixed-download\nRUN curl https://x.org/amd64\n") == (
        ["2 ignore-without-reason error", "3 fixed-download error"],
        [],
    )


def test_what_matches_nothing_is_said() -> None:
    assert settled("FROM a\n# kfkit: ignore=fixed-path a reason\nRUN true\n") == (["2 unused-ignore note"], [])
    assert settled("FROM a\n# kfkit: ignore=fixed-path a reason\n\nRUN ls /lib/x86_64-linux-gnu\n") == (
        ["2 unused-ignore note", "4 fixed-path error"],
        [],
    )
    assert settled("FROM a\n# kfkit: ignore=no-such-rule a reason\nRUN true\n") == (["2 unused-ignore note"], [])


def test_where_no_registry_is_asked_a_comment_about_one_is_not_unused() -> None:
    text = "# kfkit: ignore=base-image it is private\nFROM a\n"
    assert settled(text, asked=False) == ([], [])
    assert settled(text, asked=True) == (["1 unused-ignore note"], [])


def test_other_comments_mean_nothing() -> None:
    assert settled("# kfkit: ignored=x\n# ignore=fixed-path y\n# kfkit ignore=z\nFROM a\n") == ([], [])


def test_behind_a_comma_and_a_space_stands_a_rule_where_there_is_one_of_that_name() -> None:
    text = "FROM a\n# kfkit: ignore={} our users\nRUN curl -L https://x.org/amd64 > /usr/lib/x86_64-linux-gnu/x\n"
    assert settled(text.format("fixed-path, fixed-download,"))[1] == ["3 fixed-download: our users"]
    assert settled(text.format("fixed-download, on the road:"))[1] == ["3 fixed-download: on the road: our users"]
