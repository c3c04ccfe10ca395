"""Rendering charts with helm: from a copy, without plugins, cluster, network or the user's settings, within limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from buildkit.edges.charts import copy_chart
from buildkit.edges.files import scratch_folder
from buildkit.edges.kustomize import Build
from buildkit.edges.process import MIB, Limits, ProgramError, run
from buildkit.errors import UndeterminedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from buildkit.edges.tools import Program

LIMITS: Final = Limits(seconds=120, output=64 * MIB, memory=4096 * MIB)
_MOST_VALUES: Final = 16 * MIB
_WHY_LENGTH: Final = 2000
_NO_PROXY: Final = "http://127.0.0.1:9"
_ADVICE: Final = "Use --debug flag to render out invalid YAML"
_LOG: Final = re.compile(r'(?:time=\S+ )?level=(?P<level>\w+) msg=(?P<text>"(?:[^"\\]|\\.)*"|\S+)(?P<more>.*)')
_NO_NEWS: Final = frozenset({"INFO", "DEBUG"})


def template(  # noqa: PLR0913  # one keyword per option of helm
    program: Program,
    chart: Path,
    output: Path,
    *,
    values: Sequence[Path] = (),
    sets: Sequence[str] = (),
    name: str = "release-name",
    namespace: str = "default",
) -> Build:
    """Render a chart as `helm install` would on an empty cluster: CRDs, hooks and tests included.

    Args:
        program: helm.
        chart: its folder; what is wrong with it is said in `why`.
        output: the file for the render; no meaning where it fails.
        values: files of values, the last one wins.
        sets: `--set` arguments, as helm reads them.
        name: of the release.
        namespace: of the release.

    Raises:
        UsageError: there is no chart, or a file of values cannot be read.
    """
    if not (chart / "Chart.yaml").is_file():
        raise UsageError(f"{chart}: no chart: it has no Chart.yaml")
    with scratch_folder() as scratch:
        place, home = scratch / "chart", scratch / "home"
        home.mkdir()
        copies = _copy_values(values, scratch)
        names = {str(place): str(chart), **{str(copies[i]): str(path) for i, path in enumerate(values)}}
        try:
            copy_chart(chart, place)
        except UndeterminedError as error:
            return Build(why=f"{chart}: {error}", warnings=())
        argv = [
            *(str(program.path), "template", "--include-crds", f"--namespace={namespace}"),
            *(f"--values={path}" for path in copies),
            *(f"--set={text}" for text in sets),
            *("--", name, str(place)),
        ]
        return _run(argv, home, output, names)


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


def _run(argv: Sequence[str], home: Path, output: Path, names: Mapping[str, str]) -> Build:
    try:
        done = run(argv, cwd=home, stdout=output, env=_environment(home), limits=LIMITS, check=False)
    except ProgramError as error:
        why = "helm " + error.problem + (f": {error.stderr}" if error.stderr else "")
        return Build(why=_short(_named(why, names)), warnings=(), lasting=False)
    warnings, failure = split_messages(_named(done.stderr, names))
    if done.code == 0:
        return Build(why=None, warnings=warnings)
    # As of kustomize: Go's runtime ends with 2 where memory gives out, a signal with less than 0.
    lasting = done.code == 1 and "no space left on device" not in failure
    return Build(why=_short(failure or f"helm ended with {done.code}"), warnings=warnings, lasting=lasting)


def _environment(home: Path) -> dict[str, str]:
    """Folders of helm's that are empty, no cluster, no credentials, nothing to start, and a proxy that refuses."""
    return {
        "PATH": "",
        "HOME": str(home),
        "TMPDIR": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "XDG_DATA_HOME": str(home),
        "HELM_CONFIG_HOME": str(home / "config"),
        "HELM_CACHE_HOME": str(home / "cache"),
        "HELM_DATA_HOME": str(home / "data"),
        "HELM_PLUGINS": str(home / "plugins"),
        "HELM_NO_PLUGINS": "1",
        "KUBECONFIG": str(home / "kubeconfig"),
        "DOCKER_CONFIG": str(home / "docker"),
        "HTTP_PROXY": _NO_PROXY,
        "HTTPS_PROXY": _NO_PROXY,
        "NO_PROXY": "",
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
        elif line.strip() and not log:
            warnings.add(line.strip())
    return tuple(sorted(warnings)), error.replace(_ADVICE, "").strip()


def _named(text: str, names: Mapping[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(old, new)
    return text


def _short(text: str) -> str:
    """Both ends of a long message."""
    text = " ".join(text.split())
    half = _WHY_LENGTH // 2
    return text if len(text) <= _WHY_LENGTH else f"{text[:half]} … {text[-half:]}"
