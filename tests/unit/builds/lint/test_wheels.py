"""Python packages that cannot be installed on arm64."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from textwrap import dedent

import pytest

from buildkit.builds.lint.check import Asked, check_dockerfile
from buildkit.builds.lint.context import Binary
from buildkit.builds.lint.rules.wheels import Wheel
from buildkit.builds.lint.wheel_data import parse_wheels
from buildkit.dockerfile.parse import parse_dockerfile
from buildkit.errors import UsageError
from buildkit.model.platform import parse_platform

BOTH = (parse_platform("linux/amd64"), parse_platform("linux/arm64"))
WHEELS = (
    Wheel(name="old-thing", versions="<2.0", reason="r", source="s", checked=date(2026, 11, 30)),
    Wheel(name="amd-only", versions="", reason="r", source="s", checked=date(2026, 11, 30)),
)


class Files:
    """A context of a few texts and binaries."""

    def __init__(self, texts: dict[str, str], machines: dict[str, str] | None = None) -> None:
        self.texts = texts
        self.machines = machines or {}

    def binaries(self, path: str) -> tuple[Binary, ...]:
        found = sorted(self.machines.items())
        return tuple(
            Binary(path=one, architecture=name) for one, name in found if f"/{one}/".startswith(f"/{path.strip('/')}/")
        )

    def text(self, path: str) -> str | None:
        return self.texts.get(path)


def told(text: str, texts: dict[str, str] | None = None, machines: dict[str, str] | None = None) -> list[str]:
    asked = Asked(platforms=BOTH, wheels=WHEELS, context=Files(texts or {}, machines))
    checked = check_dockerfile(parse_dockerfile(dedent(text).lstrip("\n")), asked)
    return [f"{one.line} {one.rule} {one.platforms[0]} {one.message}" for one in checked.findings]


INSTALLS = [
    "pip install amd-only",
    "pip3 install --no-cache-dir -U x 'Amd_Only[extra]==1.2'",
    "python3.11 -m pip install -i https://x.org/simple amd.only>=3",
    "/venv/bin/python -m pip install amd-only",
    "uv pip install amd-only",
    "pip install old-thing==1.9.3",
    "pip install 'old_thing == 1'",
]


@pytest.mark.parametrize("command", INSTALLS)
def test_packages_that_pip_is_told_to_install(command: str) -> None:
    (said,) = told(f"FROM a\nRUN apt-get update && \\\n  {command}\n")
    assert said.startswith("3 no-wheel linux/arm64 Installs a Python package that cannot be installed on arm64: ")


FINE = [
    "pip install x",
    "pip install old-thing",
    "pip install old-thing==2.0",
    "pip install 'old-thing>=1.5,<3'",
    "pip download amd-only",
    "pip install -c amd-only x",
    "pip uninstall amd-only",
    "echo pip install amd-only",
    "if [ $(uname -m) = x86_64 ]; then pip install amd-only; fi",
    "pip install \"amd-only; platform_machine == 'x86_64'\"",
]


@pytest.mark.parametrize("command", FINE)
def test_what_can_be_installed_is_left_alone(command: str) -> None:
    assert told(f"FROM a\nRUN {command}\n") == []


@pytest.mark.parametrize(
    ("copy", "path"),
    [
        ("COPY app/requirements.txt .", "requirements.txt"),
        ("COPY app/requirements.txt /etc/r.txt", "/etc/r.txt"),
        ("COPY app /src/", "/src/requirements.txt"),
        ("COPY app/*.txt /src/", "/src/requirements.txt"),
        ("ADD app/requirements.txt /x/", "/x/requirements.txt"),
    ],
)
def test_requirements_are_read_where_they_were_copied_from(copy: str, path: str) -> None:
    texts = {"app/requirements.txt": "# all\nx==1\n\nAmd-Only==2 \\\n    --hash=sha256:0\nold-thing==3\n"}
    found = told(f"FROM a\nWORKDIR /w\n{copy}\nRUN pip install -r {path}\n", texts)
    if "*" in copy:
        assert found == []  # which file matches is not looked at
        return
    (said,) = found
    assert said.startswith("4 no-wheel")
    assert "(app/requirements.txt:4)" in said


def test_a_later_copy_covers_an_earlier_one() -> None:
    texts = {"one.txt": "amd-only", "two.txt": "x"}
    assert told("FROM a\nCOPY one.txt /r.txt\nCOPY two.txt /r.txt\nRUN pip install -r /r.txt\n", texts) == []


def test_files_of_the_context_are_looked_at() -> None:
    machines = {"bin/tool": "amd64", "lib/x.so": "arm64", "both/a": "amd64", "both/b": "arm64"}
    text = "FROM a\nCOPY bin/ /bin/\nCOPY both /both\nCOPY lib/x.so /lib/\nCOPY nothing /n\n"
    assert told(text, machines=machines) == [
        "2 prebuilt-binary linux/arm64 Copies a file for amd64: bin/tool is machine code for it.",
        "4 prebuilt-binary linux/amd64 Copies a file for arm64: lib/x.so is machine code for it.",
    ]


def test_the_data_file_is_sound_and_dated() -> None:
    text = files("buildkit").joinpath("data", "wheels.yaml").read_text("utf-8")
    wheels = parse_wheels(text, "wheels.yaml")
    assert "ml-metadata" in {one.name for one in wheels}
    assert len({one.name for one in wheels}) == len(wheels)
    assert all(one.source.startswith("https://") and one.checked >= date(2026, 11, 30) for one in wheels)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wheels:\n  - name: a\n    reason: b\n    checked: 2026-01-01\n", "w:2: source: is missing"),
        ("wheels:\n  - {name: a, reason: b, source: c, checked: soon}\n", "w:2: checked: must be a date"),
        ("wheel: []\n", "w:1: wheel: is no key here"),
    ],
)
def test_a_wrong_data_file_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_wheels(text, "w")
    assert str(caught.value).startswith(said)


def test_an_empty_data_file_has_no_wheels() -> None:
    assert parse_wheels("# nothing\n", "w") == ()
