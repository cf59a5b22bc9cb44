"""Units of measurement (计量单位): which say the same quantity, and values converted exactly between them.

Only what has one meaning is here. Left out for that reason: ``%VOL`` and ``ppm`` of gas beside ``%LEL`` (the lower
explosive limit is another one for each gas), ratios without a unit beside ``%`` (gateways also write ``1`` for none),
``C`` (coulomb, or degrees), ``mpa`` (millipascal, or megapascal); and radians, because π is no ratio.

All factors are exact. Prefixes, litre, hour and watt hour follow from the definitions of the SI; the bar and degrees
Fahrenheit: NIST SP 811, appendix B.8, where exact factors are set in bold type.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache


@dataclass(frozen=True)
class Unit:
    """One unit: a value of it, times ``factor``, plus ``shift``, is one of the first unit of its dimension."""

    dimension: str
    factor: Fraction
    shift: Fraction = Fraction(0)


def _scale(dimension: str, **factors: str) -> dict[str, Unit]:
    return {name: Unit(dimension, Fraction(factor)) for name, factor in factors.items()}


UNITS: dict[str, Unit] = {
    **_scale("pressure", Pa="1", hPa="100", mbar="100", kPa="1e3", bar="1e5", MPa="1e6"),
    "K": Unit("temperature", Fraction(1)),
    "°C": Unit("temperature", Fraction(1), Fraction("273.15")),
    "°F": Unit("temperature", Fraction(5, 9), Fraction("459.67") * Fraction(5, 9)),
    **_scale("length", mm="1e-3", cm="1e-2", dm="1e-1", m="1", km="1e3"),
    **_scale("volume", m3="1", L="1e-3", mL="1e-6"),
    **_scale("flow", **{"m3/h": "1", "m3/s": "3600", "L/s": "3.6", "L/min": "0.06", "L/h": "1e-3"}),
    **_scale("speed", **{"m/s": "1", "cm/s": "1e-2", "mm/s": "1e-3"}),
    "km/h": Unit("speed", Fraction(10, 36)),
    **_scale("voltage", mV="1e-3", V="1", kV="1e3"),
    **_scale("current", mA="1e-3", A="1", kA="1e3"),
    **_scale("power", W="1", kW="1e3", MW="1e6"),
    **_scale("energy", J="1", kJ="1e3", MJ="1e6", GJ="1e9", Wh="3600", kWh="3.6e6", MWh="3.6e9"),
    **_scale("time", ms="1e-3", s="1", min="60", h="3600"),
    **_scale("share", **{"%": "1", "‰": "0.1"}),
    **_scale("explosive limit", **{"%LEL": "1"}),
    **_scale("humidity", **{"%RH": "1"}),
    **_scale("obscuration", **{"%/m": "1"}),
    **_scale("angle", **{"°": "1"}),
}
"""By the spelling that :func:`plain` returns."""

SPELLINGS = {
    "degC": "°C", "Cel": "°C", "degF": "°F", "deg": "°", "LEL%": "%LEL", "%lel": "%LEL", "l": "L", "ml": "mL",
    "l/s": "L/s", "l/min": "L/min", "l/h": "L/h", "KPa": "kPa", "Kpa": "kPa", "Mpa": "MPa", "KV": "kV", "KW": "kW",
    "KWh": "kWh", "kwh": "kWh", "KWH": "kWh", "kW·h": "kWh",
}
"""Other spellings that gateways use and that mean nothing else: there is no kelvin-watt, and no unit Mpa."""


@lru_cache(1000)
def plain(unit: str) -> str:
    """Return the plain spelling of a unit: ``℃`` as ``°C``, ``m³/h`` as ``m3/h``, ``MPa`` for `` MPa``."""
    tidy = unicodedata.normalize("NFKC", unit).replace(" ", "")
    return SPELLINGS.get(tidy, tidy)


def known(unit: str) -> bool:
    """Tell whether a unit is one of :data:`UNITS`, however it is spelt."""
    return plain(unit) in UNITS


@lru_cache(1000)
def conversion(given: str, wanted: str) -> Callable[[float], float] | None:
    """Return a function from values in one unit to those in another one; None where there is no exact one.

    Args:
        given: the unit of the values, as a gateway writes it.
        wanted: the unit that they are to have.

    Returns:
        A function that returns the float nearest to the exact value of the decimal number that was given: 140.1 kPa
        are 0.1401 MPa, not a little more or less, because thresholds are compared with it.
    """
    said, meant = plain(given), plain(wanted)
    if said == meant:
        return _same
    one, other = UNITS.get(said), UNITS.get(meant)
    if one is None or other is None or one.dimension != other.dimension:
        return None
    factor, shift = one.factor / other.factor, (one.shift - other.shift) / other.factor
    # The shortest decimal number that is this float is what the gateway wrote.
    return lambda value: float(Fraction(repr(value)) * factor + shift)


def _same(value: float) -> float:
    return value
