"""What helm makes of a chart: its render, its judgement, the size of its release.

From a copy, without plugins, cluster, network or the user's settings, within limits.
"""

from __future__ import annotations

import gzip
import os
import re
from typing import TYPE_CHECKING, Final

from buildkit.edges.helm_run import Answer, RefusedError, Stage, ask, short, staged
from buildkit.edges.kustomize import Build
from buildkit.edges.process import MIB, Limits
from buildkit.edges.tools import HELM4, parse_version, within
from buildkit.errors import UndeterminedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from buildkit.edges.tools import Program

LIMITS: Final = Limits(seconds=120, output=64 * MIB, memory=4096 * MIB)
_MOST_LINT: Final = MIB
_MESSAGE: Final = re.compile(r"\[(?P<level>INFO|WARNING|ERROR)\] (?P<text>.*)")
_FRAME: Final = re.compile(r"==> Linting |\d+ chart\(s\) linted,")
# Of a release's JSON (helm pkg/release): names hold no quotes, so that these are the first times in it.
_TIMES: Final = re.compile(
    rb'^\{"name":"[^"]*","info":\{"first_deployed":"(?P<first>[^"]*)","last_deployed":"(?P<last>[^"]*)"'
)
_NOW: Final = b"2026-01-01T00:00:00.123456789Z"
_EPOCH: Final = 1767225600  # the same in seconds


def template(  # noqa: PLR0913  # one keyword per option of helm
    program: Program,
    chart: Path,
    output: Path,
    *,
    values: Sequence[Path] = (),
    sets: Sequence[str] = (),
    name: str = "release-name",
    namespace: str = "default",
    skip_tests: bool = False,
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
        skip_tests: whether test hooks are left out.

    Raises:
        UsageError: there is no chart, or a file of values cannot be read.
    """
    try:
        with staged(chart, values) as stage:
            arguments = ["template", "--include-crds", *(["--skip-tests"] if skip_tests else [])]
            arguments += [*_options(stage, sets, namespace), "--", name, str(stage.chart)]
            done = ask(program, arguments, home=stage.home, limits=LIMITS, names=stage.names, output=output)
    except RefusedError as error:
        return Build(why=str(error), warnings=())
    return Build(why=done.why, warnings=done.warnings, lasting=done.lasting)


def lint(  # noqa: PLR0913  # one keyword per option of helm
    program: Program,
    chart: Path,
    *,
    values: Sequence[Path] = (),
    sets: Sequence[str] = (),
    namespace: str = "default",
    strict: bool = True,
) -> Build:
    """What `helm lint` says: `why` it fails (with `strict`, for warnings too), everything else in `warnings`.

    Raises:
        UsageError: there is no chart, or a file of values cannot be read.
    """
    limits = Limits(seconds=LIMITS.seconds, output=_MOST_LINT, memory=LIMITS.memory)
    try:
        with staged(chart, values) as stage:
            arguments = ["lint", *(["--strict"] if strict else []), *_options(stage, sets, namespace)]
            arguments += ["--", str(stage.chart)]
            done = ask(program, arguments, home=stage.home, limits=limits, names=stage.names)
            said = done.out.decode("utf-8", "replace").replace(str(stage.chart), str(chart))
    except RefusedError as error:
        return Build(why=str(error), warnings=())
    return _linted(done, tuple(lint_messages(said)), ("[ERROR]", "[WARNING]") if strict else ("[ERROR]",))


def _linted(done: Answer, messages: tuple[str, ...], fatal: tuple[str, ...]) -> Build:
    if done.why is None:
        return Build(why=None, warnings=tuple(sorted({*done.warnings, *messages})))
    failing = [message for message in messages if message.startswith(fatal)]
    others = {message for message in messages if message not in failing}
    # What helm itself ends with only counts charts, unless it stopped before it had looked at any.
    why = short("; ".join(failing)) if failing else done.why
    return Build(why=why, warnings=tuple(sorted({*done.warnings, *others})), lasting=done.lasting)


def lint_messages(text: str) -> Iterator[str]:
    """`[LEVEL] place: text` of each message that `helm lint` prints, one line each."""
    message = ""
    for line in text.splitlines():
        if _MESSAGE.fullmatch(line) or _FRAME.match(line):
            if message:
                yield short(message)
            message = "" if _FRAME.match(line) else line
        elif message:
            message += " " + line
    if message:
        yield short(message)


def release_bytes(  # noqa: PLR0913  # one keyword per option of helm
    program: Program,
    chart: Path,
    *,
    name: str,
    namespace: str,
    values: Sequence[Path] = (),
    sets: Sequence[str] = (),
) -> int:
    """Bytes of the Secret that helm would keep the release in, which Kubernetes takes up to 1 MiB of.

    It holds chart and render, as base64 of gzip of JSON (helm pkg/storage/driver `encodeRelease`). Go's gzip and
    Python's differ by less than a hundredth in what they make of the same.

    Args:
        program: Helm 4: Helm 3 asks a cluster first, dry run or not.
        chart: its folder.
        name: of the release.
        namespace: of the release.
        values: files of values, the last one wins.
        sets: `--set` arguments, as helm reads them.

    Raises:
        UsageError: there is no chart, or a file of values cannot be read.
        UndeterminedError: helm cannot install it, or is Helm 3.
    """
    if not within(HELM4.ranges, parse_version(program.version) or ()):
        raise UndeterminedError(
            f"the size of a release takes helm {HELM4.words}, and {program.path} is {program.version}",
            hint="`make tools` builds the pinned one into .tools/bin",
        )
    with staged(chart, values) as stage:
        # Times of files are part of it: those of a packaged chart, not of when it was copied here.
        set_times(stage.chart, _EPOCH)
        arguments = ["install", "--dry-run=client", "--output=json", *_options(stage, sets, namespace)]
        done = ask(
            program, [*arguments, "--", name, str(stage.chart)], home=stage.home, limits=LIMITS, names=stage.names
        )
    if done.why is not None:
        raise UndeterminedError(f"{chart}: cannot be installed: {done.why}")
    return stored_bytes(done.out)


def stored_bytes(release: bytes) -> int:
    """What a release takes in its Secret, of its JSON; when it was asked for makes no difference."""
    times = _TIMES.match(release)
    if times is None:
        raise UndeterminedError("helm printed something else than a release")
    for group in ("last", "first"):
        release = release[: times.start(group)] + _NOW + release[times.end(group) :]
    size = len(gzip.compress(release.rstrip(b"\n"), compresslevel=9, mtime=0))
    return -(-size // 3) * 4


def set_times(folder: Path, epoch: int) -> None:
    """Give every file of a copy one time."""
    for place, _, files in os.walk(folder):
        for file in files:
            os.utime(os.path.join(place, file), (epoch, epoch), follow_symlinks=False)  # noqa: PTH118


def _options(stage: Stage, sets: Sequence[str], namespace: str) -> list[str]:
    return [
        f"--namespace={namespace}",
        *(f"--values={path}" for path in stage.values),
        *(f"--set={text}" for text in sets),
    ]
