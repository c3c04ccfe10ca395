"""Whatever a Dockerfile says: it is checked, findings have lines of the file, edits lie inside it, and it ends."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildkit.builds.lint.check import Asked, check_dockerfile
from buildkit.builds.lint.context import Nothing
from buildkit.builds.lint.known import KNOWN
from buildkit.builds.lint.result import Checked
from buildkit.dockerfile.errors import DockerfileError
from buildkit.dockerfile.parse import parse_dockerfile
from buildkit.model.platform import parse_platform

BOTH = (parse_platform("linux/amd64"), parse_platform("linux/arm64"))
LINES = st.sampled_from(
    [
        *(
            "FROM a",
            "FROM --platform=$BUILDPLATFORM a AS b",
            "FROM --platform=linux/amd64 b AS c",
            "FROM c",
            "FROM scratch",
        ),
        *("ARG A=amd64", "ARG TARGETARCH", "ARG TARGETARCH=amd64", "ENV GOARCH=$A B=${A:-x86_64}", "ENV C=$B$B$B$B"),
        *("COPY --from=b /x-amd64 /y", "COPY x/$A /y", "ADD https://x.org/$TARGETARCH /z", "COPY --from=0 /x /x"),
        *(
            "RUN curl -o /x https://x.org/$A",
            "RUN GOARCH=amd64 go build -o /x .",
            "RUN go build -o /x .",
            "RUN mv /x /y",
        ),
        *("RUN if [ $TARGETARCH = amd64 ]; then exit 1; fi", "RUN case $A in amd64) x;; *) exit 1;; esac"),
        *(
            "RUN pip install ml-metadata",
            'RUN ["sh", "-c", "curl https://x.org/amd64"]',
            "ONBUILD RUN curl https://x.org/amd64",
        ),
        *(
            "RUN <<E\ncurl https://x.org/x86_64\nE",
            "RUN x \\\n  --arch amd64",
            'SHELL ["pwsh"]',
            "WORKDIR $A",
            "CMD /x-amd64",
        ),
        *("RUN f() { f; }; f; A=$(curl https://x.org/amd64)", "RUN echo 'deb [arch=amd64] x' > y", "# kfkit: ignore=x"),
        *('RUN echo "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa x" | sha256sum -c', "RUN 'x", "USER a", "EXPOSE 80"),
    ]
)


def checked(text: str) -> Checked | None:
    try:
        return check_dockerfile(parse_dockerfile(text), Asked(platforms=BOTH, context=Nothing()))
    except DockerfileError:
        return None


@given(st.lists(LINES, max_size=14).map(lambda lines: "\n".join(["FROM base", *lines]) + "\n"))
@settings(max_examples=400, deadline=None)
def test_every_dockerfile_is_checked(text: str) -> None:
    result = checked(text)
    if result is None:
        return
    for one in result.findings:
        assert 1 <= one.line <= text.count("\n")
        assert one.rule in KNOWN
        assert one.level == KNOWN[one.rule].level
        assert one.platforms
        assert "\0" not in one.message + one.fix + one.subject
        assert all(0 <= edit.start <= edit.end <= len(text) for edit in one.edits)
    assert list(result.findings) == sorted(result.findings, key=lambda one: (one.line, one.rule, one.subject))


HOSTILE = {
    "values that double": "FROM a\nARG A=amd64\n" + "ENV A=$A$A\n" * 40 + "RUN curl https://x.org/$A\n",
    "ways that double": "FROM a\nRUN A=amd64; "
    + "if x; then A=${A}a; else A=${A}b; fi; " * 200
    + "curl https://x.org/$A\n",
    "many addresses": "FROM a\nRUN " + "curl https://x.org/amd64; " * 2000 + "\n",
    "one long address": "FROM a\nRUN curl https://x.org/" + "amd64/" * 10_000 + "\n",
    "slashes": "FROM a\nENV X=" + "/a" * 30_000 + "/x86_64-linux-gnu/\n",
    "many scripts": "FROM a\n" + ("RUN " + "a;" * 400 + "amd64\n") * 1000,
    "many stages": "FROM a AS s0\nRUN curl https://x.org/amd64\n"
    + "".join(f"FROM s{index} AS s{index + 1}\nRUN curl https://x.org/amd64\n" for index in range(300)),
    "many variables": "FROM a\n" + "".join(f"ENV A{index}=amd64\n" for index in range(3000)) + "RUN x $A1\n" * 300,
    "variables that grow": "FROM a\n"
    + "".join(f"ENV A{index + 1}=amd64/$A{index}\n" for index in range(5000))
    + "RUN curl https://x.org/$A5000\n",
    "functions": "FROM a\nRUN " + "".join(f"f{i}() {{ f{i + 1}; f{i + 1}; }}; " for i in range(60)) + "f0 amd64\n",
    "binaries": "FROM --platform=$BUILDPLATFORM a AS b\n"
    + "RUN go build -o /x/y .\n" * 2000
    + "FROM c\n"
    + "COPY --from=b /x /x\n" * 500,
    "comments": "# kfkit: ignore=fixed-path r\n" * 5000 + "FROM a\nRUN ls /lib/x86_64-linux-gnu\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_dockerfiles_cost_little(text: str) -> None:
    start = time.process_time()
    checked(text)
    assert time.process_time() - start < 8
