"""`make demo`: every verb there is, on the sample platform, against a real registry on this machine.

Runs what asks no registry while the registry's program is built (the first time), then starts it, publishes the
sample's images, leads their hosts to it, and runs the rest. Checks what the commands say against tests/golden/sample,
and stops what it started, after Ctrl-C too. Exit code: 0 when everything was as expected, 1 when something was not,
3 when a program is missing, 130 when interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from examples.demo_builds import builds, own_builder  # noqa: E402
from examples.demo_charts import charts  # noqa: E402
from examples.images import IMAGES  # noqa: E402
from tests.support.mirror import fill, hosts_of, write_registries_conf  # noqa: E402
from tests.support.registry_process import run_registry  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

PLATFORM = "examples/platform"
GOLDEN = ROOT / "tests" / "golden" / "sample"
TOOLS = ROOT / ".tools" / "bin"
RARE_SHAPES = (
    "ghcr.io/quarry-example/step-train:1.1.0",
    "registry.quarry.example/serving/transformer:1.1.0",
    "registry.quarry.example/runs/waiter:1.1.0",
    "docker.io/library/mariadb:11.4",
)


class Demo:
    """What the steps share: where things are, and what was not as expected."""

    def __init__(self, work: Path, out: Path) -> None:
        self.work = work
        self.out = out
        self.conf = self.shown(out / "registries.conf")
        self.wrong: list[str] = []
        self.left_out = False
        self.seconds = 0.0

    @staticmethod
    def say(text: str) -> None:
        print(f"\n{text}")

    @staticmethod
    def shown(path: Path) -> str:
        """A path as a person would type it."""
        return os.path.relpath(path, ROOT)

    def kfkit(
        self, *arguments: str, codes: tuple[int, ...], show: int = 1000, hide: str = "$^", begin: str = ""
    ) -> str:
        """Run a command and print `show` lines of it, from the one on that begins with `begin`, but no `hide`."""
        print(f"\n$ kfkit {' '.join(arguments)}")
        env = {name: value for name, value in os.environ.items() if not name.startswith("KFKIT_")} | {
            "XDG_CACHE_HOME": str(self.work / "cache"),
            "DOCKER_CONFIG": str(self.work / "docker"),
            "PATH": os.pathsep.join([str(TOOLS), os.environ.get("PATH", os.defpath)]),
        }
        env.pop("REGISTRY_AUTH_FILE", None)
        start = time.perf_counter()
        argv = [sys.executable, "-m", "buildkit.cli", *arguments]
        code, output = run(argv, env)
        self.seconds += time.perf_counter() - start
        lines = output.splitlines()
        first = next((number for number, line in enumerate(lines) if line.startswith(begin)), 0)
        shown_lines = [line for line in lines[first:] if not line or not re.match(hide, line)][:show]
        for line in shown_lines:
            print(f"  {line}".rstrip())
        if len(lines) > len(shown_lines):
            print(f"  … and {len(lines) - len(shown_lines)} lines more")
        self.expect(code in codes, f"kfkit {arguments[0]} ended with {code}, not {codes}")
        return output

    def expect(self, true: bool, otherwise: str) -> None:  # noqa: FBT001  (reads as a sentence)
        if not true:
            self.wrong.append(otherwise)
            print(f"  !! {otherwise}")


@contextmanager
def held_interrupts() -> Iterator[None]:
    """Put off Ctrl-C until the end of the block: what is being started must be known before it can be stopped."""
    came: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda one, _frame: came.append(one)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


def run(argv: list[str], env: dict[str, str]) -> tuple[int, str]:
    """Run a program to its end, and give its exit code and output; interrupted, see that it ends too."""
    process = None
    try:
        with held_interrupts():
            process = subprocess.Popen(argv, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
        output = process.communicate(timeout=300)[0]
    except BaseException:
        if process is not None:
            end(process)
        raise
    return process.returncode, output


def end(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def make_registry() -> Iterator[subprocess.Popen[str]]:
    """`make` the programs of the later steps beside what is shown meanwhile; where they are there, that is nothing."""
    programs = ["registry", "buildx", *(("buildkitd", "runc") if own_builder() else ()), "helm", "helm3"]
    argv = ["make", "--silent", "--no-print-directory", "-j2", *(f".tools/bin/{name}" for name in programs)]
    # Without the settings of the make that runs this; in a group of its own, so that all of it ends together.
    env = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}}
    with held_interrupts():
        process = subprocess.Popen(argv, cwd=ROOT, env=env, text=True, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            end(process)


def document(path: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"images": [], "summary": {}}
    return report


def doctor(demo: Demo) -> None:
    demo.say("1. What is installed here.")
    demo.kfkit("doctor", codes=(0, 1, 3))


def images(demo: Demo) -> None:
    demo.say(
        "2. Every image the sample can pull, and where from: pod specs, custom resources, YAML, JSON, ini and Go\n"
        "   templates in ConfigMaps, environment, arguments, a script, references in pieces."
    )
    report = demo.out / "images.json"
    demo.kfkit("images", PLATFORM, "--report", f"json={demo.shown(report)}", codes=(0, 1), show=14)
    found = document(report)["images"]
    expected = json.loads((GOLDEN / "expected.json").read_text())["images"]
    demo.expect(
        sorted(image["name"] for image in found) == sorted(image["name"] for image in expected),
        "the images found are not those of tests/golden/sample/expected.json",
    )
    ways = Counter(use["how"] for image in found for use in image["uses"])
    print(f"  {len(found)} images in {sum(ways.values())} places: ", end="")
    print(", ".join(f"{count} {how}" for how, count in ways.most_common()))


def inspect(demo: Demo) -> None:
    demo.say(
        "3. Four of them by themselves. The first two have both platforms by their index, and do not by their\n"
        "   content: an arm64 entry whose config says amd64; the same layers for both."
    )
    demo.kfkit("inspect", *RARE_SHAPES, "--registries-conf", demo.conf, codes=(1,))


def audit(demo: Demo) -> None:
    conf = ("--data", "examples/quarry.yaml", "--registries-conf", demo.conf)
    history = demo.out / "history"
    shutil.rmtree(history, ignore_errors=True)
    history.mkdir()
    demo.say("4. What is left of release 1.0, accepted as a baseline by its maintainers three weeks ago.")
    baseline, earlier = (
        demo.shown(demo.out / "baseline.json"),
        f"--report=json={demo.shown(history / '2026-11-02.json')}",
    )
    accept = ("--install", "releases/1.0", "--baseline", baseline, "--update-baseline", "--today", "2026-11-02")
    (demo.out / "baseline.json").unlink(missing_ok=True)
    demo.kfkit("audit", PLATFORM, *conf, *accept, earlier, codes=(0,), show=2)
    demo.say(
        "5. The audit of release 1.1 against it, without the lines of what is fine. What release 1.0 lacked too is\n"
        "   known; what regressed, and what is new and fails, is not. --data names the owners of the sample's\n"
        "   folders, as the built-in file does for Kubeflow's."
    )
    reports = [f"--report={name}={demo.shown(demo.out / file)}" for name, file in REPORTS.items()]
    today = (
        "--baseline",
        baseline,
        "--today",
        "2026-11-23",
        f"--report=json={demo.shown(history / '2026-11-23.json')}",
    )
    demo.kfkit("audit", PLATFORM, *conf, *today, *reports, codes=(1,), hide="  supported")
    now = document(demo.out / "report.json")
    expected = json.loads((GOLDEN / "expected.json").read_text())["summary"]
    demo.expect(now["summary"] == expected, f"the summary is {now['summary']}, not {expected}")
    regressed = [
        (one["change"].get("was"), one["name"])
        for one in now["images"]
        if one["default_install"] and one.get("change", {}).get("kind") == "regressed"
    ]
    controller = "registry.quarry.example/runs/controller"
    demo.expect(regressed == [(f"{controller}:1.0.0", f"{controller}:1.1.0")], f"regressed: {regressed}")
    demo.say("6. Both reports as one page of history.")
    demo.kfkit("trend", demo.shown(history), f"--report=html={demo.shown(demo.out / 'trend.html')}", codes=(0,))


def diff(demo: Demo) -> None:
    demo.say("7. What differs between two kustomizations: strictly, every value of every object.")
    overlays = f"{PLATFORM}/apps/runs/overlays"
    demo.kfkit("diff", f"{overlays}/multi-user", f"{overlays}/single-user", codes=(1,))


def pins(demo: Demo) -> None:
    demo.say(
        "8. What ties the sample to one architecture: digests, tags and node selectors, and what frees each of them."
    )
    conf = ("--data", "examples/quarry.yaml", "--registries-conf", demo.conf)
    demo.kfkit("pins", "check", PLATFORM, *conf, codes=(1,))
    copy = demo.out / "platform"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(ROOT / PLATFORM, copy)
    demo.say(
        "9. The fix, in a copy (--check would write nothing): only the characters of the values change, and only\n"
        "   after every kustomization that they reach was rendered before and after. What a synchronisation copies\n"
        "   stays: there is a patch for the repository that it comes from."
    )
    report = demo.out / "pins.json"
    demo.kfkit("pins", "fix", demo.shown(copy), *conf, f"--report=json={demo.shown(report)}", codes=(1,), begin="Proof")
    found = json.loads(report.read_text()) if report.exists() else {"pins": [], "proof": {}}
    edited = sorted({pin["file"] for pin in found["pins"] if pin["edit"] == "done"})
    demo.expect(edited == FREED, f"edited: {edited}")
    demo.expect(found["proof"].get("unintended") == [], "the proof is not that nothing else changes")
    demo.expect(changed_files(ROOT / PLATFORM, copy) == FREED, "the copy differs in more than the edited files")
    demo.say("10. The same, seen from outside: what the fix changes in all renders of the tree.")
    demo.kfkit("diff", PLATFORM, demo.shown(copy), codes=(1,))


def overlay(demo: Demo) -> None:
    demo.say(
        "11. For a cluster without a way out: an overlay over the fixed copy that takes every image from a mirror, in\n"
        "    ConfigMaps and arguments too, with the script that fills the mirror. What it cannot reach it says."
    )
    target = demo.out / "overlay"
    shutil.rmtree(target, ignore_errors=True)
    report = demo.out / "overlay.json"
    asked = ("--registry", "mirror.quarry.example", "--offline", f"--report=json={demo.shown(report)}")
    where = (demo.shown(demo.out / "platform"), "--output", demo.shown(target))
    demo.kfkit("overlay", *where, *asked, codes=(0, 1), hide=r"  (\S+ -> |…)")
    demo.expect((target / "copy.sh").is_file(), "there is no script that fills the mirror")
    left = [one["file"] for one in json.loads(report.read_text())["unreached"]] if report.exists() else []
    demo.expect(set(left) <= {"apps/runs/base/scripts/clean.sh"}, f"not reached: {left}")


def changed_files(one: Path, other: Path) -> list[str]:
    """The files of two trees that are not the same, relative to them."""
    files = {path.relative_to(tree) for tree in (one, other) for path in tree.rglob("*") if path.is_file()}
    return sorted(str(file) for file in files if not same(one / file, other / file))


def same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


FREED = [
    "common/database/base/statefulset.yaml",
    "common/database/components/backup/cronjob.yaml",
    "common/gateway/base/deployment.yaml",
    "contrib/eventing/kustomization.yaml",
]
REPORTS = {
    "text": "report.txt",
    "json": "report.json",
    "markdown": "report.md",
    "csv": "report.csv",
    "sarif": "report.sarif",
    "html": "report.html",
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Every verb there is, on the sample platform.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist" / "demo", help="where the reports go")
    out = parser.parse_args().out.resolve()
    start = time.perf_counter()
    path = os.pathsep.join([str(TOOLS), os.environ.get("PATH", os.defpath)])
    if shutil.which("kustomize", path=path) is None:
        print("kustomize not found: run `make tools`", file=sys.stderr)
        return 3
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kfkit-demo-") as scratch, ExitStack() as stack:
        demo = Demo(Path(scratch), out)
        building = stack.enter_context(make_registry())
        print(f"Quarry, a made-up platform ({PLATFORM}), and what kfkit tells of it.")
        doctor(demo)
        images(demo)
        if building.wait() != 0:
            return 3
        with held_interrupts():
            registry = stack.enter_context(run_registry(demo.work / "registry"))
        fill(registry.host, IMAGES)
        write_registries_conf(out / "registries.conf", registry.host, hosts_of(IMAGES))
        print(
            f"\nThe platform's {len(IMAGES)} images are now on a real registry at {registry.host}; {demo.conf}\n"
            "leads every host there: nothing leaves this machine."
        )
        inspect(demo)
        audit(demo)
        diff(demo)
        pins(demo)
        overlay(demo)
        builds(demo, registry)
        charts(demo, registry, first=17)
    print(f"\nEverything stopped again after {time.perf_counter() - start:.1f} s, {demo.seconds:.1f} of them kfkit's.")
    if demo.wrong:
        print("Not as expected:\n" + "\n".join(f"  {line}" for line in demo.wrong), file=sys.stderr)
        return 1
    html = f"{demo.shown(out / 'report.html')} and {demo.shown(out / 'trend.html')}"
    print(f"Open {html} in a browser; in {demo.shown(out)} is also")
    others = [file for file in REPORTS.values() if not file.endswith("html")]
    print(", ".join([*others, "platform (fixed), overlay, builds (results, logs), charts and packages."]))
    return 3 if demo.left_out else 0


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupt)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\ninterrupted: the registry is stopped", file=sys.stderr)
        sys.exit(130)
