"""`kfkit inspect` as a process: output, exit codes, standard input, interruption."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from tests.support.fault_proxy import Reply, run_faults
from tests.support.push import Image, index, push_image
from tests.support.tools import ROOT, tool

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.registry_process import Registry

COMMAND = [sys.executable, "-m", "buildkit.cli", "inspect"]


def run(*arguments: str, lines: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        input=lines,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def host(registry: Registry) -> str:
    push_image(registry.host, "cli/good", "v1", index("linux/amd64", "linux/arm64", salt="good"))
    push_image(registry.host, "cli/amd64", "v1", Image(platform="linux/amd64"))
    return registry.host


def test_json_is_what_its_schema_and_the_issue_say(host: str) -> None:
    done = run(f"{host}/cli/amd64:v1", f"{host}/cli/good:v1", f"{host}/cli/amd64:v1", "--format", "json")
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert document["schema"] == "kfkit/inspect/v1"
    assert [image["name"] for image in document["images"]] == [f"{host}/cli/amd64:v1", f"{host}/cli/good:v1"]
    single, good = document["images"]
    assert (single["verdict"], single["depth"], good["verdict"]) == ("missing", "config", "supported")
    assert set(good["platforms"]) == {"linux/amd64", "linux/arm64"}
    assert set(good["platforms"]["linux/arm64"]) == {"verdict", "digest", "size", "config_platform"}
    schema = subprocess.run(
        [sys.executable, "-m", "buildkit.cli", "schema", "inspect"], capture_output=True, cwd=ROOT, check=True
    )
    Draft202012Validator(json.loads(schema.stdout)).validate(document)


def test_the_same_answers_give_the_same_bytes(host: str) -> None:
    first = run(f"{host}/cli/good:v1", f"{host}/cli/none:v1", "--format", "json")
    assert first.stdout == run(f"{host}/cli/good:v1", f"{host}/cli/none:v1", "--format", "json").stdout


def test_crane_sees_the_same_platforms(host: str) -> None:
    document = json.loads(run(f"{host}/cli/good:v1", "--format", "json").stdout)
    for name, record in document["images"][0]["platforms"].items():
        command = [tool("crane"), "config", "--platform", name, f"{host}/cli/good:v1"]
        config = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        assert record["config_platform"] == f"{config['os']}/{config['architecture']}"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["HOST/cli/good:v1"], 0),
        (["HOST/cli/amd64:v1"], 1),
        (["HOST/cli/amd64:v1", "--platform", "linux/amd64"], 0),
        (["HOST/cli/none:v1"], 1),
        (["127.0.0.1:1/x"], 3),
        (["HOST/cli/amd64:v1", "127.0.0.1:1/x"], 1),
        (["HOST/cli/good:v1", "--offline"], 3),
        (["HOST/cli/Good"], 2),
        ([], 2),
        (["HOST/cli/good:v1", "--platform", "arm64"], 2),
        (["HOST/cli/good:v1", "--platform", ","], 2),
        (["HOST/cli/good:v1", "--registries-conf", "/nowhere"], 2),
        (["HOST/cli/good:v1", "--depth", "layers"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_exit_codes(arguments: list[str], code: int, host: str) -> None:
    done = run(*(argument.replace("HOST", host) for argument in arguments))
    assert done.returncode == code, done.stderr
    assert code != 2 or (not done.stdout and "rror" in done.stderr)


def test_standard_input(host: str) -> None:
    lines = f"\ufeff# images\n\n{host}/cli/good:v1  # fine\r\nnot a reference\n{host}/cli/good:v1\nUPPER/Case\n"
    done = run("-", lines=lines)
    assert done.returncode == 3
    assert done.stdout.count("cli/good:v1") == 1
    assert re.findall(r"line (\d+) of standard input", done.stderr) == ["4", "6"]
    assert run("-", lines=lines + f"{host}/cli/amd64:v1").returncode == 1
    assert run("-", lines="# nothing\n").returncode == 2


def test_colour_never_where_nobody_looks(host: str) -> None:
    assert "\x1b" not in run(f"{host}/cli/good:v1").stdout


@pytest.mark.parametrize(
    ("redirection", "code"), [("<&-", 3), (">&-", 3), ("2>&-", 3), ("<&- >&- 2>&-", 3), ("> /dev/full", 2)]
)
def test_streams_that_are_closed_or_full_are_no_bug_of_ours(redirection: str, code: int) -> None:
    command = shlex.join([*COMMAND, "x", "--offline"])
    done = subprocess.run(
        ["/bin/sh", "-c", f"{command} {redirection}"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert code != 2 or "No space left" in done.stderr


def test_offline_asks_nobody() -> None:
    with run_faults([lambda _request: Reply()]) as faults:
        assert run(f"{faults.host}/x:v1", "--offline").returncode == 3
        assert not faults.seen


def test_timings_name_the_network_part(host: str) -> None:
    assert re.search(r"timing network: [\d.]+ s", run(f"{host}/cli/good:v1", "--timings").stderr)


def test_no_ssl_urllib3_or_docker_is_loaded_for_a_plain_registry(host: str) -> None:
    done = run(f"{host}/cli/good:v1", PYTHONPROFILEIMPORTTIME="1")
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not loaded & {"ssl", "urllib3", "docker", "asyncio", "requests"}


def test_an_interruption_ends_the_run_at_once(tmp_path: Path) -> None:
    with run_faults([lambda _request: Reply(delay=8.0)]) as faults:
        names = [f"{faults.host}/x{number}:v1" for number in range(100)]
        with (tmp_path / "err").open("w") as log, subprocess.Popen([*COMMAND, *names], cwd=ROOT, stderr=log) as process:
            deadline = time.monotonic() + 20
            while not faults.seen and time.monotonic() < deadline:
                time.sleep(0.02)
            start = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 130
            assert time.monotonic() - start < 2
