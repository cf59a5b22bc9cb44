"""In which state a room is (户室状态), wherever one is listed or drawn; alarms are laid over it live."""

CARE, BUSINESS, UNSURVEYED, VACANT, RENTED, OCCUPIED = STATES = (
    "care", "business", "unsurveyed", "vacant", "rented", "occupied")
"""重点关爱, 非住宅, 待采集, 空置, 出租, 自用: of several that are true of a room, the first is told."""


def state(use: str, tenure: str, surveyed: bool, residents: int, care: bool) -> str:
    """Return the state of a room.

    - ``care``: one of its residents needs care (``resident.care`` is not empty); whoever may not know that says
      False, and the room counts as what it is besides.
    - ``business``: ``room.use`` is not ``residential``.
    - ``unsurveyed``: somebody has to go there: a field that the survey of rooms asks for is empty, so that the room
      does not count in the entry rate; or its ``room.tenure`` is ``unknown`` and no resident is on record.
    - ``vacant``: ``room.tenure`` says so, and no resident is on record who says otherwise.
    - ``rented``: ``room.tenure`` says so.
    - ``occupied``: all others: their owners have them, or residents live there of whom no more is known.
    """
    if care:
        return CARE
    if use != "residential":
        return BUSINESS
    if not surveyed or tenure == "unknown" and not residents:
        return UNSURVEYED
    if tenure == "vacant" and not residents:
        return VACANT
    return RENTED if tenure == "rented" else OCCUPIED
