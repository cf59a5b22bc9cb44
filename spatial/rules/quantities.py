"""What a kind of devices measures (测量量): its values come in its unit, and numbers where numbers are looked for.

Rules compare plain numbers. A value in another unit, or written as a text, would be on record and never be wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from spatial.rules.measured import LARGEST, Measured, Reading, Refused, shown
from spatial.rules.units import conversion, known


@dataclass(frozen=True)
class Expected:
    """What is expected of one quantity.

    Attributes:
        unit: of the kind; empty for a quantity that has none.
        number: a rule compares it with a number. word: a rule compares it with a word.
    """

    unit: str = ""
    number: bool = False
    word: bool = False


def is_plain(reading: Reading) -> bool:
    """Tell whether a reading says numbers without units only, as nearly all do: they fit whatever is expected."""
    return all(one.unit is None and one.text is None and not one.switch for one in reading.values.values())


def fit(reading: Reading, expected: Mapping[str, Expected]) -> tuple[Reading | None, list[Refused]]:
    """Bring the values of a reading into the units of its device's kind.

    Args:
        reading: as it was read.
        expected: by quantity; what is not in it is taken as it is.

    Returns:
        The reading with those values that can be taken, None where all are lost; and every fault.
    """
    if is_plain(reading):
        return reading, []
    fitted, refused = {}, []
    for quantity, one in reading.values.items():
        found = _fit(one, expected[quantity]) if quantity in expected else one
        if isinstance(found, Measured):
            fitted[quantity] = found
        else:
            name, value, reason, cure = found
            refused.append(Refused(reading.index, f"{name}.{quantity}", shown(value), reason, cure, reading.event_id))
    if not refused:
        return replace(reading, values=fitted), []
    return (replace(reading, values=fitted) if fitted else None), refused


def _fit(one: Measured, wanted: Expected) -> Measured | tuple[str, object, str, str]:
    """Return a value in the unit that is wanted; else the field, what stands there, what is wrong and what to do."""
    if one.text is not None:
        if (wanted.unit or wanted.number) and not wanted.word:
            return ("values", one.text, "is a text where a number is measured", f"Send a number{_in(wanted.unit)}, "
                    "without quotes; the gateway, or the bridge's file (`format`, `factor`, `values`), makes one of it")
        return one
    if one.switch and wanted.unit:
        return ("values", "true" if one.value else "false", f"is no number of {wanted.unit}",
                f"Send a number{_in(wanted.unit)}, or another quantity")
    if one.unit is None or one.unit == wanted.unit:
        return one
    if not wanted.unit:
        # A word beside a signal, such as "bool" or "层", must not lose the signal.
        return one if not known(one.unit) else (
            "units", one.unit, "is the unit of another quantity: this one has none", "Leave the unit out, or send the "
            "value under another name")
    convert = conversion(one.unit, wanted.unit)
    value = None if convert is None else convert(one.value)
    if value is None or abs(value) > LARGEST:
        return ("units", one.unit, f"cannot be converted exactly to {wanted.unit}", f"Send it{_in(wanted.unit)}: the "
                "gateway, or `factor` and `offset` in the bridge's file, converts it")
    return replace(one, value=value, unit=wanted.unit)


def _in(unit: str) -> str:
    return f" in {unit}" if unit else ""
