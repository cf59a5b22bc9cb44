"""In which coordinate system a layer is: what it declares, what its numbers allow, and what fits the record.

A system is guessed only with evidence: the numbers themselves, and how the rows lie on what is on
record (areas, footprints, roads) under each candidate. The datum of metres without a name cannot be
seen in the numbers; CGCS2000 is assumed, and said.
"""

from dataclasses import dataclass, field

import pyarrow as pa

from importers.inspection import sample as samples
from importers.inspection.record import Record
from importers.inspection.sample import Sample
from spatial import crs, crs_numbers, offsets
from spatial.errors import SourceError
from spatial.types import Box

SPOTS = 1000
"""Rows that are tried under each candidate."""

NEAR_M = 5.0
"""Rows that lie closer to the record than this, at the median, are the same objects or stand in them."""

INSIDE_M = 0.5
"""The same for points and footprints: in a dense city any point lies a few metres from the next house, and only one
inside a house tells anything."""

CLEARLY = 3.0
"""The next candidate must lie so many times farther off, and ``NEAR_M`` more, before the best is believed."""

INSIDE = 0.9
AHEAD = 0.2
"""Share of rows inside the areas on record from which a candidate is believed, and by how much it must lead."""

SHIFT_AHEAD = 0.05
"""Lead that tells shifted coordinates from others by areas alone: a shift moves few rows over an edge."""

NO_DATABASE = "no database answers that they could be compared with."

_MERIDIANS = range(75, 136, 3)


@dataclass(frozen=True)
class Candidate:
    """One system that the numbers allow.

    Attributes:
        option: what to type after ``--crs``.
        words: the system in words.
        inside: share of the rows inside the areas on record; None without areas.
        residual_m: median distance of the rows from the record, metres; None without enough neighbours.
    """

    option: str
    words: str
    inside: float | None = None
    residual_m: float | None = None

    def facts(self) -> dict[str, object]:
        """Return the candidate for a program."""
        return {"crs": self.option, "name": self.words, "inside": self.inside, "residual_m": self.residual_m}


@dataclass(frozen=True)
class Judgement:
    """What is known about a layer's coordinates.

    Attributes:
        state: ``declared``, ``implied`` by the format, ``guessed``, ``unknown`` or ``none`` without geometry.
        confidence: ``certain``, ``high``, ``moderate``, ``low``; empty where nothing is claimed.
        title: the system in words; None where unknown.
        option: what to type after ``--crs``; None where nothing has to be.
        override: ``--override-crs`` has to be typed as well.
        remarks: evidence and suspicions, sentences.
        candidates: what was compared, the best first.
    """

    state: str
    confidence: str = ""
    title: str | None = None
    option: str | None = None
    override: bool = False
    remarks: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = field(default=())

    def facts(self) -> dict[str, object]:
        """Return the judgement for a program."""
        return {"state": self.state, "confidence": self.confidence or None, "name": self.title, "crs": self.option,
                "override": self.override, "remarks": list(self.remarks),
                "candidates": [one.facts() for one in self.candidates]}


def judge(declared: str | None, implied: bool, sample: Sample, record: Record | None) -> Judgement:
    """Judge the coordinate system of a layer.

    Args:
        declared: what the file declares, as text; None where nothing.
        implied: the format has no place for a system, so that what it declares is a convention.
        sample: its first rows.
        record: what is on record; None without a database.
    """
    if sample.geometries is None:
        return Judgement("none")
    try:
        reference = crs.reference_of_file(declared)
    except SourceError as error:
        return Judgement("unknown", remarks=(f"{error.what} {error.cure}",))
    if sample.box is None:
        return Judgement("declared" if reference else "unknown", title=reference and reference.title,
                         remarks=("No geometry can be read.",))
    if reference is None:
        return guess(sample, record)
    return _check(reference, implied, sample, record)


def guess(sample: Sample, record: Record | None) -> Judgement:
    """Guess the system of a layer that declares none.

    Args:
        sample: its first rows, with a box.
        record: what is on record; None without a database.
    """
    found = candidates(sample.box)
    remarks = [crs_numbers.guess(sample.box)]
    if crs_numbers.swapped(sample.box) or not found:
        return Judgement("unknown", remarks=tuple(remarks))
    compared = _compare(found, sample, record)
    best, confidence, evidence = decide(compared, len(sample.spots(SPOTS)), neighbours(sample))
    evidence = evidence if record is not None else NO_DATABASE
    if best is not None:
        note = () if best.option in offsets.TO_WGS84 else (
            "The datum does not show in numbers: CGCS2000 is assumed. Beijing 54 and Xi'an 80 lie some 50 to 100 m "
            "off.",)
        return Judgement("guessed", confidence, best.words, best.option, False, (evidence, *note), compared)
    alone = compared[0] if len(compared) == 1 or compared[0].option == crs.STORED else None
    remarks += [evidence] if evidence else []
    if alone is not None:
        return Judgement("guessed", "low", alone.words, alone.option, False, tuple(remarks), compared)
    return Judgement("unknown", remarks=tuple(remarks), candidates=compared)


