"""Assessment (考核) of keepers, grids and communities: load, in time or late, how fast."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

BY = ("keeper", "grid", "community")


@dataclass(frozen=True)
class Figures:
    """The figures of one keeper, grid or community.

    Attributes:
        code, name: whose.
        events_open, events_overdue: now; of a keeper those that are with them.
        events_new: occurred within the window. events_done: done within it.
        events_with_deadline, events_on_time: of those done, how many had a deadline, and how many kept it.
        accept_mean_s: seconds from dispatch to acceptance, finish_mean_s: from dispatch (or receipt) until done; means
            over those done within the window, as far as these times are on record; None where they are not.
        tasks_…: likewise, of tasks that belong to no event, whose ``due_at`` is always set.
    """

    code: str
    name: str | None
    events_open: int
    events_overdue: int
    events_new: int
    events_done: int
    events_with_deadline: int
    events_on_time: int
    accept_mean_s: float | None
    finish_mean_s: float | None
    tasks_open: int
    tasks_overdue: int
    tasks_new: int
    tasks_done: int
    tasks_on_time: int

    @property
    def events_on_time_share(self) -> float | None:
        """Share of those done in time among those done that had a deadline; None where none had."""
        return self.events_on_time / self.events_with_deadline if self.events_with_deadline else None

    @property
    def tasks_on_time_share(self) -> float | None:
        """Share of those done in time among those done; None where there is none."""
        return self.tasks_on_time / self.tasks_done if self.tasks_done else None


# By what: rows of who is assessed, key of an event or task.
_WHO = {
    "keeper": ("SELECT id::text AS key, code, name FROM keeper WHERE code > %(after)s AND grid_code >= %(grid)s "
               "AND grid_code < %(grid)s || ':'", "keeper_id::text"),
    "grid": ("SELECT code AS key, code, name FROM grid WHERE valid_to IS NULL AND code > %(after)s "
             "AND code >= %(grid)s AND code < %(grid)s || ':'", "grid_code"),
    "community": ("SELECT code AS key, code, name FROM area WHERE level = 'community' AND code > %(after)s "
                  "AND grid_code >= %(grid)s AND grid_code < %(grid)s || ':'", "left(grid_code, 12)"),
}

# Rows: by code. Parameters: window, first digits of a grid code, code after which, limit.
_FIGURES = """
WITH who AS MATERIALIZED ({who} ORDER BY code LIMIT %(most)s
), now_open AS (
    SELECT {key} AS key, count(*) AS n, count(*) FILTER (WHERE due_at < now()) AS overdue
    FROM event WHERE state NOT IN ('done', 'closed') GROUP BY 1
), new AS (
    SELECT {key} AS key, count(*) AS n FROM event WHERE occurred_at >= %(start)s AND occurred_at < %(end)s GROUP BY 1
), done AS (
    SELECT {key} AS key, count(*) AS n, count(deadline) AS with_deadline,
           count(*) FILTER (WHERE done_at <= deadline) AS on_time,
           avg(extract(epoch FROM accepted_at - dispatched_at))::float8 AS accept_s,
           avg(extract(epoch FROM done_at - coalesce(
               dispatched_at, CASE WHEN received_at <= done_at THEN received_at END)))::float8 AS finish_s
    FROM event WHERE done_at >= %(start)s AND done_at < %(end)s GROUP BY 1
), due AS (
    SELECT {key} AS key, count(*) AS n, count(*) FILTER (WHERE due_at < now()) AS overdue
    FROM task WHERE state = 'due' AND target_kind <> 'event' GROUP BY 1
), made AS (
    SELECT {key} AS key, count(*) AS n FROM task
    WHERE created_at >= %(start)s AND created_at < %(end)s AND target_kind <> 'event' GROUP BY 1
), over AS (
    SELECT {key} AS key, count(*) AS n, count(*) FILTER (WHERE done_at <= due_at) AS on_time FROM task
    WHERE done_at >= %(start)s AND done_at < %(end)s AND state = 'done' AND target_kind <> 'event' GROUP BY 1
)
SELECT who.code, who.name, coalesce(now_open.n, 0) AS events_open, coalesce(now_open.overdue, 0) AS events_overdue,
       coalesce(new.n, 0) AS events_new, coalesce(done.n, 0) AS events_done,
       coalesce(with_deadline, 0) AS events_with_deadline, coalesce(done.on_time, 0) AS events_on_time,
       accept_s AS accept_mean_s, finish_s AS finish_mean_s, coalesce(due.n, 0) AS tasks_open,
       coalesce(due.overdue, 0) AS tasks_overdue, coalesce(made.n, 0) AS tasks_new, coalesce(over.n, 0) AS tasks_done,
       coalesce(over.on_time, 0) AS tasks_on_time
FROM who LEFT JOIN now_open USING (key) LEFT JOIN new USING (key) LEFT JOIN done USING (key)
LEFT JOIN due USING (key) LEFT JOIN made USING (key) LEFT JOIN over USING (key)
ORDER BY who.code
"""


# Parameters: codes.
_KEPT = "SELECT code, grid_code FROM keeper WHERE code = ANY(%s)"


def grids_of_keepers(connection: psycopg.Connection, codes: Sequence[str]) -> dict[str, str]:
    """Return the grid that each of some keepers keeps."""
    return dict(connection.execute(_KEPT, (list(codes),)).fetchall())


def figures(connection: psycopg.Connection, by: str, start: datetime, end: datetime, grid_prefix: str = "",
            after: str = "", most: int = 1000) -> list[Figures]:
    """Return the figures of every keeper, grid or community within the jurisdiction, by code.

    Args:
        by: one of :data:`BY`. start, end: half-open window.
        grid_prefix: first digits of a grid code; empty for all.
        after: code after which the page begins. most: rows at most.
    """
    who, key = _WHO[by]
    with connection.cursor(row_factory=class_row(Figures)) as cursor:
        return cursor.execute(_FIGURES.format(who=who, key=key), {
            "start": start, "end": end, "grid": grid_prefix, "after": after, "most": most}).fetchall()
