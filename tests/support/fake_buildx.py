"""A program that stands for buildx where no real one can run, or where a test has to decide what it does.

It notes its arguments and what it was given of the environment, says what it is told to say, and pushes nothing.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from buildkit.edges.buildx import Buildx

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_PROGRAM = """#!{python}
import json, os, sys, time
folder = {folder!r}
words = sys.argv[1:]
if words[:1] == ["buildx"] and os.environ.get("DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND"):
    words = words[1:]  # called as the docker command calls its plugin
with open(folder + "/calls.jsonl", "a+") as file:
    file.seek(0)
    before = [" ".join(json.loads(line)[0]) for line in file]
    kept = {{k: v for k, v in os.environ.items() if k.startswith(("BUILDX_", "SOURCE_DATE", "DOCKER_CLI_PLUGIN"))}}
    file.write(json.dumps([words, kept]) + "\\n")
rules = json.load(open(folder + "/rules.json"))
fits = lambda rule, line: all(word in line for word in rule["words"])
done = lambda rule: sum(fits(rule, line) for line in before) >= rule.get("times", 1e9)
rule = next((rule for rule in rules if fits(rule, " ".join(words)) and not done(rule)), {{}})
sys.stdout.write(rule.get("out", ""))
sys.stderr.write(rule.get("err", ""))
sys.stdout.flush(); sys.stderr.flush()
time.sleep(rule.get("seconds", 0))
if "--metadata-file" in words and "digest" in rule:
    with open(words[words.index("--metadata-file") + 1], "w") as file:
        json.dump({{"containerimage.digest": rule["digest"]}}, file)
sys.exit(rule.get("code", 0))
"""


@dataclass(frozen=True, kw_only=True)
class FakeBuildx:
    """`path` is the program; `buildx` how our edge calls it."""

    folder: Path
    path: Path

    @property
    def buildx(self) -> Buildx:
        return Buildx(command=(str(self.path),), version="0.37.2")

    def rules(self, *rules: Mapping[str, Any]) -> None:
        """The first whose `words` are all among the arguments says `out`, `err`, `code`, `digest` and `seconds`.

        One with `times` is passed over after so many calls that it fits.
        """
        (self.folder / "rules.json").write_text(json.dumps([{"words": [], **rule} for rule in rules]))

    def calls(self) -> list[list[str]]:
        return [call for call, _ in self._noted()]

    def environments(self) -> list[dict[str, str]]:
        return [environment for _, environment in self._noted()]

    def _noted(self) -> list[tuple[list[str], dict[str, str]]]:
        file = self.folder / "calls.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(call, environment) for call, environment in map(json.loads, lines)]


def make_buildx(folder: Path, name: str = "buildx") -> FakeBuildx:
    """Write the program as `folder/bin/name`."""
    path = folder / "bin" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_PROGRAM.format(python=sys.executable, folder=str(folder)))
    path.chmod(0o755)
    fake = FakeBuildx(folder=folder, path=path)
    fake.rules()
    return fake