def advise(wkb: pa.Array, record: Record) -> str:
    """Say what to type for geometries of a file that declares no system.

    Args:
        wkb: the first rows' geometries.
        record: what is on record.

    Returns:
        One to three sentences that end with, or contain, an option that a person can type.
    """
    sample = samples.of(wkb)
    if sample.box is None:
        return "Name it with --crs EPSG:…"
    found = guess(sample, record)
    if found.state != "guessed" or found.confidence == "low":
        return crs_numbers.guess(sample.box)
    return f"Probably {found.title}: {' '.join(found.remarks)} Type --crs {found.option}."


def _check(reference: crs.Reference, implied: bool, sample: Sample, record: Record | None) -> Judgement:
    """Judge a declared system by the numbers and the record."""
    state, remarks = "implied" if implied else "declared", []
    try:
        crs_numbers.check_coordinates(reference, sample.box)
        crs_numbers.check_area(reference, sample.box)
        route = crs.route(reference)
    except SourceError as error:
        other = guess(sample, record)
        option = other.option if other.state == "guessed" else None
        return Judgement(state, "", reference.title, option, option is not None and not implied,
                         (f"{error.what} {error.cure}", *other.remarks), other.candidates)
    if crs_numbers.swapped(sample.box):
        remarks.append(crs_numbers.guess(sample.box))
    shifted = reference.geographic and in_china(sample.box)
    confidence = "certain" if not implied else "low" if shifted else "high"
    found = [Candidate(reference.label, reference.title), *(shifts() if shifted else [])]
    compared = _compare(found, sample, record, {reference.label: route})
    best, sureness, evidence = decide(compared, len(sample.spots(SPOTS)), neighbours(sample), shifted)
    evidence = evidence if record is not None else NO_DATABASE
    if best is not None and best.option in offsets.TO_WGS84:
        return Judgement(state, sureness, best.words, best.option, not implied,
                         (f"The file says {reference.title}, and its rows fit {best.words}: {evidence}",), compared)
    if best is not None and shifted:
        remarks.append(f"Not shifted as GCJ-02 or BD-09 are: {evidence}")
        confidence = sureness if implied else confidence
    elif shifted:
        remarks.append("Whether the coordinates are shifted (GCJ-02, BD-09) cannot be told"
                       f"{': ' + evidence if evidence else '.'} If the file comes from AMap, Tencent or Baidu, "
                       "type --crs gcj02 or --crs bd09.")
    inside = next(one.inside for one in compared if one.option == reference.label)
    other = guess(sample, record) if inside == 0 and not reference.geographic else None
    if other is not None and other.state == "guessed" and other.confidence == "high":
        return Judgement(state, other.confidence, other.title, other.option, not implied,
                         (f"The file says {reference.title}, and no row lies inside an area on record so.",
                          *other.remarks), other.candidates)
    if inside == 0:
        remarks.append("No row lies inside an area on record.")
    elif inside is not None and not shifted:
        remarks.append(f"{inside:.0%} of the rows lie inside the areas on record.")
    return Judgement(state, confidence, reference.title, None, False, tuple(remarks), compared)


