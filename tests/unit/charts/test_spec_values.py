"""The values of a specification: names, kinds, samples and places, each fault with its line."""

from __future__ import annotations

import pytest

from buildkit.errors import UsageError
from tests.support.chart_spec import LEAST, VALUE, read


@pytest.mark.parametrize(
    ("kind", "sample", "is_read_as"),
    [
        ("string", '"3306"', "3306"),
        ("string", "2027-01-01", "2027-01-01"),
        ("string", "|\n      a\n      b", "a\nb\n"),
        ("integer", "3306", 3306),
        ("integer", "0", 0),
        ("integer", "0x10", 16),
        ("boolean", "false", False),
        ("boolean", "&a true", True),
        ("array", "[a, {b: [1, true, null]}]", ["a", {"b": [1, True, None]}]),
        ("object", "{a: {b: c}}", {"a": {"b": "c"}}),
    ],
)
def test_a_sample_is_plain_json_of_the_values_kind(kind: str, sample: str, is_read_as: object) -> None:
    text = VALUE.replace("kind: string", f"kind: {kind}").replace("db.example.org", sample)
    (value,) = read(LEAST + text).values
    assert value.sample == is_read_as
    assert type(value.sample) is type(is_read_as)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("database.host", "database.Host", "9: name: 'Host' is no name of a value"),
        ("database.host", "database-host", "9: name: 'database-host' is no name of a value"),
        ("database.host", "images.x", "9: name: 'images' is what every chart has"),
        ("database.host", "profile", "9: name: 'profile' is what every chart has"),
        ("database.host", "a.b.c.d.e.f.g.h.i", "9: name: has more than 8 steps"),
        ("kind: string", "kind: number", "10: kind: 'number' is none of string, integer, boolean, array, object"),
        ("Where it is", "''", "11: description: must be a text"),
        ("    sample: db.example.org\n", "", "9: sample: is missing"),
        ("db.example.org", "3306", "12: sample: is none of kind string; numbers and dates in quotes"),
        ("db.example.org", "true", "12: sample: is none of kind string"),
        ("db.example.org", '""', "12: sample: is empty"),
        ("db.example.org", "null", "12: sample: is none of kind string"),
        ("db.example.org", '"\\a"', "12: sample: must be a text without control characters"),
        ("db.example.org", "1.5", "12: sample: has a value that is no text, whole number"),
        ("db.example.org", "{1: x}", "12: sample: has a key that is no text"),
        ("db.example.org", "&a [*a]", "12: sample: "),
        ("    at:", "    pattern: '[0-9]+'\n    at:", "12: sample: 'db.example.org' does not match the pattern"),
        ("    at:", "    pattern: '(a'\n    at:", "13: pattern: '(a' has a ( without its )"),
        ("    at: [{object: apps/Deployment/x, path: a}]\n", "", "9: at: 'database.host' reaches nothing"),
        ("{object: apps/Deployment/x, path: a}", "{object: x, path: a}", "13: object: 'x' is no glob of objects"),
        ("path: a", "path: 'a[b]'", "13: path: 'a[b]' is no path"),
        (", path: a", "", "13: path: is missing; only with a `text`"),
        ("path: a", "path: 'a?'", "13: path: 'a?': the key that ? adds is a plain one"),
        ("path: a", "path: 'a.b[0]?'", "13: path: 'a.b[0]?': the key that ? adds is a plain one"),
        ("path: a", "path: 'a.*?'", "13: path: 'a.*?': the key that ? adds is a plain one"),
        ("path: a", "path: 'a.?'", "13: path: 'a.' is no path"),
        ("path: a", "path: 'a.b?', text: x", "13: text: is part of what stands there"),
        ("path: a", "path: a, before: x", "13: before: stands beside a `text`"),
        ("path: a", 'path: a, text: "\\0"', "13: text: must be a text without control characters"),
        ("[{object: apps/Deployment/x, path: a}]", "[&a {object: a/B/c, path: a}, *a]", "13: at: a place stands there"),
        ("    at:", "    omits: [x]\n    at:", "13: omits: 'x' is no glob of objects"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_with_its_line(old: str, new: str, says: str) -> None:
    assert VALUE.count(old) == 1
    with pytest.raises(UsageError) as caught:
        read(LEAST + VALUE.replace(old, new))
    assert str(caught.value).startswith(f"spec.yaml:{says}")


@pytest.mark.parametrize(
    ("kind", "sample", "key", "says"),
    [
        ("integer", "true", "x", "12: sample: is none of kind integer"),
        ("boolean", "1", "x", "12: sample: is none of kind boolean"),
        ("array", "[]", "x", "12: sample: is empty"),
        ("object", "{}", "x", "12: sample: is empty"),
        ("integer", "99999999999999999999", "x", "12: sample: has a value that is no text"),
        ("array", "[a]", "path: a, text: b", "13: text: is part of a string"),
        ("integer", "1", "pattern", "13: pattern: is for strings"),
    ],
)
def test_a_sample_and_places_fit_the_kind(kind: str, sample: str, key: str, says: str) -> None:
    text = VALUE.replace("kind: string", f"kind: {kind}").replace("db.example.org", sample)
    text = text.replace("    at:", "    pattern: a\n    at:") if key == "pattern" else text.replace("path: a", key)
    text = text if key != "x" else text.replace(", x}", ", path: x}")
    with pytest.raises(UsageError) as caught:
        read(LEAST + text)
    assert str(caught.value).startswith(f"spec.yaml:{says}")


def _values(*names: str) -> str:
    rest = "kind: boolean, description: x, sample: true, omits: [Service/x]"
    return "values:\n" + "".join(f"  - {{name: {name}, {rest}}}\n" for name in names)


def test_no_two_values_have_a_name_and_none_is_below_another() -> None:
    with pytest.raises(UsageError, match=r"spec\.yaml:10: name: 'a\.b' is the name of line 9's value too"):
        read(LEAST + _values("a.b", "a.b"))
    for names in (("a.b", "a.b.c"), ("a.b.c", "a.b"), ("a.b.c", "a.d", "a.b")):
        with pytest.raises(UsageError, match=r"name: 'a\.b\.c' is below 'a\.b', the value of line"):
            read(LEAST + _values(*names))
    assert len(read(LEAST + _values("a.b", "a.bc", "ab")).values) == 3


def test_values_are_five_hundred_at_most() -> None:
    with pytest.raises(UsageError, match=r"spec\.yaml:8: values: more than 500"):
        read(LEAST + _values(*(f"v{number}" for number in range(501))))
