"""What is counted for each place (指标): one declaration for the roll-up, the figures of days, and those who read them.

Another measure is one entry here; one that is kept is a column of the table ``rollup`` besides.
"""

from dataclasses import dataclass

from spatial.rules.events import UNFINISHED
from spatial.rules.keepers import AHEAD, OFF_DUTY


@dataclass(frozen=True)
class Measure:
    """One number of a place; that of a wider place is the sum over its grids.

    Attributes:
        name: key in answers, and the column of ``rollup`` where it is kept.
        label, label_en: what people read.
        unit: what is counted, 件, 人 …; the English one is the label's.
        value: SQL aggregate over the rows of its family.
        people: a number of people, which roles without the right to count them read in classes.
        history: it can be counted for any day of the past.
    """

    name: str
    label: str
    label_en: str
    unit: str
    value: str = "count(*)"
    people: bool = False
    history: bool = False


@dataclass(frozen=True)
class Family:
    """Measures that come from the same rows.

    Attributes:
        source: FROM clause, a table with ``area_code`` and ``grid_code``.
        where: which of its rows count. A partial index on the grid code holds them, or each round reads the table.
            %(start)s and %(end)s are the bounds of the day in hand.
        measures: counted by one statement.
        kept: ``live``: kept in ``rollup`` as the feed tells, and told again; ``entered``: the same, but told beside the
            counts of what is open; ``standing``: kept there, counted anew every few minutes; ``day``: not kept, because
            it begins at midnight or ends by itself.
        kinds: of changes in the feed that may change these counts.
        turns: SQL for the grids whose counts change by the passing of time between %(since)s and %(now)s.
        required: kind of the entry rate; only rows with all fields that it requires count.
    """

    source: str
    measures: tuple[Measure, ...]
    where: str = "true"
    kept: str = "live"
    kinds: tuple[str, ...] = ()
    turns: str | None = None
    required: str | None = None


SEVERITY_NAMES = {"critical": ("危急", "critical"), "major": ("重要", "major"), "minor": ("次要", "minor"),
                  "warning": ("警告", "warning"), "info": ("提示", "info")}

STATE_NAMES = {"open": ("待派发", "open"), "dispatched": ("已派发", "dispatched"), "accepted": ("处理中", "accepted"),
               "rejected": ("已退回", "rejected"), "done": ("已办结", "done"), "closed": ("已结案", "closed")}

ENTRY_TABLES = {"population": ("resident", "人口", "residents", "人"), "housing": ("room", "房屋", "rooms", "户"),
                "legal_entities": ("organisation", "法人", "organisations", "家"),
                "geography": ("building", "地理", "buildings", "栋")}


def _entered(kind: str, value: str = "count(*)") -> Measure:
    _, zh, en, unit = ENTRY_TABLES[kind]
    return Measure(f"entered_{kind}", f"已录入{zh}", f"Fully entered {en}", unit, value)


