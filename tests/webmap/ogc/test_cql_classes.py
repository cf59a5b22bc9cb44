"""The conformance classes of CQL2 (OGC 21-065): every queryable of every collection, in text and in JSON.

Filters are evaluated as the provider does it, without an address around each; that addresses carry filters is shown
by test_filters.py.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import pytest
import shapely

from spatial.queries.features import Wanted, page
from tests.fixtures.web import Web
from tests.webmap.ogc.client import features
from webmap import identity
from webmap.ogc import cql
from webmap.ogc.collections import TIME, Collection, readable
from webmap.ogc.faults import BadRequest


@dataclass(frozen=True)
class Predicate:
    """A filter in both languages."""

    text: str
    node: Any


Ids = Callable[[Collection, Predicate], frozenset[int]]

TRUE, FALSE = Predicate("true", True), Predicate("FALSE", False)
VALUES = {"String": ("'foo'", "foo"), "Number": ("3.14", 3.14), "Boolean": ("true", True), TIME: (
    "TIMESTAMP('2022-04-14T14:48:46Z')", {"timestamp": "2022-04-14T14:48:46Z"})}
COLLECTIONS = tuple(readable(identity.DEMO).values())
OPERATORS = ("s_intersects", "s_disjoint", "s_equals", "s_touches", "s_crosses", "s_within", "s_contains", "s_overlaps")


@pytest.fixture(params=["cql2-text", "cql2-json"])
def found(town: Web, request: pytest.FixtureRequest) -> Iterator[Ids]:
    """Yield what says which features of a collection fulfil a predicate in one of the two languages."""
    with town.app.extensions["shapan"].database.transaction(identity.DEMO.scope) as connection:
        def ids(collection: Collection, predicate: Predicate) -> frozenset[int]:
            written = predicate.text if request.param == "cql2-text" else json.dumps(predicate.node)
            condition = cql.condition(collection, cql.read(written, request.param), UTC)
            wanted = Wanted((condition,), columns=(), limit=1000, crs=None)
            return frozenset(feature.id for feature in page(connection, collection.source, wanted))

        yield ids


def compared(name: str, sign: str, kind: str) -> Predicate:
    text, value = VALUES[kind]
    return Predicate(f'"{name}" {sign} {text}', {"op": sign, "args": [{"property": name}, value]})


def null(name: str) -> Predicate:
    return Predicate(f"{name} IS NULL", {"op": "isNull", "args": [{"property": name}]})


def negated(one: Predicate) -> Predicate:
    return Predicate(f"NOT ({one.text})", {"op": "not", "args": [one.node]})


def joined(word: str, *parts: Predicate) -> Predicate:
    return Predicate("(" + f" {word} ".join(part.text for part in parts) + ")",
                     {"op": word, "args": [part.node for part in parts]})


def like(name: str, pattern: str) -> Predicate:
    return Predicate(f"{name} like '{pattern}'", {"op": "like", "args": [{"property": name}, pattern]})


def between(name: str, low: float, high: float) -> Predicate:
    return Predicate(f"{name} BETWEEN {low} and {high}", {"op": "between", "args": [{"property": name}, low, high]})


def among(name: str, *values: Any) -> Predicate:
    written = ", ".join(f"'{value}'" if isinstance(value, str) else str(value) for value in values)
    return Predicate(f"{name} IN ({written})", {"op": "in", "args": [{"property": name}, [*values]]})


LISTS = {"String": ("foo", "bar"), "Number": (1, 2, 3), "Boolean": (True,),
         TIME: ("2022-04-14T14:52:56Z", "2026-11-01T03:00:00Z")}


def spatial(operator: str, literal: str) -> Predicate:
    node = ({"bbox": [float(corner) for corner in literal[5:-1].split(",")]} if literal.startswith("BBOX")
            else json.loads(shapely.to_geojson(shapely.from_wkt(literal))))
    return Predicate(f"{operator.upper()}(geometry, {literal})",
                     {"op": operator, "args": [{"property": "geometry"}, node]})


def predicates(collection: Collection) -> list[Predicate]:
    """Return predicates of every kind for every queryable."""
    found = [TRUE, FALSE, null("geometry")]
    for name, one in collection.properties.items():
        found += [null(name), among(name, *LISTS[one.kind]),
                  *(compared(name, sign, one.kind) for sign in ("=", "<>", "<", ">", "<=", ">="))]
        found += {"Number": [between(name, 0, 100)], "String": [like(name, "_%"), like(name, "")]}.get(one.kind, [])
    return found + [spatial(operator, literal) for operator in OPERATORS for literal in (
        "BBOX(117.002,31,117.005,31.003)", "POINT(117.0012 31.00125)", "LINESTRING(117 31,117.02 31.02)")]


@pytest.mark.conformance("cql2/basic-cql2/comparison", "cql2/cql2-text/validate", "cql2/cql2-json/validate")
def test_comparisons_part_what_has_a_value(found: Ids) -> None:
    for collection in COLLECTIONS:
        for name, one in collection.properties.items():
            known = found(collection, negated(null(name)))
            for sign, opposite in (("=", "<>"), (">", "<="), ("<", ">=")):
                some = found(collection, compared(name, sign, one.kind))
                others = found(collection, compared(name, opposite, one.kind))
                assert not some & others, (collection.name, name)
                assert some | others == known, (collection.name, name)


@pytest.mark.conformance("cql2/basic-cql2/is-null", "cql2/basic-cql2/boolean")
def test_every_queryable_is_null_or_not(found: Ids) -> None:
    for collection in COLLECTIONS:
        everything = found(collection, TRUE)
        assert everything or collection.name in ("units", "organisations"), collection.name
        assert not found(collection, FALSE)
        for name in (*collection.properties, "geometry"):
            absent, known = found(collection, null(name)), found(collection, negated(null(name)))
            assert not absent & known
            assert absent | known == everything, (collection.name, name)


@pytest.mark.conformance("cql2/advanced-comparison-operators/like", "cql2/advanced-comparison-operators/between",
                         "cql2/advanced-comparison-operators/in")
def test_patterns_ranges_and_lists_find_what_is_meant(found: Ids) -> None:
    for collection in COLLECTIONS:
        for name, one in collection.properties.items():
            listed = found(collection, among(name, *LISTS[one.kind]))
            assert listed <= found(collection, negated(null(name)))
            if one.kind == "Number":
                within = found(collection, between(name, 0, 100))
                assert within == found(collection, joined("and", Predicate(
                    f"{name} >= 0", {"op": ">=", "args": [{"property": name}, 0]}), Predicate(
                    f"{name} <= 100", {"op": "<=", "args": [{"property": name}, 100]})))
                assert not found(collection, between(name, 100.0, 1.0))
            if one.kind == "String":
                some, none = found(collection, like(name, "_%")), found(collection, like(name, ""))
                assert not some & none
                assert found(collection, like(name, "%")) == found(collection, like(name, "%%")) == some | none
                assert not found(collection, like(name, r"\%\_"))
    events = next(one for one in COLLECTIONS if one.name == "events")
    assert len(found(events, among("occurred_at", *LISTS[TIME]))) == 1


WORLD_BOX, WORLD = "BBOX(-180,-90,180,90)", "POLYGON((-180 -90,180 -90,180 90,-180 90,-180 -90))"
LINE, POINT, POINTS = "LINESTRING(7 50,10 51)", "POINT(7.02 49.92)", "MULTIPOINT(7 50,10 51)"


@pytest.mark.conformance("cql2/basic-spatial-functions/s_intersects", "cql2/spatial-functions/s_intersects",
                         "cql2/spatial-functions/s_disjoint", "cql2/spatial-functions/s_equals",
                         "cql2/spatial-functions/s_touches", "cql2/spatial-functions/s_crosses",
                         "cql2/spatial-functions/s_within", "cql2/spatial-functions/s_contains",
                         "cql2/spatial-functions/s_overlaps")
def test_spatial_functions_take_the_whole_world_and_nothing_beyond(found: Ids) -> None:
    for collection in COLLECTIONS:
        placed = found(collection, negated(null("geometry")))

        def of(operator: str, literal: str, collection: Collection = collection) -> frozenset[int]:
            return found(collection, spatial(operator, literal))

        for operator in OPERATORS:
            answers = {literal: of(operator, literal) for literal in (WORLD_BOX, WORLD, LINE, POINT, POINTS)}
            assert answers[WORLD_BOX] == answers[WORLD] == (
                placed if operator in ("s_intersects", "s_within") else frozenset()), (collection.name, operator)
            assert answers[LINE] == answers[POINT] == answers[POINTS] == (
                placed if operator == "s_disjoint" else frozenset()), (collection.name, operator)
            for beyond in ("POINT(90 180)", "POINT(181 0)"):
                with pytest.raises(BadRequest):
                    of(operator, beyond)
        east = of("s_intersects", "BBOX(90,-90,180,90)")
        assert east == placed == of("s_intersects", "BBOX(90,-90,-150,90)")
        assert not east & of("s_intersects", "BBOX(-180,-90,-90,90)")
        assert not of("s_intersects", "BBOX(150,-90,-150,90)")
        assert of("s_disjoint", "BBOX(10,86,20,90)") == placed


@pytest.mark.parametrize("literal", [
    "POLYGON((117.001 31.001,117.0014 31.001,117.0014 31.0014,117.001 31.0014,117.001 31.001))",
    "BBOX(117.0009,31.0009,117.0035,31.0015)", "BBOX(117.0012,31.0005,117.0032,31.0013)",
    "BBOX(117.0008,31.001,117.001,31.0014)", "POINT(117.0012 31.00125)", "POINT(117.0012 31.002)",
    "LINESTRING(117.0005 31.0011,117.003 31.0011)", "LINESTRING(117.009 31.001,117.001 31.0091)",
])
def test_spatial_functions_agree_with_another_judge(found: Ids, town: Web, literal: str) -> None:
    shape = (shapely.box(*(float(corner) for corner in literal[5:-1].split(","))) if literal.startswith("BBOX")
             else shapely.from_wkt(literal))
    for collection in (one for one in COLLECTIONS if one.name in ("buildings", "roads", "events")):
        drawn = {feature["id"]: shapely.from_geojson(json.dumps(feature["geometry"]))
                 for feature in features(town, collection.name, limit="1000")["features"]}
        for operator in OPERATORS:
            judge = getattr(shapely, operator.removeprefix("s_"))
            expected = {one for one, geometry in drawn.items() if judge(geometry, shape)}
            assert found(collection, spatial(operator, literal)) == expected, (collection.name, operator)


@pytest.mark.conformance("cql2/advanced-comparison-operators/logical", "cql2/basic-spatial-functions/logical",
                         "cql2/spatial-functions/logical")
def test_combinations_find_what_three_valued_logic_says(found: Ids) -> None:
    for collection in COLLECTIONS:
        chance = random.Random(collection.name)
        pool = chance.sample(predicates(collection), 8)
        holds = {one.text: (found(collection, one), found(collection, negated(one))) for one in pool}
        for _ in range(10):
            chosen = chance.sample(pool, 4)
            p1, p2, p3, p4 = (holds[one.text] for one in chosen)
            # Sets of what is true and of what is false; what is neither is unknown.
            expected = (p1[1] & p2[0]) | (p3[0] & p4[1]) | (p1[1] | p4[1])
            one, two, three, four = chosen
            whole = joined("or", joined("and", negated(one), two), joined("and", three, negated(four)),
                           negated(joined("and", one, four)))
            assert found(collection, whole) == expected, (collection.name, whole.text)
