"""What a stream tells, to whom: one message for all, by permission and place."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial import outbox
from spatial.outbox import Change
from spatial.types import UNPLACED_GRID, Scope
from webmap import told
from webmap.identity import ROLES
from webmap.kinds import BRIEFS, FORMS, KINDS
from webmap.told import Audience

GRID = "999001001001001"
EVERYWHERE = Scope.everything()
TILES = {"layer": "roads", "minzoom": 0, "maxzoom": 22, "z": 14, "cells": [[1, 2]]}
PERMISSIONS = sorted(set().union(*ROLES.values()))


def change(seq: int, kind: str, grid_code: str = GRID) -> Change:
    payload: dict[str, Any] = TILES if kind == outbox.TILES else {"id": seq, "name": "名"}
    return Change(seq, kind, str(seq), grid_code, payload, datetime(2026, 11, 1, tzinfo=UTC))


def heard(changes: list[Change], audience: Audience) -> bytes:
    part = told.part(told.messages(changes), audience)
    return part.after(0) if part else b""


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_reaches_those_who_hold_its_permission_and_nobody_else(kind: str) -> None:
    changes = [change(1, kind)]
    needed = KINDS[kind].permission
    assert needed in PERMISSIONS, "no role holds it"
    assert f"event: {KINDS[kind].event}\n".encode() in heard(changes, Audience(EVERYWHERE, frozenset({needed})))
    short = {BRIEFS[kind].permission} if kind in BRIEFS else set()
    assert heard(changes, Audience(EVERYWHERE, frozenset(PERMISSIONS) - {needed} - short)) == b""


@pytest.mark.parametrize("kind", BRIEFS)
def test_a_brief_is_for_those_who_may_not_read_the_whole_and_no_change_is_told_twice(kind: str) -> None:
    changes, brief = [change(1, kind)], BRIEFS[kind]
    told_brief = heard(changes, Audience(EVERYWHERE, frozenset(PERMISSIONS) - {brief.unless}))
    assert (told_brief.count(b"event: "), f"event: {brief.event}\n".encode() in told_brief) == (1, True)
    told_whole = heard(changes, Audience(EVERYWHERE, frozenset(PERMISSIONS)))
    assert (told_whole.count(b"event: "), f"event: {brief.event}\n".encode() in told_whole) == (1, False)


@pytest.mark.parametrize("kind", ["resident", "", outbox.UNREADABLE, "snapshot", "Alarm"])
def test_a_change_of_a_kind_that_is_not_declared_reaches_nobody(kind: str) -> None:
    assert heard([change(1, kind)], Audience(EVERYWHERE, frozenset(PERMISSIONS))) == b""


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_is_heard_within_its_jurisdiction_and_that_of_tiles_everywhere(kind: str) -> None:
    changes, elsewhere = [change(1, kind)], Audience(Scope(("998",)), frozenset(PERMISSIONS))
    assert heard(changes, Audience(Scope(("999001",)), frozenset(PERMISSIONS))) != b""
    assert (heard(changes, elsewhere) != b"") == (kind == outbox.TILES)
    assert heard(changes, Audience(Scope.nothing(), frozenset())) == b""


def test_a_change_of_several_places_is_heard_by_who_is_responsible_for_a_part_of_one() -> None:
    warning = replace(change(1, "warning"), grid_code=UNPLACED_GRID, places=["999001001", "998001"])
    hearing = {prefix: heard([warning], Audience(Scope((prefix,)), frozenset(PERMISSIONS))) != b""
               for prefix in ("999", "999001001001002", "998001", "999002", "998002001")}
    assert hearing == {"999": True, "999001001001002": True, "998001": True, "999002": False, "998002001": False}


def test_no_account_that_reads_the_picture_only_hears_of_single_alarms_events_or_keepers() -> None:
    wall = Audience(EVERYWHERE, ROLES["wall"])
    told_kinds = {kind: heard([change(1, kind)], wall) for kind in KINDS}
    assert {kind for kind, body in told_kinds.items() if body} == {"alarm", "kpi", "warning", outbox.TILES}
    assert b"event: brief\n" in told_kinds["alarm"]
    assert "名".encode() not in told_kinds["alarm"]


grids = st.sampled_from(["999001001001001", "999001001001002", "999002001001001", "998001001001001", UNPLACED_GRID])
scopes = st.lists(st.sampled_from(["*", "999", "999001", "999001001001002", "998001"]), max_size=3).map(
    lambda prefixes: Scope(tuple(prefixes)))


@given(st.lists(st.tuples(st.sampled_from([*KINDS, "other"]), grids), min_size=1, max_size=20), scopes,
       st.frozensets(st.sampled_from(PERMISSIONS)), st.integers(0, 21))
def test_what_is_put_together_once_is_what_each_would_have_been_told_one_by_one(
        rows: list[tuple[str, str]], scope: Scope, permissions: frozenset[str], seen: int) -> None:
    audience = Audience(scope, permissions)
    changes = [change(number, kind, grid) for number, (kind, grid) in enumerate(rows, 1)]
    expected = [one.seq for one in told.together(changes)
                if any(form.permission in permissions and form.unless not in permissions
                       for form in FORMS.get(one.kind, ()))
                and (one.kind == outbox.TILES or scope.covers(one.grid_code))
                and (one.seq > seen or one.kind == outbox.TILES)]
    part = told.part(told.messages(changes), audience)
    lines = (part.after(seen) if part else b"").decode().split("\n")
    assert [int(line[4:]) for line in lines if line.startswith("id: ")] == expected
