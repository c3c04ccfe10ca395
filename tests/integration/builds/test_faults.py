"""What goes wrong around builds: registries that go away, tags that move, Ctrl-C. Nothing is ever half tagged."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.integration.builds.site import FOREIGN, NATIVE, SAMPLE_HOST, problems, states, tags, written
from tests.support.push import index, push_image
from tests.support.registry_process import run_registry

if TYPE_CHECKING:
    import subprocess

    from tests.integration.builds.site import Site

BASE = f"FROM {SAMPLE_HOST}/build/base:1\n"
MACHINE = BASE + "RUN uname -m > /machine\n"
# Long enough to act while it runs, on the foreign platform only.
SLOW = f'{BASE}RUN case "$(uname -m)" in {"x86_64" if NATIVE == "linux/amd64" else "aarch64"}) ;; *) sleep 4 ;; esac\n'


def wait_for(process: subprocess.Popen[str], text: str) -> None:
    assert process.stderr is not None
    seen = []
    for line in iter(process.stderr.readline, ""):
        seen.append(line)
        if text in line:
            return
    raise AssertionError("".join(seen))


def test_a_registry_that_goes_away_leaves_no_tag_and_a_retry_builds_the_rest(site: Site, tmp_path: Path) -> None:
    storage = tmp_path / "storage"
    with run_registry(tmp_path / "first", storage=storage) as registry:
        away = replace(site, host=registry.host)
        away.component("app", SLOW)
        process = away.start()
        wait_for(process, f"app {NATIVE}: built")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1, err
    assert '"kept"' in out
    assert "Nothing was tagged" in out
    with run_registry(tmp_path / "second", storage=storage, port=registry.port):
        assert away.digest("app:1.0") is None
        again = away.run()
        assert again.code == 0, again.err
        assert states(again.document()) == {("app", NATIVE): "resumed", ("app", FOREIGN): "built"}
        assert away.digest("app:1.0")


def test_a_registry_that_is_not_there_is_told_before_anything_is_built(site: Site) -> None:
    gone = replace(site, host="127.0.0.1:9")
    gone.component("app", MACHINE)
    run = gone.run()
    assert run.code == 3
    assert "Nothing was built" in run.err
    assert not (site.work / "dist").exists()


def test_a_tag_that_somebody_sets_between_build_and_merge_is_left_alone(site: Site) -> None:
    site.component("app", MACHINE)
    for platform in (NATIVE, FOREIGN):
        assert site.run("--platform", platform).code == 0
    host, _, prefix = site.host.partition("/")
    theirs = push_image(host, f"{prefix}/app", "1.0", index("linux/amd64", "linux/arm64", salt="theirs"))
    for options in ((), ("--force",)):
        merged = site.merge("dist/builds", *options)
        assert merged.code == 1
        assert "somebody moved it" in problems(merged.document())
        assert tags(merged.document()) == {f"{site.prefix}/app:1.0": "kept"}
        assert site.digest("app:1.0") == theirs


def test_a_second_tag_that_is_taken_keeps_the_first_back(site: Site) -> None:
    site.component("app", MACHINE)
    assert site.run("--platform", NATIVE, "--tag", "latest").code == 0
    assert site.run("--platform", FOREIGN, "--tag", "latest").code == 0
    host, _, prefix = site.host.partition("/")
    push_image(host, f"{prefix}/app", "latest", index("linux/amd64", salt="old"))
    assert site.merge("dist/builds").code == 1
    assert site.digest("app:1.0") is None


def test_what_the_registry_has_lost_is_built_again(site: Site) -> None:
    site.component("app", MACHINE)
    assert site.run("--platform", NATIVE).code == 0
    file = next((site.work / "dist/builds").glob("*.json"))
    digest = written(file)["results"][0]["digest"]
    file.write_text(file.read_text().replace(digest, "sha256:" + "0" * 64))
    again = site.run()
    assert again.code == 0, again.err
    assert set(states(again.document()).values()) == {"built"}


def test_a_result_of_another_platform_is_found_out_before_the_tag(site: Site) -> None:
    """A runner that says arm64 and pushed amd64."""
    site.component("app", MACHINE)
    for platform in (NATIVE, FOREIGN):
        assert site.run("--platform", platform).code == 0
    native, foreign = (site.work / "dist/builds" / f"app.{name.replace('/', '-')}.json" for name in (NATIVE, FOREIGN))
    pushed = {path: written(path)["results"][0]["digest"] for path in (native, foreign)}
    foreign.write_text(foreign.read_text().replace(pushed[foreign], pushed[native]))
    merged = site.merge("dist/builds")
    assert merged.code == 1
    assert site.digest("app:1.0") is None


def test_ctrl_c_stops_the_build_and_leaves_nothing_behind(site: Site) -> None:
    site.component("app", SLOW.replace("sleep 4", "sleep 60"))
    process = site.start()
    wait_for(process, f"app {FOREIGN}: building")
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert site.digest("app:1.0") is None
    assert [path.name for path in (site.work / "dist/builds").glob("*.json")] == [
        f"app.{NATIVE.replace('/', '-')}.json"
    ]
    assert not _children_of(str(site.work))


def _children_of(text: str) -> list[str]:
    """Command lines of what still runs there (buildkitd, its steps)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            line = (folder / "cmdline").read_bytes()
            if text.encode() in (folder / "environ").read_bytes() and b"pytest" not in line:
                found.append(line.decode(errors="replace"))
    return found


def test_results_that_are_none_are_refused(site: Site) -> None:
    for name, text in {
        "a.json": "{",
        "b.json": '{"schema": "kfkit/pins/v1"}',
        "c.json": '{"schema": "kfkit/build-result/v1"}',
    }.items():
        (site.work / name).write_text(text)
        run = site.merge(name)
        assert run.code == 2
        assert name in run.err
    assert site.merge("nowhere").code == 2
    (site.work / "empty").mkdir()
    assert "no results" in site.merge("empty").err


def test_a_result_cannot_smuggle_options_into_buildx(site: Site) -> None:
    site.component("app", MACHINE)
    assert site.run("--platform", NATIVE).code == 0
    file = next((site.work / "dist/builds").glob("*.json"))
    file.write_text(file.read_text().replace(f'"{site.host}/app"', '"--append"'))
    run = site.merge("dist/builds")
    assert run.code == 2
