"""Hostile and broken mapping files and ``--set`` values: each ends in a named error or in rejects, and soon."""

import re
import time
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from importers import concepts, fields, mapping
from importers.formats.base import Layer
from importers.source import Batch
from spatial import crs
from spatial.errors import MappingError

LONGEST = 5
"""Seconds that any of them may take on a busy machine; most take a millisecond."""

LONGEST_MESSAGE = 20_000

COLUMNS = {
    "n": pa.array([0, 1, None], pa.int64()),
    "t": pa.array(["a", "", "1e999"]),
    "long": pa.array(["x", None, "9" * 100_000]),
    "楼 名": pa.array(["甲"] * 3),
}
LAYER = Layer("blocks", {"n": "number", "t": "text", "long": "any", "楼 名": "text"}, 3, None, "geom", "x")
REFUSED = ""
"""Refused, whatever the words."""

EXPRESSIONS: dict[str, str | None] = {
    # text → what the refusal says; None where the mapping stands and some or no row is rejected.
    "(" * 10_000 + "n" + ")" * 10_000: "at most 1000 characters, not 20001",
    "(" * 400 + "n" + ")" * 400: "is not an exp",
    "-" * 900 + "n": "at most 100 levels",
    "n" + "*n" * 400: "at most 100 levels",
    "n" + "+n" * 40: None,
    "text(" * 120 + "n" + ")" * 120: "at most 100 levels",
    f"'{'x' * 5000}'": "at most 1000",
    f"'{'x' * 900}'": None,
    "min(" + ",".join("n" * 300) + ")": None,
    "n/0": None,
    "0/0": None,
    "1/n": None,
    "1e308*1e308": None,
    "1e999": None,
    "9223372036854775807+n": None,
    "9223372036854775807*9223372036854775807": None,
    "1" + "0" * 500: "too large",
    "0x" + "f" * 900: "too large",
    "number('nan')": None,
    "number('inf')": None,
    "round(1e300)": None,
    "1e-999": None,
    "1j": "neither a text nor a number",
    "b'x'": REFUSED,
    "None": REFUSED,
    "True": REFUSED,
    "lambda: 1": "is not allowed",
    "__import__('os')": "there is no function",
    "n.__class__": "is not allowed",
    "f'{n}'": "is not allowed",
    "(a:=1)": "is not allowed",
    "[x for x in n]": "is not allowed",
    "n**9999": "is not allowed",
    "n//2": REFUSED,
    "1 if n else 2": REFUSED,
    "n and 1": REFUSED,
    "t[0]": REFUSED,
    "(1, 2)": REFUSED,
    "await n": REFUSED,
    "": REFUSED,
    "n\x00": "is not an expression",
    "\x1b[2J": REFUSED,
    "n;n": REFUSED,
    "n==1": REFUSED,
    "text(x=n)": REFUSED,
    "text(*n)": REFUSED,
    "pad(t, 99999999999)": "the width of pad is from 1 to 1000",
    "pad(t, -1)": REFUSED,
    "pad(t, n)": "must be written out",
    "replace(t, '', 'x')": "an empty one is everywhere",
    "choose(t, 'a')": REFUSED,
    "replace(" * 5 + "t" + f", 'a', '{'a' * 150}')" * 5: None,
    "long" + "+long" * 90: None,
    "min()": REFUSED,
    "time(t, '%Q')": "the pattern of time",
    f"time(t, '{'%Y' * 400}')": "the pattern of time",
    "time(t, '%')": REFUSED,
    "time(t, '')": "the pattern of time",
    "tag(t, '((((')": None,
    "coalesce(n, t, 1)": None,
    "column()": REFUSED,
    "column('zz')": "the file has no column 'zz'",
    "'\\ud800'": "half a character",
    "'\udcff'": REFUSED,
    "'\\x00'": None,
    "\udcff": REFUSED,
    "'\\N{BULLET}'": None,
    "'\u202e'": None,
    "'\\": REFUSED,
    "x" * 900: "the file has no column",
}

