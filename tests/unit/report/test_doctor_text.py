from __future__ import annotations

from dataclasses import replace

import pytest

from buildkit.model.installation import Builder, Cache, Installation, Item, Runnable, State, Way
from buildkit.report.doctor_text import doctor_text

KUSTOMIZE = Item(
    name="kustomize",
    state=State.TOO_OLD,
    required=True,
    needed_for=("audit", "images"),
    version="4.5.7",
    accepted="5.8.x",
    hint="run `make tools`",
)
ENGINE = Item(
    name="engine",
    state=State.UNREACHABLE,
    required=False,
    needed_for=("builds",),
    problem="Connection refused",
    hint="start Docker",
)
FOUND = Installation(
    kfkit="0.1.0",
    ready=False,
    items=(ENGINE, KUSTOMIZE),
    builders=(
        Builder(
            name="default",
            driver="docker",
            current=True,
            status="running",
            platforms=(
                Runnable(platform="linux/amd64", way=Way.NATIVE),
                Runnable(platform="linux/arm64", way=Way.EMULATED),
            ),
        ),
    ),
    platforms=(Runnable(platform="linux/amd64", way=Way.NATIVE),),
    cache=Cache(path="/home/me/.cache/kfkit", size=3 * 1024 * 1024, complete=False),
)


def test_the_whole_report() -> None:
    assert doctor_text(FOUND).decode().splitlines() == [
        "kfkit 0.1.0; this machine runs linux/amd64 native",
        "",
        "Programs",
        "  state        what       version  accepted            for",
        "  unreachable  engine     -        any       optional  builds",
        "  too-old      kustomize  4.5.7    5.8.x     needed    audit, images",
        "",
        "Builders (* the current one)",
        "  * default (docker), running",
        "      linux/amd64 native, linux/arm64 emulated",
        "",
        "Cache",
        "  /home/me/.cache/kfkit: more than 3.0 MiB",
        "",
        "How to get what is not there",
        "  kustomize is too old: run `make tools`",
        "  engine is unreachable (Connection refused): start Docker",
        "",
        "Result: 1 needed program not usable: kustomize.",
    ]


def test_a_machine_that_has_all_is_told_so() -> None:
    good = replace(KUSTOMIZE, state=State.OK, version="5.8.1", hint=None)
    lines = doctor_text(replace(FOUND, ready=True, items=(good,), builders=())).decode().splitlines()
    assert lines[-1] == "Result: what the commands need is there."
    assert "Builders (* the current one)" not in lines


def test_what_programs_say_cannot_steer_the_terminal() -> None:
    text = doctor_text(replace(FOUND, items=(replace(ENGINE, problem="\x1b[31mred"),))).decode()
    assert "\x1b" not in text


@pytest.mark.parametrize(("size", "shown"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (1 << 40, "1.0 TiB")])
def test_sizes_have_units(size: int, shown: str) -> None:
    text = doctor_text(replace(FOUND, cache=Cache(path="/c", size=size, complete=True))).decode()
    assert f"  /c: {shown}\n" in text
