"""What state a room is in (户室状态), as the list of rooms and the taken-apart building show it."""

STATES = ("alarm", "care", "unsurveyed", "vacant", "rented", "occupied", "empty")
"""有告警, 需关爱, 待采集, 空置, 出租, 自用, 无人登记: what needs somebody soonest comes first."""


def state(use: str, tenure: str, residents: int, *, surveyed: bool, care: bool, alarmed: bool) -> str:
    """Return the one of ``STATES`` that a room is in.

    Args:
        use: residential, or anything else: where nobody lives, somebody works.
        tenure: owner, rented, vacant or unknown.
        residents: how many live there.
        surveyed: everything that a survey asks for is on record.
        care: somebody there needs help; False where that may not be seen.
        alarmed: an alarm is open there; False where that may not be seen.
    """
    if alarmed:
        return "alarm"
    if care:
        return "care"
    if not surveyed:
        return "unsurveyed"
    if tenure in ("vacant", "rented"):
        return tenure
    return "empty" if use == "residential" and not residents else "occupied"
