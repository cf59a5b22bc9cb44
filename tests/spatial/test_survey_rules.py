"""What becomes of forms from the street: in any order, sent any number of times, none is lost."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers import fields
from importers.concepts import rooms as concept
from spatial.errors import InvalidInput
from spatial.rules import jpeg, rooms, survey
from spatial.rules.survey import APPLIED, CONFLICT, REFUSED, WAITING, Edit, Judged, Room

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
VALUES = {"use": "residential", "tenure": "owner", "area_m2": 90.0}


def edit(key: str = "a", base: int | None = 0, room: int | None = 1, **more: object) -> Edit:
    values = {**VALUES, **more.pop("values", {})}
    return Edit(key, 1, room, values, base=base, **more)


class Record:
    """The rooms of a building and the forms on record, as the queries keep them, without a database."""

    def __init__(self, count: int) -> None:
        self.rooms = {n: Room(n, 0, {"use": "residential", "tenure": "unknown", "area_m2": None, "floor": 1})
                      for n in range(count)}
        self.before: dict[str, Judged] = {}

    def send(self, *edits: Edit) -> dict[str, str]:
        told = {}
        for one in survey.in_order(edits):
            if one.id not in self.before:
                judged = survey.judge(one, self.rooms.get(one.room), self.before)
                if judged.outcome == WAITING:
                    told[one.id] = WAITING
                    continue
                if judged.outcome == APPLIED:
                    was = self.rooms[one.room]
                    values = {**was.values, **survey.said(one)}
                    version = was.version + (values != was.values)
                    self.rooms[one.room] = Room(was.id, version, values)
                    judged = replace(judged, version=version)
                self.before[one.id] = judged
            told[one.id] = self.before[one.id].outcome
        return told


SEEDS = st.integers(0, 10**6).map(random.Random)


@st.composite
def days_of_a_device(draw: st.DrawFn) -> list[Edit]:
    """Return what one device made: forms of some rooms, the later ones of a room after the earlier ones."""
    last: dict[int, str] = {}
    made = []
    for n in range(draw(st.integers(1, 14))):
        room = draw(st.integers(0, 3))
        area = draw(st.sampled_from([40.0, 55.5, 90.0, -1.0]))
        made.append(edit(f"e{n}", 0, room, values={"area_m2": area}, follows=last.get(room)))
        last[room] = f"e{n}"
    return made


@settings(max_examples=150)
@given(days_of_a_device(), SEEDS)
def test_any_order_and_repetition_of_one_devices_forms_gives_the_same_rooms_and_loses_none(made, chance) -> None:
    straight = Record(4)
    straight.send(*made)
    broken = Record(4)
    waiting = {one.id: one for one in made}
    # What the device does: whatever has no outcome is sent again, here in any order, in parts, and more than once.
    for _ in range(30):
        told = broken.send(*chance.choices(made, k=3))
        for key, outcome in told.items():
            if outcome != WAITING:
                waiting.pop(key, None)
    while waiting:
        some = chance.sample(sorted(waiting), k=chance.randint(1, len(waiting)))
        told = broken.send(*(waiting[key] for key in some))
        waiting = {key: one for key, one in waiting.items() if told.get(key, WAITING) == WAITING}
    assert broken.rooms == straight.rooms
    assert broken.before == straight.before
    assert set(broken.before) == {one.id for one in made}


@settings(max_examples=60)
@given(days_of_a_device(), SEEDS)
def test_of_two_devices_forms_each_is_applied_or_shown_as_a_conflict_and_resolving_it_ends_it(made, chance) -> None:
    other = [replace(one, id=f"o{one.id}", follows=one.follows and f"o{one.follows}",
                     values={**one.values, "tenure": "rented"}) for one in made]
    record, all_ = Record(4), [*made, *other]
    chance.shuffle(all_)
    for _ in all_:
        record.send(*all_)
    assert set(record.before) == {one.id for one in all_}
    for one in all_:
        judged = record.before[one.id]
        if judged.outcome == CONFLICT:
            again = replace(one, id=f"r{one.id}", base=record.rooms[one.room].version, follows=None, resolves=one.id)
            assert record.send(again) == {again.id: APPLIED}
            assert survey.same(again, record.rooms[one.room])


def test_a_form_of_what_is_on_record_already_is_no_conflict() -> None:
    room = Room(1, 9, {**VALUES, "floor": 3})
    assert survey.judge(edit(base=2), room, {}).outcome == APPLIED
    assert survey.judge(edit(base=2, values={"tenure": "vacant"}), room, {}) == Judged(CONFLICT, survey.CHANGED, 9)
    new = edit(base=None, room=None, unit="1", floor=3, number="301")
    assert survey.judge(new, room, {}).outcome == APPLIED
    assert survey.judge(replace(new, floor=4), room, {}) == Judged(CONFLICT, survey.TAKEN, 9)
    assert survey.judge(new, None, {}).outcome == APPLIED
    assert survey.judge(edit(), None, {}) == Judged(REFUSED, survey.NOT_FOUND)


def test_all_faults_of_a_form_are_said_at_once() -> None:
    bad = Edit("a", 1, None, {"use": "hous", "tenure": "rent", "area_m2": -3, "name": "张三"}, unit=" ", floor=400,
               number="1\x00")
    found = survey.judge(bad, None, {}).faults
    assert {(fault.field, fault.reason) for fault in found} == {
        ("name", "unknown-field"), ("use", "not-allowed"), ("tenure", "not-allowed"), ("area_m2", "out-of-range"),
        ("unit", "missing"), ("floor", "out-of-range"), ("number", "control-character")}
    assert "did you mean rented?" in next(fault.words for fault in found if fault.field == "tenure")


def test_where_a_room_on_record_is_no_form_says() -> None:
    found = survey.faults(edit(room=7, unit="1", floor=1e14, number="701"))
    assert [(one.field, one.reason) for one in found] == [(name, "on-record") for name in ("unit", "floor", "number")]
    assert survey.faults(edit(room=7, unit=" ", number=None)) == ()


SCALARS = st.one_of(st.none(), st.floats(-1e6, 1e6), st.integers(-10**6, 10**6), st.text(max_size=12),
                    st.sampled_from(["residential", " rented ", "rent", "unknown", "", "  ", "x" * 1001, "a\x07b"]))


@given(SCALARS, st.sampled_from([rooms.USE, rooms.TENURE, rooms.AREA, rooms.FLOOR, rooms.NUMBER]))
def test_a_form_takes_exactly_what_an_import_takes(value: object, one: rooms.RoomField) -> None:
    if one.kind == "text" and not isinstance(value, str | None):
        return  # a cell of a table may be a number where a text is meant; a form has texts
    if one.kind != "text" and isinstance(value, str):
        return  # and a number may be written out
    kind = pa.string() if one.kind == "text" else pa.float64()
    columns = {one.name: pa.array([value], kind)}
    result, faults = fields.check(concept.CONCEPT, columns, 1, ZoneInfo("UTC"))
    imported = [fault.reason for fault in faults if fault.reason != "missing"]
    wrong = rooms.wrong(one, value)
    assert imported == ([wrong[0]] if wrong else [])
    if wrong:
        said = next(fault.message for fault in faults if fault.reason != "missing")
        assert said.endswith(wrong[1])
    else:
        # A cell of a form says the same to the table as a cell of a file.
        assert result[one.name].to_pylist() == [rooms.cleaned(one, value)]


@pytest.mark.parametrize(("wrong_by", "expected"), [
    (timedelta(0), NOW - timedelta(hours=1)), (timedelta(days=400), NOW - timedelta(hours=1)),
    (timedelta(days=-400), NOW - timedelta(hours=1)), (timedelta(minutes=2), NOW - timedelta(minutes=58))])
def test_a_wrong_clock_does_not_move_the_day_of_a_survey(wrong_by: timedelta, expected: datetime) -> None:
    device = NOW + wrong_by
    assert survey.believed(device - timedelta(hours=1), device, NOW) == expected
    assert survey.believed(device + timedelta(hours=5), device, NOW) == NOW


def segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2, "big") + payload


FRAME = segment(0xC0, bytes((8,)) + (600).to_bytes(2, "big") + (800).to_bytes(2, "big") + b"\x01\x01\x11\x00")
SCAN = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"
TABLES = segment(0xDB, b"\x00" * 65) + segment(0xC4, b"\x00" * 17)
EXIF = segment(0xE1, b"Exif\x00\x00GPS 31.86 117.28 HUAWEI")
PLAIN = b"\xff\xd8" + TABLES + FRAME + SCAN + b"\xff\xd9"


def test_a_photograph_keeps_its_picture_and_loses_what_else_it_says() -> None:
    laden = (b"\xff\xd8" + segment(0xE0, b"JFIF\x00preview") + EXIF + TABLES + segment(0xFE, "张三家".encode()) + FRAME
             + b"\xff" + SCAN + b"\xff\xd9" + b"MotionPhoto film")
    found = jpeg.stripped(laden)
    assert (found.width, found.height) == (800, 600)
    assert found.data == b"\xff\xd8" + jpeg.JFIF + TABLES + FRAME + SCAN + b"\xff\xd9"
    assert jpeg.stripped(found.data) == found


@given(st.one_of(st.binary(max_size=200), st.integers(0, len(PLAIN)).map(lambda n: PLAIN[:n]),
                 st.tuples(st.integers(0, len(PLAIN) - 1), st.integers(0, 255)).map(
                     lambda at: PLAIN[:at[0]] + bytes((at[1],)) + PLAIN[at[0] + 1:])))
def test_what_is_no_whole_jpeg_is_refused_and_nothing_worse_happens(data: bytes) -> None:
    try:
        found = jpeg.stripped(data).data
    except InvalidInput:
        return
    assert (found[:2], found[-2:]) == (b"\xff\xd8", b"\xff\xd9")
    assert b"Exif" not in found


@pytest.mark.parametrize("data", [b"", b"GIF89a", PLAIN[:-2], PLAIN[:20], b"\xff\xd8\xff\xd9", b"\xff\xd8" + SCAN,
                                  PLAIN.replace((600).to_bytes(2, "big"), (9000).to_bytes(2, "big"))])
def test_broken_and_giant_pictures_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="photograph"):
        jpeg.stripped(data)


def test_every_word_of_the_form_has_its_own_in_both_languages() -> None:
    words = [(one.label, one.label_en) for one in (*rooms.SURVEYED, *rooms.PLACE)]
    words += [pair for one in rooms.SURVEYED for pair in (one.allowed or {}).values()]
    assert all(zh and en for zh, en in words)
