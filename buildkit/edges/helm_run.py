"""How helm is started: on copies, in a home of its own, within limits; and what it says, for people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from buildkit.edges.charts import copy_chart
from buildkit.edges.files import scratch_folder
from buildkit.edges.process import MIB, Limits, ProgramError, run
from buildkit.errors import UndeterminedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildkit.edges.tools import Program

_MOST_VALUES: Final = 16 * MIB
_WHY_LENGTH: Final = 2000
_NO_PROXY: Final = "http://127.0.0.1:9"
_ADVICE: Final = "Use --debug flag to render out invalid YAML"
_LOG: Final = re.compile(r'(?:time=\S+ )?level=(?P<level>\w+) msg=(?P<text>"(?:[^"\\]|\\.)*"|\S+)(?P<more>.*)')
_LINK: Final = re.compile(r"walk\.go:\d+: found symbolic link in path: .*")  # what Helm 4 says as INFO
_NO_NEWS: Final = frozenset({"INFO", "DEBUG"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What helm said: `why` it failed (None where it did not), its warnings, sorted, and its standard output.

    `lasting` is false where time or memory may have been the reason: another run may fare better.
    """

    why: str | None
    warnings: tuple[str, ...] = ()
    lasting: bool = True
    out: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A chart where helm may read it.

    Attributes:
        scratch: a folder that is removed afterwards.
        chart: the copy of the chart.
        home: an empty folder, helm's home.
        values: copies of the files of values, in their order.
        names: what to call these paths in messages.
    """

    scratch: Path
    chart: Path
    home: Path
    values: tuple[Path, ...]
    names: Mapping[str, str]


class RefusedError(UndeterminedError):
    """A chart that helm is not shown, because it leads out of itself or cannot be read."""


@contextmanager
def staged(chart: Path, values: Sequence[Path] = ()) -> Iterator[Stage]:
    """Copy a chart and files of values for one run of helm.

    Raises:
        UsageError: there is no chart, or a file of values cannot be read.
        RefusedError: what the chart holds.
    """
    if not (chart / "Chart.yaml").is_file():
        raise UsageError(f"{chart}: no chart: it has no Chart.yaml")
    with scratch_folder() as scratch:
        place, home = scratch / "chart", scratch / "home"
        home.mkdir()
        copies = _copy_values(values, scratch)
        try:
            copy_chart(chart, place)
        except UndeterminedError as error:
            raise RefusedError(f"{chart}: {error}") from error
        names = {str(place): str(chart), **{str(copies[i]): str(path) for i, path in enumerate(values)}}
        yield Stage(scratch=scratch, chart=place, home=home, values=copies, names=names)


def _copy_values(values: Sequence[Path], scratch: Path) -> tuple[Path, ...]:
    """Copies under plain names: helm takes `-` for its standard input, and a name with a scheme for a download."""
    copies = []
    for number, path in enumerate(values, start=1):
        try:
            with path.open("rb") as file:
                data = file.read(_MOST_VALUES + 1)
        except OSError as error:
            raise UsageError(f"{path}: the values cannot be read: {error.strerror}") from error
        if len(data) > _MOST_VALUES:
            raise UsageError(f"{path}: more than {_MOST_VALUES // MIB} MiB of values")
        copy = scratch / f"values-{number}.yaml"
        copy.write_bytes(data)
        copies.append(copy)
    return tuple(copies)


def ask(  # noqa: PLR0913  # one keyword per fact of a run
    program: Program,
    arguments: Sequence[str],
    *,
    home: Path,
    limits: Limits,
    env: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    output: Path | None = None,
) -> Answer:
    """Run helm once, in its home; `env` on top of the environment, a sealed one (`sealed`) unless it is given."""
    argv, called = [str(program.path), *arguments], names or {}
    try:
        variables = sealed(home) if env is None else env
        done = run(argv, cwd=home, stdout=output, env=variables, limits=limits, check=False)
    except ProgramError as error:
        why = "helm " + error.problem + (f": {error.stderr}" if error.stderr else "")
        return Answer(why=short(_named(why, called)), lasting=False)
    warnings, failure = split_messages(_named(done.stderr, called))
    if done.code == 0:
        return Answer(why=None, warnings=warnings, out=done.stdout)
    # As of kustomize: Go's runtime ends with 2 where memory gives out, a signal with less than 0.
    lasting = done.code == 1 and "no space left on device" not in failure
    why = short(failure or f"helm ended with {done.code}")
    return Answer(why=why, warnings=warnings, lasting=lasting, out=done.stdout)


def sealed(home: Path) -> dict[str, str]:
    """Folders of helm's that are empty, no cluster, no credentials, nothing to start, and a proxy that refuses."""
    return {
        **own_folders(home),
        "PATH": "",
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "XDG_DATA_HOME": str(home),
        "HELM_CONFIG_HOME": str(home / "config"),
        "DOCKER_CONFIG": str(home / "docker"),
        "HTTP_PROXY": _NO_PROXY,
        "HTTPS_PROXY": _NO_PROXY,
        "NO_PROXY": "",
    }


def own_folders(home: Path) -> dict[str, str]:
    """What every run has: caches and plugins of its own, which are empty, and no cluster.

    GOGC: the default spends half of a render on collecting garbage.
    """
    return {
        "TMPDIR": str(home),
        "HELM_CACHE_HOME": str(home / "cache"),
        "HELM_DATA_HOME": str(home / "data"),
        "HELM_PLUGINS": str(home / "plugins"),
        "HELM_NO_PLUGINS": "1",
        "KUBECONFIG": str(home / "kubeconfig"),
        "GOGC": "300",
        "GOMEMLIMIT": "1GiB",
    }


def split_messages(text: str) -> tuple[tuple[str, ...], str]:
    """Tell helm's warnings from its error, which comes last; its log's time stamps go."""
    said, _, error = f"\n{text}".partition("\nError: ")
    warnings: set[str] = set()
    for line in said.splitlines():
        log = _LOG.fullmatch(line.strip())
        if log and log["level"] not in _NO_NEWS:
            warnings.add(log["text"].strip('"').replace('\\"', '"') + log["more"])
        elif line.strip() and not log and not _LINK.fullmatch(line.strip()):
            warnings.add(line.strip())
    return tuple(sorted(warnings)), error.replace(_ADVICE, "").strip()


def _named(text: str, names: Mapping[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(old, new)
    return text


def short(text: str) -> str:
    """Both ends of a long message, in one line."""
    text = " ".join(text.split())
    half = _WHY_LENGTH // 2
    return text if len(text) <= _WHY_LENGTH else f"{text[:half]} … {text[-half:]}"
