"""`kfkit`: the group of commands, and the one place that turns failures into messages and exit codes."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import click

from buildkit import __version__
from buildkit.cli.lazy import Entry, LazyGroup
from buildkit.errors import Exit, KfkitError

if TYPE_CHECKING:
    from collections.abc import Sequence


COMMANDS = {
    "audit": Entry("audit", "Say which images of a release lack a working variant for a required platform."),
    "build": Entry("build", "Build images so that one tag serves every platform, and prove it."),
    "charts": Entry("charts", "Helm charts generated from Kustomize, equal to it document by document."),
    "completion": Entry("completion", "Print the completion script for a shell."),
    "diff": Entry("diff", "Say what differs between two renders, trees or revisions, strictly."),
    "doctor": Entry("doctor", "Say which programs are installed, and how to get what is missing."),
    "images": Entry("images", "List every image a release can pull, and where from."),
    "inspect": Entry("inspect", "Ask registries which platforms images really offer."),
    "overlay": Entry("overlay", "Run a release as it is: an overlay for a mirror, other images, mixed clusters."),
    "pins": Entry("pins", "Say what ties manifests to one architecture, and free them from it, with proof."),
    "schema": Entry("schema", "Print the JSON schema of a report."),
    "trend": Entry("trend", "Show how a folder of nightly reports developed."),
}

EPILOG = """\b
Examples:
  kfkit audit ../manifests
  kfkit audit github.com/kubeflow/manifests@v1.11.0 --report json=audit.json
  kfkit inspect docker.io/library/mysql:8.4 --platform linux/arm64

Exit codes: 0 nothing to report, 1 problems, 2 wrong arguments or files,
3 something could not be found out, 70 our bug, 130 interrupted."""


@click.group(
    name="kfkit",
    cls=LazyGroup,
    entries=COMMANDS,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="kfkit")
def app() -> None:
    """Get a Kubeflow release ready for more than one CPU architecture, and for Helm."""


def run(argv: Sequence[str]) -> int:
    """Run one command; expected failures raise (KfkitError, click's own), so that tests can look at them."""
    result = app.main(args=list(argv), prog_name="kfkit", standalone_mode=False)
    return int(result) if isinstance(result, int) else Exit.OK


def explain_bug(error: BaseException) -> None:
    import platform  # noqa: PLC0415  (only on the way out)
    import traceback  # noqa: PLC0415

    traceback.print_exception(error, file=sys.stderr)
    print(  # noqa: T201
        f"kfkit: this is our bug, please report it with the lines above: kfkit {__version__}, "
        f"Python {platform.python_version()}, {platform.platform()}",
        file=sys.stderr,
    )


def guarded(argv: Sequence[str]) -> int:
    """Run one command and turn every failure into its message on stderr and its exit code."""
    try:
        code = run(argv)
        sys.stdout.flush()
    except KfkitError as error:
        from buildkit.cli.output import plain  # noqa: PLC0415  (only on the way out)

        click.echo(plain(f"kfkit: error: {error}" + (f"\n  {error.hint}" if error.hint else "")), err=True)
        code = error.exit
    except (KeyboardInterrupt, click.Abort):
        click.echo("kfkit: interrupted", err=True)
        code = Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
        code = Exit.USAGE
    except BrokenPipeError:
        # The reader (head, less) has left: nothing to say, and nothing that Python may flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = Exit.OK
    except Exception as error:  # noqa: BLE001  (the outermost frame: whatever is left is our bug)
        explain_bug(error)
        code = Exit.BUG
    return code


def open_closed_streams() -> None:
    """Standard streams that whoever started us has closed (cron, `>&-`) are /dev/null.

    In this order, so that each gets the descriptor it had: no file opened later may become standard output.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115


def main() -> None:
    open_closed_streams()
    # A runner's cancellation (SIGTERM) ends a run as Ctrl-C does: children stopped, nothing left half written.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(guarded(sys.argv[1:]))


if __name__ == "__main__":
    main()
