"""Fields of requests: batches item by item, and texts that people read."""

from typing import Any

import pytest
from apiflask import Schema
from apiflask.fields import Integer, Nested
from apiflask.validators import Length
from marshmallow import ValidationError

from webmap.fields import Batch, Words


class ItemIn(Schema):
    """Three numbers."""

    a, b, c = (Integer(required=True) for _ in range(3))


class BatchIn(Schema):
    """Ten of them at most."""

    items = Batch(Nested(ItemIn), required=True, validate=Length(1, 10))


def test_a_batch_is_as_long_as_it_has_items_however_many_faults_they_have() -> None:
    good, bad = {"a": 1, "b": 2, "c": 3}, {"a": "x", "b": "y", "c": "z"}
    batch = BatchIn().load({"items": [good, *[bad] * 9]})["items"]
    assert len(batch) == 10
    assert [index for index, _ in batch.taken] == [0]
    assert [fault["index"] for fault in batch.refused] == [index for index in range(1, 10) for _ in "abc"]


@pytest.mark.parametrize("items", [[], [1] * 1_000_000])
def test_a_batch_that_is_too_long_is_refused_before_a_look_at_its_items(items: list[Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        BatchIn().load({"items": items})
    assert list(caught.value.messages) == ["items"]
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(("text", "lines", "fine"), [
    ("暴雨\t<b>red</b>", True, True), ("a\r\nb", True, True), ("a\nb", False, False), ("a\x1b[31m", True, False),
    ("\u202egnp.exe", True, False), ("\x85", False, False), ("", False, True),
])
def test_words_hold_no_character_that_steers_what_shows_them(text: str, lines: bool, fine: bool) -> None:
    field = Words(lines=lines)
    if fine:
        assert field.deserialize(text) == text
    else:
        with pytest.raises(ValidationError, match="control character"):
            field.deserialize(text)
