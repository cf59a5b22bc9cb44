"""Single values: kinds, limits, codes, identity numbers."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers import checks, concepts, fields, values
from importers.concepts.declare import Concept, Field, Kind, Placing
from tests.importers.town import credit_code, identity_number, moment

SHANGHAI = ZoneInfo("Asia/Shanghai")


def check(one: Field, *cells: object, kind: pa.DataType | None = None):
    concept = Concept("things", "物", "thing", (one,), Placing.PARENT)
    checked, faults = fields.check(concept, {one.name: pa.array(cells, kind)}, 1, SHANGHAI)
    assert checked[one.name].type == fields.KINDS[one.kind]
    return checked[one.name].to_pylist(), [(fault.row, fault.reason) for fault in faults]


def test_text_loses_spaces_and_empty_text_is_missing():
    assert check(Field("x", Kind.TEXT, ""), " 甲　", "", "　", None) == (["甲", None, None, None], [])
    assert check(Field("x", Kind.TEXT, "", required=True), "", "a") == ([None, "a"], [(1, "missing")])


@pytest.mark.parametrize(("cell", "text"), [(12, "12"), (12.0, "12"), (1.5, "1.5"), (2**40 + 0.0, "1099511627776"),
                                            (True, "true"), (["a", "b"], "a;b")])
def test_other_kinds_become_text_without_a_decimal_point(cell, text):
    assert check(Field("x", Kind.TEXT, ""), cell) == ([text], [])


def test_text_that_the_database_cannot_hold_is_rejected():
    assert check(Field("x", Kind.TEXT, ""), "a\0b", "x" * 1001) == (
        [None, None], [(1, "control-character"), (2, "too-long")])


@pytest.mark.parametrize(("cells", "result"), [
    ((6, None), [6, None]), ((6.0, float("nan")), [6, None]), (("6", " 7 ", ""), [6, 7, None]),
    (("６", "+7", "-1"), [6, 7, -1]), (("6.0", "1e2"), [6, 100]), ((None, None), [None, None])])
def test_whole_numbers_are_read_from_any_column(cells, result):
    assert check(Field("x", Kind.WHOLE, ""), *cells) == (result, [])


@pytest.mark.parametrize("cell", ["6层", "1,000", "0x10", "6.5", "--1", "1e400", "９" * 19])
def test_what_is_no_whole_number_is_never_guessed(cell):
    assert check(Field("x", Kind.WHOLE, ""), cell, "1") == ([None, 1], [(1, "not-a-number")])


def test_numbers_keep_their_limits():
    height = concepts.find("buildings").find("height_m")
    assert check(height, 0.0, 0.1, 1000.0, 1000.1, float("inf")) == (
        [None, 0.1, 1000.0, None, None], [(5, "not-a-number"), (1, "out-of-range"), (4, "out-of-range")])


@pytest.mark.parametrize(("concept", "field", "said", "meant"), [
    ("expected", "kind", "人口", "population"), ("expected", "kind", "法人", "legal_entities"),
    ("grids", "kind", " 专属网格 ", "special"), ("areas", "level", "街道", "street"),
    ("residents", "registration", "户籍", "registered"), ("residents", "household_kind", "集体户", "collective")])
def test_the_chinese_words_that_a_help_shows_mean_the_allowed_ones(concept, field, said, meant):
    one = concepts.find(concept).find(field)
    assert f"{meant} ({said.strip()})" in one.help
    assert check(one, said, meant) == ([meant, meant], [])
    assert check(one, "产权使用")[1] == [(1, "not-allowed")]


def test_every_chinese_word_of_a_help_stands_for_one_allowed_word():
    translated = {(concept.name, one.name): one.translated for concept in concepts.CONCEPTS for one in concept.fields
                  if one.translated}
    assert set(translated) == {("areas", "level"), ("events", "state"), ("grids", "kind"), ("planned_grids", "kind"),
                               ("residents", "household_kind"), ("residents", "registration"), ("expected", "kind")}
    for (concept, field), words in translated.items():
        assert sorted(words.values()) == sorted(concepts.find(concept).find(field).allowed)


@pytest.mark.parametrize(("concept", "field", "cell", "said"), [
    ("expected", "value", -1, "'-1' is not from 0 to 10,000,000,000"),
    ("buildings", "built_year", 3000, "'3000' is not from 1000 to 2200"),
    ("buildings", "height_m", 0.0, "'0.0' is not above 0 and at most 1000")])
def test_limits_are_said_as_people_write_numbers(concept, field, cell, said):
    one = concepts.find(concept).find(field)
    _, (fault,) = fields.check(Concept("things", "物", "thing", (one,), Placing.PARENT), {field: pa.array([cell])}, 1,
                               SHANGHAI)
    assert fault.message.endswith(said)


def test_times_and_days_are_read_as_iso_and_without_zone_as_local():
    found, faults = check(Field("x", Kind.INSTANT, ""), "2026-05-01T08:00:00Z", "2026/05/01 08:00:00+08",
                          "2026-05-01 08:00:00", "2026-05-01", "1.5.2026", None)
    assert found == [moment("2026-05-01T16:00:00+08:00"), moment("2026-05-01T08:00:00+08:00"),
                     moment("2026-05-01T08:00:00+08:00"), moment("2026-05-01T00:00:00+08:00"), None, None]
    assert faults == [(5, "not-a-time")]
    days, faults = check(Field("x", Kind.DAY, ""), "2026-05-01", "2026/05/01 00:00:00", "2026-02-30")
    assert [day and day.isoformat() for day in days] == ["2026-05-01", "2026-05-01", None]
    assert faults == [(3, "not-a-day")]


@pytest.mark.parametrize(("cell", "iso"), [
    ("2026/11/1 8:00", "2026-11-01T08:00"), ("2026/1/5", "2026-01-05T00:00"), ("2026-1-5", "2026-01-05T00:00"),
    ("2026年11月1日", "2026-11-01T00:00"), ("2026年11月1日 8时30分", "2026-11-01T08:30"),
    ("2026年11月1日8时30分5秒", "2026-11-01T08:30:05"), ("2026年1月5日 8点", "2026-01-05T08:00"),
    ("2026.11.1", "2026-11-01T00:00"), ("2026.1.5 18:05:09", "2026-01-05T18:05:09"),
    ("２０２６／１／５　８：０５", "2026-01-05T08:05"), ("2026/1/5 8:05:09.5", "2026-01-05T08:05:09.500"),
    ("2026-1-5T8:05+09:00", "2026-01-05T07:05"), ("2026/11/1 8:00Z", "2026-11-01T16:00")])
def test_times_are_read_as_chinese_programs_write_them(cell, iso):
    assert check(Field("x", Kind.INSTANT, ""), cell) == ([moment(f"{iso}+08:00")], [])
    assert check(Field("x", Kind.DAY, ""), cell)[1] == []


@pytest.mark.parametrize("cell", ["5/1/2026", "2026/13/1", "2026/11/18:00", "2026-1/5", "26/1/5", "2026年11月",
                                  "2026/1/5 25:00", "2026.5", "8:00", "46327", "2026/2/30", "2026/1/5 8:0",
                                  "2026年1月5日 8时61分"])
def test_a_time_with_two_meanings_or_none_is_refused_with_the_function_that_reads_it(cell):
    concept = Concept("things", "物", "thing", (Field("x", Kind.INSTANT, ""),), Placing.PARENT)
    _, faults = fields.check(concept, {"x": pa.array([cell])}, 1, SHANGHAI)
    assert [fault.reason for fault in faults] == ["not-a-time"]
    assert "time(COLUMN, '%" in faults[0].message


@given(st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2199, 12, 30)).map(
    lambda one: one.replace(second=0, microsecond=0)))
def test_every_way_to_write_a_time_means_the_same(one):
    year, month, day, hour, minute = one.timetuple()[:5]
    written = [one.isoformat(), f"{year}/{month}/{day} {hour}:{minute:02}",
               f"{year}-{month}-{day} {hour}:{minute:02}:00", f"{year}年{month}月{day}日 {hour}时{minute}分",
               f"{year}.{month}.{day} {hour}:{minute:02}"]
    found, faults = check(Field("x", Kind.INSTANT, ""), *written)
    assert (len(set(found)), faults) == (1, [])


@pytest.mark.parametrize("cell", ["9999-12-31", "1899-12-30", "0202/5/1", "2206-01-01"])
def test_years_in_which_nothing_happens_are_refused(cell):
    for kind in (Kind.INSTANT, Kind.DAY):
        assert check(Field("x", kind, ""), cell, "2026-05-01")[1] == [(1, "out-of-range")]


def test_words_are_sorted_and_each_must_be_known():
    care = concepts.find("residents").find("care")
    assert check(care, "disabled；chronic;disabled", None, "", "rich") == (
        [["chronic", "disabled"], [], [], []], [(4, "not-allowed")])


def test_identity_numbers_keep_the_check_digit_of_the_standard():
    # The example of GB 11643-1999, annex A.
    assert checks.id_number("11010519491231002X") is None
    assert checks.id_number("110105194912310021") == "fails its check digit"
    assert checks.id_number("99900119601301001X") == "has no date of birth at digits 7 to 14"
    assert checks.id_number("E12345678") is None
    for text in ("110105491231002", "12345", "1101051949123100２X", ""):
        assert checks.id_number(text) == "is not 17 digits and a check digit"


@given(st.text("0123456789", min_size=6, max_size=6), st.dates(), st.integers(0, 999), st.integers(0, 17),
       st.integers(1, 9))
def test_one_wrong_digit_of_an_identity_number_is_always_noticed(place, born, order, position, shift):
    number = identity_number(f"{place}{born.year:04}{born.month:02}{born.day:02}{order:03}")
    assert checks.id_number(number) is None
    digit = number[position]
    other = str((int(digit) + shift) % 10) if digit != "X" else str(shift)
    assert checks.id_number(number[:position] + other + number[position + 1:]) is not None


def test_credit_codes_keep_the_check_character_of_the_standard():
    assert checks.credit_code("91350100M000100Y43") is None
    assert checks.credit_code(credit_code("91999001MA0000001")) is None
    assert checks.credit_code("91350100M000100Y44") == "fails its check character, which should be 3"
    assert "18 digits and capital letters" in checks.credit_code("91350100M000100Y4")
    assert "18 digits and capital letters" in checks.credit_code("91350100M000100YI3")


@pytest.mark.parametrize(("url", "good"), [
    ("rtsp://10.0.0.1/a", True), ("https://x/y.m3u8", True), ("javascript:alert(1)", False), ("file:///etc", False),
    ("rtsp://a b", False), ("rtsp://admin:secret@10.0.0.1/a", False), ("https://x@y/z", False),
    ("https://x/a@b.m3u8", True), ("https:///y.m3u8", False)])
def test_a_stream_is_an_address_that_a_player_may_open(url, good):
    assert (checks.stream_url(url) is None) is good


def test_codes_have_their_digits():
    assert checks.area_code("999001001001") is None
    assert checks.area_code("99900100100") == "is not 12 digits"
    assert checks.area_code("９９９００１００１００１") == "is not 12 digits"
    assert checks.grid_code("999001001001000") == "ends in 000, which means no grid"


@given(st.lists(st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True)), max_size=20))
def test_any_real_numbers_become_text_without_an_error(cells):
    texts = values.as_text(pa.array(cells, pa.float64())).to_pylist()
    for cell, text in zip(cells, texts, strict=True):
        assert (cell is None) == (text is None)
        if cell is not None and cell == cell and abs(cell) < 2**53:
            assert float(text) == pytest.approx(cell, rel=1e-12)


@given(st.lists(st.text(max_size=12), min_size=1, max_size=10))
def test_any_text_is_a_number_missing_or_a_fault(cells):
    numbers, bad = values.as_whole(pa.array(cells))
    for cell, number, wrong in zip(cells, numbers.to_pylist(), bad, strict=True):
        assert (number is not None) + bool(wrong) + (not cell.strip(values.SPACES)) >= 1
        assert not (number is not None and wrong)


def test_a_password_in_the_address_of_a_camera_is_refused_and_not_shown():
    given = {"code": pa.array(["C1"]), "kind": pa.array(["camera"]),
             "stream_url": pa.array(["rtsp://admin:secret@10.0.0.1/a"])}
    _, (fault,) = fields.check(concepts.devices.CONCEPT, given, 1, SHANGHAI)
    assert "a user and a password" in fault.message
    assert "secret" not in fault.message
