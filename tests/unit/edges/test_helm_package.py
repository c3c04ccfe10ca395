from __future__ import annotations

import gzip
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildkit.edges.helm_package import opened, write_archive
from buildkit.errors import UsageError

ABOUT = b"apiVersion: v2\nname: demo\nversion: 1.0.0\n"
FILES = (("demo/values.yaml", b"a: 1\n"), ("demo/Chart.yaml", ABOUT), ("demo/charts/sub/Chart.yaml", b"name: sub\n"))
PATHS = st.lists(st.sampled_from(["Chart.yaml", "a", "b/c", "é", "x" * 120]), unique=True)


def archive(files: dict[str, bytes], mtime: float = 0) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as target:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(content), mtime
            target.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def test_the_order_of_files_makes_no_difference_and_chart_yaml_is_first() -> None:
    one, other = write_archive("x", FILES, 60), write_archive("x", reversed(FILES), 60)
    assert one == other
    with tarfile.open(fileobj=gzip.GzipFile(fileobj=io.BytesIO(one)), mode="r|") as source:
        found = [(member.name, member.mtime, member.uid) for member in source]
    assert found == [("demo/Chart.yaml", 60, 0), ("demo/charts/sub/Chart.yaml", 60, 0), ("demo/values.yaml", 60, 0)]


@given(PATHS, st.binary(max_size=50))
def test_what_goes_in_comes_out(names: list[str], content: bytes) -> None:
    files = {f"demo/{name}": ABOUT if name == "Chart.yaml" else content for name in ["Chart.yaml", *names]}
    packed = write_archive("x", files.items(), 1767225600)
    with tarfile.open(fileobj=io.BytesIO(packed)) as source:
        unpacked = {member.name: (source.extractfile(member) or io.BytesIO()).read() for member in source}
    assert unpacked == files
    read = opened("x", packed)
    assert (read.file, read.epoch, read.data) == ("demo-1.0.0.tgz", 1767225600, packed)


def test_two_files_of_one_name_are_an_error() -> None:
    with pytest.raises(UsageError, match=r"x: two files would be demo/values\.yaml"):
        write_archive("x", (*FILES, FILES[0]), 60)


@pytest.mark.parametrize("mtime", [float("inf"), float("nan"), -5.0, 1e30])
def test_times_that_are_none_are_not_believed(mtime: float) -> None:
    entry = tarfile.TarInfo("demo/Chart.yaml")
    entry.size, entry.pax_headers = len(ABOUT), {"mtime": str(mtime)}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", format=tarfile.PAX_FORMAT) as target:
        target.addfile(entry, io.BytesIO(ABOUT))
    assert opened("x", packed.getvalue()).epoch == 0


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no packaged chart"),
        (b"\x1f\x8b\x08\x00", "no packaged chart"),
        (archive({}), "0 files NAME/Chart.yaml"),
        (archive({"Chart.yaml": ABOUT}), "0 files NAME/Chart.yaml"),
        (archive({"a/Chart.yaml": ABOUT, "b/Chart.yaml": ABOUT}), "2 files NAME/Chart.yaml"),
        (archive({"a/Chart.yaml": b"name: [\n"}), "cannot be read"),
        (archive({"a/Chart.yaml": b"\xff\xfe"}), "cannot be read"),
        (archive({"a/Chart.yaml": b"- a\n"}), "has no name"),
        (archive({"a/Chart.yaml": b"name: a\n"}), "has no version"),
        (archive({"a/Chart.yaml": b"name: ../a\nversion: 1.0.0\n"}), "has no name"),
        (archive({"a/Chart.yaml": b"name: {a: b}\nversion: 1.0.0\n"}), "has no name"),
        (archive({"a/Chart.yaml": b"[" * 100_000}), "cannot be read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "archive",  # not its bytes, which have a time in them
)
def test_what_is_no_packaged_chart(data: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=rf"^some\.tgz: .*{why}"):
        opened("some.tgz", data)