FAMILIES: tuple[Family, ...] = (
    Family(
        "alarm", where="closed_at IS NULL", kinds=("alarm",),
        measures=(
            *(Measure(f"alarms_{severity}", f"未关闭告警（{zh}）", f"Open alarms, {en}", "件",
                      f"count(*) FILTER (WHERE severity = '{severity}' AND shelved_until IS NULL)", history=True)
              for severity, (zh, en) in SEVERITY_NAMES.items()),
            *(Measure(f"unacknowledged_{severity}", f"未确认告警（{zh}）", f"Unacknowledged alarms, {en}", "件",
                      f"count(*) FILTER (WHERE severity = '{severity}' AND shelved_until IS NULL "
                      "AND acknowledged_at IS NULL)", history=True)
              for severity, (zh, en) in SEVERITY_NAMES.items()),
            Measure("alarms_shelved", "搁置告警", "Shelved alarms", "件",
                    "count(*) FILTER (WHERE shelved_until IS NOT NULL)", history=True))),
    Family(
        "event", where=UNFINISHED, kinds=("event",),
        turns="SELECT grid_code FROM event WHERE due_at > %(since)s AND due_at <= %(now)s",
        measures=(Measure("events_open", "未办结事件", "Unfinished events", "件", history=True),
                  Measure("events_overdue", "超期事件", "Overdue events", "件",
                          "count(*) FILTER (WHERE due_at <= now())", history=True))),
    Family(
        "task", where="state = 'due'", kinds=("task",),
        turns="SELECT grid_code FROM task WHERE state = 'due' AND due_at > %(since)s AND due_at <= %(now)s",
        measures=(Measure("tasks_due", "待办任务", "Tasks due", "件"),
                  Measure("tasks_overdue", "超期任务", "Overdue tasks", "件",
                          "count(*) FILTER (WHERE due_at <= now())"))),
    Family(
        "device_tally", kinds=("device",),
        measures=tuple(
            Measure(f"devices_{state}", zh, en, "台", f"sum(devices) FILTER (WHERE freshness = '{state}')")
            for state, zh, en in (("late", "迟报设备", "Late devices"), ("lost", "失联设备", "Lost devices"),
                                  ("unknown", "从未上报设备", "Devices never heard of")))),
    Family("device_tally", kept="standing", measures=(Measure("devices", "设备", "Devices", "台", "sum(devices)"),)),
    Family("building", kept="standing", measures=(Measure("buildings", "楼栋", "Buildings", "栋"),)),
    Family("building_tally", kept="standing", measures=(
        Measure("households", "户", "Households", "户", "sum(households)", people=True),
        Measure("residents", "登记居民", "Residents on record", "人", "sum(residents)", people=True))),
    # Surveys are to be seen at once. Triggers keep the sum of each building, which is read here, and not its rooms.
    Family("building_tally", kept="entered", kinds=("survey",), measures=(
        _entered("housing", "sum(rooms_entered)"),)),
    *(Family(ENTRY_TABLES[kind][0], kept="standing", required=kind, measures=(_entered(kind),))
      for kind in ENTRY_TABLES if kind != "housing"),
    Family("alarm", kept="day", where="received_at >= %(start)s AND received_at < %(end)s", measures=(
        Measure("alarms_today", "今日告警", "Alarms of today", "件", history=True),)),
    # What was over before it came in, and on an earlier day, is history that an import brought.
    Family("event", kept="day", where="received_at >= %(start)s AND received_at < %(end)s "
           "AND (occurred_at >= %(start)s OR done_at IS NULL OR done_at > received_at)", measures=(
        Measure("events_today", "今日事件", "Events of today", "件", history=True),
        *(Measure(f"events_today_{state}", f"今日事件（{zh}）", f"Events of today, {en}", "件",
                  f"count(*) FILTER (WHERE state = '{state}')") for state, (zh, en) in STATE_NAMES.items()))),
    # A clock that runs ahead would keep its keeper on duty for ever.
    Family("keeper", kept="day", measures=(Measure("keepers_on_duty", "在岗网格员", "Keepers on duty", "人"),),
           where=f"position_at BETWEEN now() - interval '{OFF_DUTY}' AND now() + interval '{AHEAD}'"),
)
"""Every family."""

MEASURES = {measure.name: measure for family in FAMILIES for measure in family.measures}
"""Every measure by its name."""

KEPT = tuple(measure.name for family in FAMILIES if family.kept != "day" for measure in family.measures)
"""Measures that stand in ``rollup``."""

LIVE = tuple(measure.name for family in FAMILIES if family.kept == "live" for measure in family.measures)
"""Measures of which the feed tells as counts of what is open."""

ENTERED = tuple(measure.name for family in FAMILIES if family.kept == "entered" for measure in family.measures)
"""Measures of which the feed tells beside them: ``entered_<kind>``."""

HOURLY = tuple(measure.name for family in FAMILIES if family.kept in ("live", "day") for measure in family.measures)
"""Measures that are taken down for each hour; the others only for each day."""
