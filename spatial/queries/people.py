"""Who lives in some rooms: counts for everybody, masked names and who needs help for those who may see residents.

Personal values are opened here and nowhere else: masked for households, as they are for the one resident whom
``spatial/queries/reveals.py`` reveals.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import psycopg

from spatial.cipher import Cipher, SealBroken
from spatial.queries.rooms import Around, Room
from spatial.rules import masks
from spatial.rules.reveals import FIELDS
from spatial.rules.risers import Place, level

RESIDENTS_MOST = 100
"""Of one room: a dormitory may hold more, of whom counts tell."""

BESIDE_MOST = 20

Json = dict[str, Any]

# Rows: room, households, residents. Parameters: array of rooms.
COUNTS = """
SELECT household.room_id, count(DISTINCT household.id), count(resident.id)
FROM household LEFT JOIN resident ON resident.household_id = household.id
WHERE household.room_id = ANY(%s) GROUP BY household.room_id
"""

# Rows: room, care category, residents. Parameters: array of rooms.
CARE = """
SELECT household.room_id, category, count(*)
FROM household JOIN resident ON resident.household_id = household.id, unnest(resident.care) AS category
WHERE household.room_id = ANY(%s) GROUP BY 1, 2 ORDER BY 1, 2
"""

# Rows: households of one room and their residents, sealed; null where a household has none. Parameters: room, limit.
RESIDENTS = """
SELECT household.id, household.number, household.kind, resident.id, name_sealed, phone_sealed,
       id_number_sealed IS NOT NULL, sex, birth_year, registration, care, now()
FROM household LEFT JOIN resident ON resident.household_id = household.id
WHERE household.room_id = %s ORDER BY household.number, resident.id LIMIT %s
"""


def of_rooms(connection: psycopg.Connection, room: Room | None, around: Around, residents: bool, exact: bool,
             cipher: Cipher | None) -> Json:
    """Return who lives in a room and around it.

    Args:
        room: the room itself; None where not known.
        around: rooms around it.
        residents: whether names, masked, and care categories may be seen.
        exact: whether counts may be seen, and not only their class.
        cipher: opens names; None leaves them out.

    Returns:
        ``people``, counts of the room, and ``households`` of it, both null without one; ``neighbours``.
    """
    beside = around.rooms.beside[:BESIDE_MOST]
    ids = [one.id for one in (*around.rooms.above, *around.rooms.below, *beside)] + ([room.id] if room else [])
    counts = {room_id: (households, people) for room_id, households, people in connection.execute(COUNTS, (ids,))}
    care: dict[int, list[Json]] = defaultdict(list)
    if residents:
        for room_id, category, people in connection.execute(CARE, (ids,)):
            care[room_id].append({"category": category, "count": people})

    def people_of(room_id: int) -> Json:
        return _counted(*counts.get(room_id, (0, 0)), exact) | {"care": care[room_id] if residents else None}

    def told(one: Place) -> Json:
        return {"id": one.id, "number": one.number, "floor": one.floor, "people": people_of(one.id)}

    own = room.floor if room else None
    sides = {side: [told(one) | ({} if own is None else {"storeys_apart": abs(level(one.floor) - level(own))})
                    for one in rooms]
             for side, rooms in (("above", around.rooms.above), ("below", around.rooms.below))}
    return {
        "people": room and people_of(room.id),
        "households": households(connection, room.id, cipher) if room and residents else None,
        "neighbours": {"rule": around.rule, **sides, "same_floor": [told(one) for one in beside]},
    }


def _counted(households: int, people: int, exact: bool) -> Json:
    shown = (households, people) if exact else map(masks.at_least, (households, people))
    return {**dict(zip(("households", "residents"), shown, strict=True)), "exact": exact}


def of_room(connection: psycopg.Connection, room_id: int, residents: bool, exact: bool) -> Json:
    """Return how many live in a room, and how many of them need which help where that may be seen."""
    found = connection.execute(COUNTS, ([room_id],)).fetchone()
    care = [{"category": category, "count": people}
            for _, category, people in connection.execute(CARE, ([room_id],))] if residents else None
    return _counted(*(found[1:] if found else (0, 0)), exact) | {"care": care}


def households(connection: psycopg.Connection, room_id: int, cipher: Cipher | None) -> list[Json]:
    """Return the households of a room and who lives in them, masked.

    Args:
        connection: inside a transaction, within the account's jurisdiction.
        room_id: the room.
        cipher: opens names; None leaves them out.

    Returns:
        Households by number; of residents 100 at most. ``age`` is a band of ``spatial.rules.masks.AGES``,
        ``has_id_number`` tells that an identity number is on record.
    """
    found: dict[int, Json] = {}
    rows = connection.execute(RESIDENTS, (room_id, RESIDENTS_MOST)).fetchall()
    for household, number, kind, resident, name, phone, numbered, sex, born, registration, care, now in rows:
        one = found.setdefault(household, {"number": number, "kind": kind, "residents": []})
        if resident is not None:
            one["residents"].append({
                "id": resident, "name": _opened(cipher, name, masks.name), "phone": _opened(cipher, phone, masks.phone),
                "has_id_number": numbered, "sex": sex, "age": masks.age_band(born, now.year),
                "registration": registration, "care": care})
    return list(found.values())


# One row. Parameters: id.
RESIDENT = """
SELECT building_id, grid_code, name_sealed, phone_sealed, id_number_sealed FROM resident WHERE id = %s
"""


def resident(connection: psycopg.Connection, resident_id: int) -> tuple[int, str, dict[str, bytes | None]] | None:
    """Return building, grid and sealed values of a resident, by the names of ``spatial.rules.reveals.FIELDS``.

    None where there is none within the jurisdiction.
    """
    row = connection.execute(RESIDENT, (resident_id,)).fetchone()
    return row and (row[0], row[1], dict(zip(FIELDS, row[2:], strict=True)))


def unmasked(cipher: Cipher, sealed: dict[str, bytes | None]) -> dict[str, str | None]:
    """Return some values of one person as they are.

    Raises:
        SealBroken: this is not the key they were sealed with.
    """
    return {name: None if value is None else cipher.open(bytes(value)) for name, value in sealed.items()}


def _opened(cipher: Cipher | None, sealed: bytes | None, mask: Callable[[str], str]) -> str | None:
    """Return a sealed value masked; None where there is none, or this is not the key it was sealed with."""
    if cipher is None or sealed is None:
        return None
    try:
        return mask(cipher.open(bytes(sealed)))
    except SealBroken:
        return None
