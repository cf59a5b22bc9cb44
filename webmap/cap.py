"""CAP 1.2 messages, whose values have been checked one by one, as notices: what is checked together."""

import re
from typing import Any

from spatial.errors import InvalidInput
from spatial.queries.warning_messages import Content, Notice
from spatial.rules import danger_areas

Json = dict[str, Any]
Faults = list[tuple[str, str]]

LANGUAGE = "zh-cn"
"""Whose words stand first."""

REFERENCES_MOST = 100

DECIDING = ("urgency", "severity", "certainty", "effective", "onset", "expires")
"""What several info blocks of one message must agree in, beside their areas: they are its languages."""

WORDS = ("event", "headline", "description", "instruction")

OWN_CODE = re.compile(r"[0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15}", re.ASCII)
"""Codes of areas and grids; geocodes of other systems look otherwise and are passed over where shapes are given."""


def notice(message: Json) -> Notice:
    """Return a message, which the schema of ``webmap/views/warnings.py`` has let through, as a notice.

    Raises:
        InvalidInput: all that is wrong with it.
    """
    faults: Faults = []
    refers_to = _references(message, faults)
    content = None
    if message["msg_type"] != "Cancel":
        content = _content(message, faults)
        if message["msg_type"] == "Update" and not message["references"]:
            faults.append(("references", "an Update must refer to what it updates"))
    elif not message["references"]:
        faults.append(("references", "a Cancel must refer to what it cancels"))
    if faults:
        raise refusal(faults)
    return Notice(message["sender"], message["identifier"], message["sent"], message["status"], message["msg_type"],
                  refers_to, content)


def refusal(faults: Faults) -> InvalidInput:
    """Return what is raised for the faults of a message."""
    return InvalidInput(f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in the message; nothing was done. "
                        + "; ".join(f"{place}: {text}" for place, text in faults[:5]), faults)


def _references(message: Json, faults: Faults) -> frozenset[str]:
    """Return keys of ``sender,identifier,sent`` texts with blanks between them."""
    found = set()
    words = message["references"].split()
    if len(words) > REFERENCES_MOST:
        faults.append(("references", f"names {len(words)} messages, {REFERENCES_MOST} are the most"))
    for word in words[:REFERENCES_MOST]:
        parts = word.split(",")
        if len(parts) != 3 or not all(parts):
            faults.append(("references", f"{word[:80]!r} is not sender,identifier,sent"))
        else:
            found.add(f"{parts[0]},{parts[1]}")
    if f"{message['sender']},{message['identifier']}" in found:
        faults.append(("references", "names the message itself"))
    return frozenset(found)


def _content(message: Json, faults: Faults) -> Content | None:
    infos = message["info"]
    if not infos:
        faults.append(("info", "is missing: an Alert or Update must say what it is about"))
        return None
    chosen = next((number for number, info in enumerate(infos) if info["language"].lower() == LANGUAGE), 0)
    first = infos[chosen]
    for number, info in enumerate(infos):
        differing = [name for name in DECIDING if info[name] != first[name]]
        if _written(info) != _written(first):
            differing.append("area")
        faults.extend((f"info[{number}].{name}", f"differs from that of info[{chosen}]; send a message for each")
                      for name in differing)
    shapes, codes = _areas(first, f"info[{chosen}]", faults)
    begins_at, ends_at = first["onset"] or first["effective"], first["expires"]
    begun_by = begins_at or message["sent"]
    if ends_at is not None and ends_at <= begun_by:
        faults.append((f"info[{chosen}].expires", f"{ends_at.isoformat()} is not after {begun_by.isoformat()}, "
                       "when the warning begins"))
    texts = [{"language": info["language"], **{name: info[name] for name in WORDS}}
             for number, info in enumerate(infos) if number != chosen]
    names = [area["area_desc"] for area in first["area"] if area["area_desc"]]
    return Content(
        first["category"], first["event"], first["urgency"], first["severity"], first["certainty"], first["language"],
        first["headline"], first["description"], first["instruction"], texts, "、".join(names)[:1000] or None,
        begins_at, ends_at, shapes, codes)


def _areas(info: Json, place: str, faults: Faults) -> tuple[list[Any], dict[str, str]]:
    shapes, codes, written = [], {}, 0
    for index, area in enumerate(info["area"]):
        here = f"{place}.area[{index}]"
        for name, shape in (("polygon", danger_areas.polygon), ("circle", danger_areas.circle)):
            for number, text in enumerate(area[name]):
                written += len(text.split())
                shapes.append(shape(f"{here}.{name}[{number}]", text, faults))
        drawn = bool(area["polygon"] or area["circle"])
        own = {f"{here}.geocode[{number}]": geocode["value"] for number, geocode in enumerate(area["geocode"])
               if OWN_CODE.fullmatch(geocode["value"])}
        if not drawn:
            # Where a shape is given as well, the code tells more coarsely what the shape tells exactly.
            codes |= own
        if not drawn and not own:
            faults.append((here, "has neither a polygon, nor a circle, nor a geocode that is a code of ours"))
    if not info["area"]:
        faults.append((f"{place}.area", "is missing: a warning is of an area"))
    if written > danger_areas.VERTICES_MOST:
        faults.append((f"{place}.area", f"has {written:,} points together, {danger_areas.VERTICES_MOST:,} are the "
                       "most; simplify it"))
    return [shape for shape in shapes if shape is not None], codes


def _written(info: Json) -> list[Any]:
    return sorted((sorted(area["polygon"]), sorted(area["circle"]), sorted(code["value"] for code in area["geocode"]))
                  for area in info["area"])

