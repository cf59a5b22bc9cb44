"""In which state a room is (户室状态), as a building taken apart shows it; alarms are laid over it live."""

from datetime import date

CARE, BUSINESS, UNSURVEYED, VACANT, RENTED, OCCUPIED = STATES = (
    "care", "business", "unsurveyed", "vacant", "rented", "occupied")
"""重点关爱, 非住宅, 未核查, 空置, 出租, 自住: of several that are true of a room, the first is told."""


def state(use: str, tenure: str, surveyed_at: date | None, residents: int, care: bool) -> str:
    """Return the state of a room.

    - ``care``: one of its residents needs care (``resident.care`` is not empty); whoever may not know that says
      False, and the room counts as what it is besides.
    - ``business``: ``room.use`` is not ``residential``.
    - ``unsurveyed``: nobody was there (``room.surveyed_at`` is null), or nobody knows who has it: its ``room.tenure``
      is ``unknown`` and no resident is on record.
    - ``vacant``: ``room.tenure`` says so, and no resident is on record who says otherwise.
    - ``rented``: ``room.tenure`` says so.
    - ``occupied``: all others: their owners live there, or residents of whom no more is known.
    """
    if care:
        return CARE
    if use != "residential":
        return BUSINESS
    if surveyed_at is None or tenure == "unknown" and not residents:
        return UNSURVEYED
    if tenure == "vacant" and not residents:
        return VACANT
    return RENTED if tenure == "rented" else OCCUPIED
