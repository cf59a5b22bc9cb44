"""What the fields of a room may hold: for the import of rooms, the survey's form and the table alike."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spatial.rules import values
from spatial.rules.values import CONTROL, LONGEST_TEXT

USES: dict[str, tuple[str, str]] = {
    "residential": ("住宅", "Residential"), "commercial": ("商业", "Commercial"), "office": ("办公", "Office"),
    "school": ("教育", "School"), "hospital": ("医疗", "Hospital"), "market": ("市场", "Market"),
    "industrial": ("工业", "Industrial"), "public": ("公共设施", "Public"), "storage": ("仓储", "Storage"),
    "other": ("其他", "Other"),
}
"""Use of a room → words for it, Chinese and English."""

UNKNOWN = "unknown"
"""The word that fills nothing: for the entry rate it is as good as empty."""

TENURES: dict[str, tuple[str, str]] = {
    "owner": ("自住", "Owner"), "rented": ("出租", "Rented"), "vacant": ("空置", "Vacant"),
    UNKNOWN: ("不详", "Unknown"),
}
"""Tenure (产权使用) → words for it, Chinese and English."""


@dataclass(frozen=True)
class RoomField:
    """One field of a room that people may fill in.

    Attributes:
        name: column of the table ``room``.
        label, label_en: what people read.
        kind: ``text``, ``whole`` or ``number``.
        unit: of a number.
        default: what an empty cell means; None for nothing.
        low, high: limits, inclusive. above: limit, exclusive.
        allowed: words it may be, with what people read.
    """

    name: str
    label: str
    label_en: str
    kind: str = "text"
    unit: str | None = None
    default: str | None = None
    low: float | None = None
    high: float | None = None
    above: float | None = None
    allowed: Mapping[str, tuple[str, str]] | None = None


FLOOR = RoomField("floor", "楼层", "Storey", "whole", low=-20, high=200)
NUMBER = RoomField("number", "房号", "Number")
USE = RoomField("use", "用途", "Use", default="residential", allowed=USES)
TENURE = RoomField("tenure", "产权使用", "Tenure", default=UNKNOWN, allowed=TENURES)
AREA = RoomField("area_m2", "建筑面积", "Floor area", "number", unit="m²", above=0, high=100_000)

SURVEYED: tuple[RoomField, ...] = (USE, TENURE, AREA)
"""What a survey of a room may change."""

PLACE: tuple[RoomField, ...] = (FLOOR, NUMBER)
"""What names a room that is not on record yet, beside its building and unit."""


def wrong(one: RoomField, value: Any) -> tuple[str, str] | None:
    """Return reason and words of what is wrong with one value, as the import of rooms says it; None if nothing is.

    Args:
        one: the field. value: as JSON gives it. None and blanks are an empty cell, which is no fault here.
    """
    if empty(value):
        return None
    return _text(one, value) if one.kind == "text" else _number(one, value)


def empty(value: Any) -> bool:
    """Tell whether a value is an empty cell."""
    return value is None or isinstance(value, str) and not value.strip()


def _text(one: RoomField, value: Any) -> tuple[str, str] | None:
    if not isinstance(value, str):
        return "not-allowed", values.none_of(str(value), tuple(one.allowed)) if one.allowed else "is no text"
    text = value.strip()
    if re.search(CONTROL, text):
        return "control-character", values.HOLDS_CONTROL
    if len(text) > LONGEST_TEXT:
        return "too-long", values.TOO_LONG
    if one.allowed and text not in one.allowed:
        return "not-allowed", values.none_of(text, tuple(one.allowed))
    return None


def _number(one: RoomField, value: Any) -> tuple[str, str] | None:
    fault = "not-a-number", values.NOT_WHOLE if one.kind == "whole" else values.NOT_A_NUMBER
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return fault
    if one.kind == "whole" and value != int(value):
        return fault
    if values.outside(value, one.low, one.high, one.above):
        return "out-of-range", values.limits(one.low, one.high, one.above)
    return None


def cleaned(one: RoomField, value: Any) -> Any:
    """Return a value without fault as the table holds it."""
    if empty(value):
        return one.default
    if one.kind == "text":
        return value.strip()
    return int(value) if one.kind == "whole" else float(value)
