"""What the counts of a place come to: its worst alarm, and counts of people as not everybody may read them."""

from collections.abc import Mapping

from spatial.rules.alarms import SEVERITIES


def worst(counts: Mapping[str, int], kind: str = "alarms") -> str | None:
    """Return the worst severity of which there is an unhandled alarm; None without any.

    Args:
        counts: by measure.
        kind: ``alarms`` for every one that is not closed, ``unacknowledged`` for those that nobody has seen.
    """
    return next((severity for severity in SEVERITIES if counts.get(f"{kind}_{severity}")), None)


def rank(counts: Mapping[str, int]) -> tuple[int, int, int]:
    """Return what places are ordered by: the worst alarm, the worst that nobody has seen, then how many there are.

    The less it is, the earlier somebody should look at the place.
    """
    places = {severity: place for place, severity in enumerate(SEVERITIES)} | {None: len(SEVERITIES)}
    return (places[worst(counts)], places[worst(counts, "unacknowledged")],
            -sum(counts.get(f"alarms_{severity}", 0) for severity in SEVERITIES))


def classed(people: int) -> int:
    """Return the lower end of the class of a number of people, as tiles show cells: 0, 1 to 9, then tens."""
    return people // 10 * 10 if people >= 10 else min(people, 1)
