"""Write requirements/*.txt anew from pyproject.toml: `make pins-update`.

Each file holds `name==version` and the sha256 of every file of that version, so that one file serves Linux and macOS on
both architectures and each supported Python. Files build on each other: a package stands in the first one that needs
it. No address is written: pip asks whichever index the machine is set up for.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from pip._internal.commands.download import DownloadCommand
from pip._internal.index.collector import parse_links

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "requirements"
HEAD = "# From pyproject.toml by `make pins-update`; not to be edited.\n"
# Files nobody here can use; sources stay, for platforms without a wheel.
USELESS = re.compile(
    r"win32|win_amd64|win_arm64|pyodide|emscripten|wasm32|ios_|android_|-pp\d+|graalpy|ppc64|s390x|riscv|i686|armv7l|-cp3(?:7|8|9|10)-cp"
)


def resolve(wanted: list[str], constraints: list[str], *options: str) -> dict[str, str]:
    """Name to version of all that `wanted` needs, as pip resolves it for this Python."""
    with tempfile.TemporaryDirectory() as folder:
        report, file = Path(folder, "report.json"), Path(folder, "constraints.txt")
        file.write_text("\n".join(constraints))
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        action = ["--dry-run", "--ignore-installed", "--report", str(report), "--constraint", str(file)]
        subprocess.run([*pip, *action, *options, *wanted], check=True)
        installs = json.loads(report.read_text())["install"]
    return {canonical(one["metadata"]["name"]): one["metadata"]["version"] for one in installs}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class Index:
    """The package index that pip is set up for."""

    def __init__(self) -> None:
        command = DownloadCommand("download", "")
        options, _ = command.parse_args(["-"])
        # pip has no public way to list a version's files; these names have stood since 2019.
        finder = command._build_package_finder(options, command._build_session(options))  # noqa: SLF001
        self._collector = finder._link_collector  # noqa: SLF001

    def hashes(self, name: str, version: str) -> list[str]:
        """The sha256 of each file of a version that one of our platforms can use, sorted."""
        sources = self._collector.collect_sources(name, lambda _link: ())
        location = next(source.link for source in sources.index_urls if source)
        page = self._collector.fetch_response(location) if location else None
        if page is None:
            raise SystemExit(f"{name}: the index does not answer")
        wanted = re.compile(rf"{re.escape(canonical(name))}-{re.escape(version)}(-.*\.whl|\.tar\.gz|\.zip)")
        links = [link for link in parse_links(page) if self._fits(link.filename, name, wanted)]
        found = {link.hash for link in links if link.hash and link.hash_name == "sha256"}
        if not found:
            raise SystemExit(f"{name} {version}: no file with a hash in the index")
        return sorted(found)

    @staticmethod
    def _fits(filename: str, name: str, wanted: re.Pattern[str]) -> bool:
        stem = canonical(filename[: len(name)]) + filename[len(name) :]
        return wanted.fullmatch(stem) is not None and not USELESS.search(filename)


def write(name: str, packages: dict[str, str], index: Index) -> None:
    blocks = []
    for package, version in sorted(packages.items()):
        lines = [f"{package}=={version}", *(f"--hash=sha256:{one}" for one in index.hashes(package, version))]
        blocks.append(" \\\n    ".join(lines))
    (FOLDER / f"{name}.txt").write_text(HEAD + "\n".join(blocks) + "\n")
    print(f"requirements/{name}.txt: {len(packages)} packages")


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    index = Index()
    pinned: dict[str, str] = {}
    layers = {
        "runtime": project["project"]["dependencies"],
        "build": project["build-system"]["requires"] + groups["build"],
        "dev": groups["dev"],
    }
    FOLDER.mkdir(exist_ok=True)
    for name, wanted in layers.items():
        known = [f"{package}=={version}" for package, version in pinned.items()]
        fresh = {key: value for key, value in resolve(wanted, known).items() if key not in pinned}
        write(name, fresh, index)
        pinned |= fresh
    write("go", resolve(groups["go"], [], "--no-deps"), index)


if __name__ == "__main__":
    main()
