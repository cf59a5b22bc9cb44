"""What was to be reached, and whether it was."""

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.tile_servers.results import Results

OURS = "shapan"

FAR = 8
"""The last zoom of the target from afar."""

FAR_MS, FAR_BYTES, GROWTH, SECURITY, OPEN_PAGE_MS = 200, 500_000, 1.5, 0.2, 1000
"""At most: from afar, milliseconds and bytes; last latency by first as the table grows; row security's share of the
time without it; milliseconds to the picture in an open page, 99 of 100."""

Row = tuple[str, str, str]
"""Target; what was reached; ``kept`` or ``missed``."""


def rows(results: "Results") -> list[Row]:
    """Return a row for each target of which something was measured."""
    found = [_against(results, "warm", "from the cache", "Martin"), _alarms(results),
             *(_against(results, "uncached", "built anew", peer) for peer in ("Martin", "tipg")),
             _afar(results), _growth(results), _security(results), *_seen(results)]
    return [row for row in found if row is not None]


def _row(target: str, reached: str, kept: bool) -> Row:
    return target, reached, "kept" if kept else "missed"


def _against(results: "Results", how: str, title: str, peer: str) -> Row | None:
    """Compare rates zoom by zoom over the largest city, where both send the same features.

    Where the rounds of one reach into those of the other, nobody is ahead: ``≈``.
    """
    data = max((run.data for run in results.runs if run.data.isdigit()), key=int, default="")
    fewer = {found.z for found in results.sameness if found.peer == peer and found.theirs + found.beside > found.ours}
    words, behind = [], False
    for z in sorted({run.z for run in results.runs if run.how == how} - fewer):
        ours, theirs = ([run.load.rate for run in results.runs if (run.data, run.server, run.how, run.z) ==
                         (data, server, how, z)] for server in (OURS, peer))
        if ours and theirs:
            level = min(ours) < max(theirs) and min(theirs) < max(ours)
            behind |= max(ours) <= min(theirs)
            words.append(f"z{z} {'≈ ' * level}{statistics.median(ours) / statistics.median(theirs):.2f} ×")
    return _row(f"{title}: requests/s ≥ {peer}'s", ", ".join(words), not behind) if words else None


def _alarms(results: "Results") -> Row | None:
    """Compare the rate from the cache while alarms come in with the peer's in peace."""
    ours = [each.load.rate for each in results.crowd if each.server == OURS and each.alarms]
    theirs = [each.load.rate for each in results.crowd if each.server != OURS]
    if not ours or not theirs:
        return None
    ratio = statistics.median(ours) / statistics.median(theirs)
    return _row("from the cache while alarms come in: requests/s ≥ Martin's without", f"{ratio:.2f} ×", ratio >= 1)


def _afar(results: "Results") -> Row | None:
    found = [each for each in results.afar if each.what.startswith(OURS) and each.z <= FAR]
    if not found:
        return None
    longest, largest = max(each.longest_ms or float("inf") for each in found), max(each.largest for each in found)
    return _row(f"z0–z{FAR} built anew: ≤ {FAR_MS} ms, ≤ {FAR_BYTES // 1000} kB",
                f"{longest:.0f} ms, {largest / 1000:.1f} kB", longest <= FAR_MS and largest <= FAR_BYTES)


def _growth(results: "Results") -> Row | None:
    ratios = {z: values[-1] / values[0] for z, server, values in results.grown() if server == OURS}
    return _row(f"tile time, largest table by smallest: ≤ {GROWTH}", ", ".join(
        f"z{z} {ratio:.2f}" for z, ratio in ratios.items()), max(ratios.values()) <= GROWTH) if ratios else None


def _security(results: "Results") -> Row | None:
    return _row(f"row security: ≤ {SECURITY:.0%} more time, by the GiST index",
                ", ".join(f"z{cost.z} {cost.share:+.0%}" for cost in results.costs),
                all(cost.share <= SECURITY and cost.indexed for cost in results.costs)) if results.costs else None


def _seen(results: "Results") -> list[Row]:
    """Return two rows: until the page has the change, and until a processor that does all the rest too has drawn it."""
    seen = results.seen
    return [_row(f"commit to an open page {until}: p99 ≤ {OPEN_PAGE_MS:,} ms, none lost",
                 f"{p99:,.0f} ms, {seen.lost} of {seen.writes + seen.lost:,} lost",
                 p99 <= OPEN_PAGE_MS and not seen.lost)
            for until, (_, p99) in (("whose layer holds it", seen.held),
                                    ("that has drawn it, without a graphics card", seen.drawn))] if seen else []
