"""What a script runs on a platform, as far as that can be said without running it."""

from __future__ import annotations

import pytest

from buildkit.builds.lint.shell.tree import ShellError
from buildkit.builds.lint.values import UNKNOWN
from tests.unit.builds.lint.shell.running import machine, ran, shown

FOLLOWED = {
    # words
    "a 'b c' \"d $X\" e\\ f": ["a b c d x e f"],
    'a $X${X}y "${Y:-d}" ${X:+z} ${X#x}.': ["a xxy {?|d} z ."],
    "a $(echo $X | cat) `echo b`": ["a x b"],
    "a $((1+2)) ${#X} ${X,,} ${ARR[0]} <(b)": ["a ? ? ? ? ?"],
    "a $'t\\n' $\"q\" \"a\\$b\" '$X'": ["a t\n q a$b $X"],
    "a \\\n  b # c\nd#e 'f' #g": ["a b", "d#e f"],
    # assignments
    "A=1 B=$A; a $A$B; A+=2; a $A": ["a 11", "a 12"],
    "A=$(b); a $A-$(uname -m)": ["b", "a ?-aarch64"],
    "export A=1 B; local C=2; a $A$C; unset A; a ${A-gone}": ["a 12", "a {?|gone}"],
    "A=(x y); a ${A}; read B; a $B": ["a x y", "a ?"],
    ": ${A:=v}; a $A": ["a {?|v}"],
    # conditions
    "if [ $X = x ]; then a; else b; fi": ["a"],
    'if [ "$X" != x ] || test -z "$X"; then a; elif [ -n $X ]; then b; else c; fi': ["b"],
    "if [[ $X == x* && ! $X =~ ^(y|z)$ ]]; then a; fi": ["a"],
    "if [ -f /x ]; then a; else b; fi": ["a", "b"],
    "if ! [ $X = y -a $X = x ]; then a; fi": ["a"],
    "[ $X = y ] && a || b; [ $X = x ] && a || b": ["b", "a"],
    "[ -e /x ] && a || b; true && c; false || d; false && e; : || f": ["a", "b", "c", "d"],
    "case $X in y|z) a;; x) b;; *) c;; esac; case $Y in p) d;; esac": ["b", "d"],
    "case $X in [a-w]*) a;; [!a-w]?) b;; ?) c;; esac": ["c"],
    "for i in $X y; do a $i; done; for i; do b; done": ["a {x|y}", "b"],
    "while a; do b; done; until c; do d; done": ["a", "b", "c", "d"],
    "if echo $X | grep -q 'x\\|y'; then a; else b; fi": ["echo x", "grep -q x\\|y", "a"],
    # where it ends
    "a; exit 0; b": ["a"],
    "[ $X = y ] || exit 0; b": [],
    "[ -e /x ] || exit 1; b": ["b"],
    "(a; exit 1); b": ["a", "b"],
    # grouping, functions, scripts in scripts
    "{ a; b; } > /x; (A=2; c); d $A": ["a", "b", "c", "d ?"],
    'f() { a $1 $2; }; f x y; function g { b "$@"; }; g 1 2': ["a x y", "b 1 2 "],
    "f() { return 1; a; }; f; b": ["b"],
    "f() { f; }; f; a": ["a"],
    "sudo -u me env A=1 timeout 5 a b; nice -n 5 c": ["a b", "c"],
    "sh -c 'a $X'; bash -exc \"b; c\"; eval 'd $X'; su - me -c e": ["a x", "b", "c", "d x", "e"],
    "echo u | xargs -n1 a": ["echo u", "a u"],
    "cat <<EOF | sh -s\na $X\nEOF": ["cat", "a x"],
    "bash <<'EOF'\na\nb\nEOF\nc": ["a", "b", "c"],
    "cat <<A <<-B; c\n1\nA\n\t2\n\tB\nd": ["cat", "c", "d"],
    # machines
    "a $(arch) $(uname -s) $(dpkg --print-architecture) $(apk --print-arch) $(gcc -dumpmachine)": [
        "a aarch64 Linux arm64 aarch64 aarch64-linux-gnu"
    ],
    "GOARCH=s390x; export GOARCH; a $(go env GOARCH) $(go env GOHOSTARCH)": ["a s390x arm64"],
    "a $(uname -m | sed s/aarch64/arm64/)": ["uname -m", "sed s/aarch64/arm64/", "a ?"],
    # an architecture decides
    "if [ $Y = amd64 ]; then a; else b; fi": ["b"],
    "if [ $Y = aarch64 ]; then a; else b; fi": ["a"],
    "case $(b) in x86_64) a;; aarch64|arm64) c;; *) d;; esac": ["b", "c"],
    "if b; then a amd64; else a arm64; fi": ["b", "a arm64"],
    "b && A=amd64 || A=arm64; a $A": ["b", "a arm64"],
}


@pytest.mark.parametrize(("script", "told"), FOLLOWED.items(), ids=list(FOLLOWED))
def test_a_script_is_followed(script: str, told: list[str]) -> None:
    commands = ran(script, X="x")
    # What a substitution runs is run too.
    assert [one for one in commands if not _asks(one) or one in told] == told


def _asks(command: str) -> bool:
    return command.split(" ", maxsplit=1)[0] in {"uname", "arch", "dpkg", "apk", "gcc", "go", "echo", "cat"}


def test_each_platform_goes_its_own_way() -> None:
    script = "case $(uname -m) in x86_64) a;; aarch64) b;; ppc64le) c;; armv7l) d;; *) e;; esac"
    platforms = ("linux/amd64", "linux/arm64", "linux/ppc64le", "linux/arm/v7", "linux/s390x")
    assert [ran(script, one)[-1] for one in platforms] == ["a", "b", "c", "d", "e"]


def test_an_exit_with_an_error_counts_only_where_a_decided_condition_leads_there() -> None:
    assert machine("[ $(uname -m) = x86_64 ] || exit 1").refusals
    assert machine("case $(uname -m) in x86_64) a;; *) echo no; exit 2;; esac").refusals
    assert not machine("[ -e /x ] || exit 1").refusals
    assert not machine("exit 1").refusals
    assert not machine("[ $(uname -m) = x86_64 ] || exit 0").refusals
    assert not machine("(exit 1)").refusals


def test_a_command_knows_the_variables_that_it_sees() -> None:
    first, second, third = (
        call for call in machine("GOARCH=a; go b; export GOARCH; go c; GOARCH=d go e").calls if call.words
    )
    assert "GOARCH" not in first.environment
    assert second.environment["GOARCH"].texts == ("a",)
    assert third.environment["GOARCH"].texts == ("d",)
    assert [(name, shown(value)) for name, value in third.assigned] == [("GOARCH", "d")]


def test_a_command_knows_where_it_works_and_what_it_writes() -> None:
    first, second = machine("cd /src/x && go b > out 2>&1; cd $NOBODY; go c").calls
    assert first.environment["PWD"].texts == ("/src/x",)
    assert [shown(one) for one in first.writes] == ["out"]
    assert shown(first.words[0]) == "go"
    assert second.environment["PWD"].texts == (UNKNOWN,)


def test_too_much_to_follow_is_said() -> None:
    with pytest.raises(ShellError, match="too much to follow"):
        machine("f() { a; a; a; }; g() { f; f; f; f; f; f; f; f; }; " + "g; " * 500)


def test_ways_that_double_end_in_what_is_not_known() -> None:
    script = "A=a; " + "if x; then A=${A}b; else A=${A}c; fi; " * 12 + "y $A"
    assert ran(script)[-1] == "y ?"
