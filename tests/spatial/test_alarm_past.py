"""An alarm's steps, folded up to any instant, give what the alarm was at that instant."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from spatial.rules import alarm_past, alarms
from spatial.rules.alarm_past import Life, Step
from spatial.rules.alarms import SEVERITIES

START = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[Step, Life]]:
    """A random life: steps as the service writes them, and what the alarm is after each, kept by other rules."""
    now = START
    found = Life(draw(st.sampled_from(SEVERITIES)), raised=True)
    life = [(Step("raised", now, {}), found)]
    wishes = st.sampled_from(["repeat", *alarms.STEPS])
    for wanted in draw(st.lists(wishes, max_size=16)):
        now += timedelta(seconds=draw(st.integers(0, 100)))
        if wanted == "repeat" and found.active:
            severity = draw(st.sampled_from(SEVERITIES))
            step = Step("repeated", now, {})
            if alarms.worse(severity, found.severity):
                step = Step("escalated", now, {"from": found.severity, "to": severity})
                found = replace(found, severity=severity, acknowledged_at=None)
            found = replace(found, repeats=found.repeats + 1)
            life.append((step, found))
        elif wanted != "repeat":
            try:
                state = alarms.step(found.state, wanted, found.shelved_until is not None)
            except alarms.StepRefused:
                continue
            until = now + timedelta(hours=1)
            detail, said = {
                "acknowledge": ({}, {"acknowledged_at": now}), "clear": ({}, {"active": False, "cleared_at": now}),
                "close": ({}, {"closed_at": now, "shelved_until": None}), "comment": ({}, {}),
                "assign": ({"assignee": "wang"}, {"assignee": "wang"}), "unshelve": ({}, {"shelved_until": None}),
                "shelve": ({"until": until.isoformat()}, {"shelved_until": until})}[wanted]
            found = replace(found, **said)
            assert found.state == state
            life.append((Step(alarms.STEPS[wanted], now, detail), found))
    return life


@given(lives(), st.integers(0, 1700))
def test_folding_the_steps_of_any_life_gives_what_was_recorded_at_each_instant(
    recorded: list[tuple[Step, Life]], seconds: int,
) -> None:
    at = START + timedelta(seconds=seconds)
    (last,) = [life for step, life in recorded if step.at <= at][-1:]
    assert alarm_past.life(recorded[-1][1].severity, [step for step, _ in recorded], at) == last


def test_before_its_first_step_an_alarm_was_not_there() -> None:
    assert not alarm_past.life("minor", [Step("raised", START, {})], START - timedelta(seconds=1)).raised