def candidates(box: Box) -> list[Candidate]:
    """Return the systems that may have such numbers.

    Args:
        box: where most of the coordinates lie, x and y of the source.
    """
    if max(map(abs, box)) <= 180:
        if in_china(box):
            return [Candidate(crs.STORED, "CGCS2000 longitude and latitude"), *shifts()]
        return [Candidate("EPSG:4326", "WGS 84 longitude and latitude")]
    found, zone = [], int(box.west // 1e6)
    if not (box.south >= 0 and box.north <= 1e7):
        return found
    if zone == int(box.east // 1e6) and zone in crs_numbers.THREE_DEGREE_ZONES:
        found.append(Candidate(f"EPSG:{4488 + zone}", f"CGCS2000 3° Gauss–Krüger, zone {zone}"))
    if zone == int(box.east // 1e6) and zone in crs_numbers.SIX_DEGREE_ZONES:
        found.append(Candidate(f"EPSG:{4478 + zone}", f"CGCS2000 6° Gauss–Krüger, zone {zone}"))
    if box.west >= 1e5 and box.east < 1e6:
        found += [Candidate(f"EPSG:{4534 + (meridian - 75) // 3}", f"CGCS2000 3° Gauss–Krüger, {meridian}°E")
                  for meridian in _MERIDIANS]
        found += [Candidate(f"EPSG:{32600 + number}", f"WGS 84 UTM zone {number}N") for number in range(43, 54)]
    if box.west >= 8.1e6 and box.east <= 15.1e6 and box.south >= 1.8e6:
        found.append(Candidate("EPSG:3857", "Web Mercator"))
    return found


def shifts() -> list[Candidate]:
    return [Candidate(option, name) for option, (name, _) in offsets.TO_WGS84.items()]


def neighbours(sample: Sample) -> str:
    """Return what rows of this geometry are compared with, as ``Record.residuals`` takes it."""
    kind = next((name for name in sample.types() if name != "none"), "")
    return "centres" if "Polygon" in kind else "roads" if "Line" in kind else "footprints"


def in_china(box: Box) -> bool:
    return (offsets.BOX.west <= box.west <= box.east <= offsets.BOX.east
            and offsets.BOX.south <= box.south <= box.north <= offsets.BOX.north)


def _compare(found: list[Candidate], sample: Sample, record: Record | None,
             routes: dict[str, crs.Route] | None = None) -> tuple[Candidate, ...]:
    """Return the candidates with how they lie on the record, the best first."""
    spots = sample.spots(SPOTS)
    if record is None or not len(spots):
        return tuple(found)
    places = [((routes or {}).get(one.option) or crs.route(crs.reference(one.option))).transform(spots)
              for one in found]
    shares = [record.inside(points) for points in places]
    likely = [number for number, share in enumerate(shares) if share is None or share > 0]
    residuals: dict[int, float] = {}
    # Twenty zones are too wide for one look at the database; where no row lies in an area none is needed.
    if likely and len(likely) <= len(offsets.TO_WGS84) + 2:
        near = record.residuals([places[number] for number in likely], neighbours(sample))
        residuals = dict(zip(likely, near, strict=True)) if near else {}
    compared = [Candidate(one.option, one.words, share, residuals.get(number))
                for number, (one, share) in enumerate(zip(found, shares, strict=True))]
    return tuple(sorted(compared, key=lambda one: (one.residual_m is None, one.residual_m or 0.0,
                                                   -(one.inside or 0.0))))


def decide(compared: tuple[Candidate, ...], rows: int, kind: str, shifted: bool = False,
           ) -> tuple[Candidate | None, str, str]:
    """Return the candidate that the record bears out, the confidence, and the evidence in words.

    Args:
        compared: candidates, those that lie nearest to the record first.
        rows: how many rows were tried.
        kind: what they were compared with, from ``neighbours``.
        shifted: the coordinates are degrees, and may be shifted.
    """
    near_m = INSIDE_M if kind == "footprints" else NEAR_M
    close = [one for one in compared if one.residual_m is not None]
    if len(close) > 1:
        best, second = close[0], close[1]
        words = (f"the rows lie {best.residual_m:.1f} m from objects on record as {best.words}, "
                 f"{second.residual_m:.1f} m as {second.words} (medians).")
        if best.residual_m <= near_m and second.residual_m >= max(CLEARLY * best.residual_m, best.residual_m + NEAR_M):
            return best, "high", words
    by_area = sorted((one for one in compared if one.inside is not None), key=lambda one: -one.inside)
    if not by_area:
        return None, "", "nothing is on record to compare with."
    best, second = by_area[0], by_area[1] if len(by_area) > 1 else None
    words = f"{best.inside:.0%} of the rows lie inside the areas on record as {best.words}"
    words += f", {second.inside:.0%} as {second.words}." if second else "."
    lead = best.inside - (second.inside if second else 0.0)
    degrees = shifted or any(one.option in offsets.TO_WGS84 for one in compared)
    if best.inside >= INSIDE and lead >= (SHIFT_AHEAD if degrees else AHEAD) and lead * rows >= 5:
        return best, "moderate" if degrees else "high", words
    return None, "", words


__all__ = ["INSIDE", "NEAR_M", "Candidate", "Judgement", "advise", "candidates", "decide", "guess", "judge",
           "neighbours"]