FILES: dict[str, tuple[str, str | None]] = {
    "lists nested 100,000 deep": ("[" * 100_000, "nested too deep"),
    "closed ones": ("a: " + "[" * 2000 + "]" * 2000, REFUSED),
    "sets nested 5,000 deep": ("{a: " * 5000, "nested too deep"),
    "too large": ("#" * 200_000, "has more than 131072 bytes"),
    "number of 5,000 digits": ("crs: " + "1" * 5000, "cannot be read"),
    "of 4,000": ("crs: " + "1" * 4000, "--crs '111"),
    "whole number too large for a column": ("fields: {height_m: 1" + "0" * 400 + "}", "too large for a whole number"),
    "infinity": ("fields: {height_m: .inf, floors_above: .nan}", None),
    "date": ("fields: {height_m: 2026-05-01}", "a date is no expression"),
    "day 99": ("key: 2026-99-99", "cannot be read"),
    "bytes": ("crs: !!binary aGVsbG8=", "a bytes is no text"),
    "!!set": ("fields: !!set {a}", "is not a set of names"),
    "!!python": ("crs: !!python/name:os.system", "could not determine a constructor"),
    "list as a key": ("? [a, b]\n: c", "found unhashable key"),
    "numbers as fields": ("fields: {1: n, .nan: t}", REFUSED),
    "alias": ("a: &a [x]\nb: *a", "an alias (*) has no place here"),
    "alias of itself": ("&a [*a]", REFUSED),
    "two documents": ("key: n\n---\nkey: n", "another document"),
    "NUL": ("crs: a\0b", "special characters"),
    "control character in a system": ('crs: "a\\u0000b"', "crs: holds a control character"),
    "escape in a layer": ('layer: "\\x1b[2J"', "layer: holds a control character"),
    "half a character": ('layer: "\\ud800"', "layer: holds a control character"),
    "very long key": ("? " + "a" * 100_000 + "\n: b", "means nothing here"),
    "very long system": ("crs: " + "x" * 100_000, "crs: has more than 10,000 characters"),
    "endless pipeline": ("crs: '+proj=pipeline " + "+step +proj=merc " * 500 + "'", "is not a coordinate system"),
    "5,000 unknown words": ("\n".join(f"k{n}: 1" for n in range(5000)), "And 4,980 more"),
    "5,000 unknown fields": ("fields:\n" + "\n".join(f"  k{n}: n" for n in range(5000)), "And 4,980 more"),
    "expression of 100,000 digits": (f'fields: {{height_m: "{"1" * 100_000}"}}', "at most 1000 characters"),
    "expression over lines": ("fields:\n  height_m: |\n    n\n    + 1\n", "is not an expression"),
    "other version of YAML": ("%YAML 9.9\n---\na: b", "incompatible"),
    "tab": ("\tcrs: x", "cannot start any token"),
    "source with a line end": ('source: "a\\nb"', "line break"),
    "only with a list": ("only: [a]", "a list is no text"),
}


def outcome(file: mapping.MappingFile, assigned: dict[str, str]) -> None:
    if file.crs is not None:
        crs.reference(file.crs)
    for concept in (concepts.find("buildings"), concepts.find("residents")):
        mapped = mapping.build(concept, LAYER, file, assigned)
        mapped.describe()
        values, _, _ = mapped.apply(Batch(1, COLUMNS, pa.nulls(3, pa.binary())))
        checked, _ = fields.check(concept, values, 1, ZoneInfo("Asia/Shanghai"))
        for column in checked.values():
            column.validate(full=True)
        # Residents need other fields than buildings; what is wrong for both was said already.
        assigned = {
            "name": "t",
            "id_number": "t",
            "building_code": "t",
            "unit_number": "t",
            "room_number": "t",
            "phone": next(iter(assigned.values()), "t"),
        }
        file = mapping.MappingFile()


def judge(started: float, said: str | None, error: MappingError | None) -> None:
    assert time.monotonic() - started < LONGEST
    assert (error is None) == (said is None), error
    if error is not None:
        assert re.search(re.escape(said), str(error)), str(error)[:500]
        assert len(str(error)) < LONGEST_MESSAGE
        assert str(error).encode()
        assert "\x1b" not in str(error)


@pytest.mark.parametrize("field", ["height_m", "name", "floors_above"])
def test_whatever_stands_after_set_ends_in_a_named_error_or_in_rejects(field):
    for text, said in EXPRESSIONS.items():
        started, error = time.monotonic(), None
        try:
            outcome(mapping.MappingFile(), mapping.assignments([f"{field}={text}"]))
        except MappingError as caught:
            error = caught
        wrong_kind = error is not None and f"{field} is a number, not" in str(error)
        judge(started, "" if wrong_kind else said, error)


@pytest.mark.parametrize("name", FILES)
def test_whatever_a_mapping_file_holds_ends_in_a_named_error_or_in_rejects(name, tmp_path):
    content, said = FILES[name]
    path = tmp_path / "map.yaml"
    path.write_bytes(content.encode())
    started, error = time.monotonic(), None
    try:
        outcome(mapping.read(path), {})
    except MappingError as caught:
        error = caught
    judge(started, said, error)


def test_a_text_that_would_grow_without_end_rejects_its_row_only():
    text = "replace(replace(long, '9', '99999'), '9', '999999999')"
    mapped = mapping.build(concepts.find("buildings"), LAYER, None, {"name": text})
    values, _, faults = mapped.apply(Batch(1, COLUMNS, pa.nulls(3, pa.binary())))
    assert [(fault.row, fault.reason, fault.message) for fault in faults] == [
        (3, "too-long", "name: grows to more than 10,000 characters")
    ]
    assert values["name"].to_pylist() == ["x", None, None]
