"""The interface as it describes itself: whatever its own descriptions allow, and what they do not, is never a 5xx.

There are two descriptions: of the service, and of ``/ogc``, whose collections are made by the same code, so that one
of them stands for all. What no description generates, filters above all, is in ``tests/webmap/ogc/test_bad_input.py``.
"""

from collections import Counter
from collections.abc import Callable

import hypothesis
import morecantile
import pytest
import schemathesis
from apiflask import APIFlask
from hypothesis import HealthCheck, Phase
from schemathesis.core.parameters import ParameterLocation
from schemathesis.schemas import APIOperation

from tests.fixtures.objects import GRID
from tests.fixtures.web import Web

EXAMPLES = 4
"""Requests for each operation here; the slow test makes 400."""

STATED = {503, 504}
"""What is 5xx and meant: overloaded, or the database is too slow or away."""

OF_ALL = r"^(/collections/buildings(/.*)?|/[a-zA-Z]*|/tileMatrixSets/.*)$"
"""Paths of ``/ogc``, of its collections one."""


def at_home(app: APIFlask) -> Callable:
    """Return the application as it is asked from its own machine: the demo account is given to nobody else."""
    return lambda environ, start: app.wsgi_app({**environ, "REMOTE_ADDR": "127.0.0.1"}, start)


SKIPPED = {
    # A stream never ends.
    "GET /api/live",
    # A form with files, which tests/webmap/test_upload_form.py breaks.
    "POST /api/imports",
}

POSITIVE, NEGATIVE = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE

TILES = {"/api/openapi.json": "GET /tiles/{names}/{z}/{x}/{y}.mvt",
         "/ogc/openapi": "GET /collections/buildings/tiles/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}"}
"""The tiles of each description."""

TIMES = 4
"""How much more often tiles are asked than others: their parts mean one thing or another only together."""

PARTS = (("z", "x", "y"), ("tileMatrix", "tileCol", "tileRow"))
"""How the descriptions call zoom, column and row."""

MATRIX = morecantile.tms.get("WebMercatorQuad")


def ask(app: APIFlask, examples: int, description: str = "/api/openapi.json", paths: str = "") -> Counter:
    """Ask every operation so many times with what it takes and with what it does not.

    Returns:
        How often which status came, by operation, mode and status.
    """
    schema = schemathesis.openapi.from_wsgi(description, at_home(app)).include(path_regex=paths)
    asked, skipped = Counter(), set()
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.label in SKIPPED:
            skipped.add(operation.label)
            continue
        for mode in schemathesis.GenerationMode:
            try:
                asked += _asked(operation, mode, examples)
            except hypothesis.errors.Unsatisfiable:
                # Nothing that an address without any parameter could be asked wrongly.
                assert mode is NEGATIVE, operation.label
                assert not list(operation.iter_parameters()), operation.label
                assert not operation.body, operation.label
    assert skipped == (SKIPPED if description == "/api/openapi.json" else set())
    return asked


def _asked(operation: APIOperation, mode: schemathesis.GenerationMode, examples: int) -> Counter:
    asked = Counter()
    examples *= TIMES if operation.label in TILES.values() else 1

    @hypothesis.settings(max_examples=examples, deadline=None, database=None, derandomize=True,
                         phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck))
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def one(case: schemathesis.Case) -> None:
        if mode is POSITIVE and asked.total() % 2:
            _place(case)
        answer = case.call()
        asked[operation.label, mode, answer.status_code] += 1
        assert answer.status_code < 500 or answer.status_code in STATED, (
            f"{case.method} {case.formatted_path} → {answer.status_code}: {answer.text[:300]}")
        # What is wrong behind the ? may be read as absent (outside of /api), but every part of an address is read.
        assert answer.status_code >= 400 or not _misaddressed(case), (case.formatted_path, answer.status_code)

    one()
    return asked


def _misaddressed(case: schemathesis.Case) -> bool:
    """Tell whether a part of the address is one that the description rules out."""
    return any(mutation.parameter_location is ParameterLocation.PATH
               for mutation in getattr(case.meta.phase.data, "mutations", ()))


def _place(case: schemathesis.Case) -> None:
    """Move a tile to where there is something: hardly any number of a description is in the matrix at the same zoom."""
    for zoom, column, row in PARTS:
        if zoom in case.path_parameters:
            tile = MATRIX.tile(117.00525, 31.00525, int(case.path_parameters[zoom]))
            case.path_parameters.update({column: tile.x, row: tile.y})


def statuses(asked: Counter, mode: schemathesis.GenerationMode | None = None, label: str | None = None) -> Counter:
    """Return how often which status came, of one mode and operation or of all."""
    found = Counter()
    for (one, how, status), times in asked.items():
        if (label is None or one == label) and (mode is None or how is mode):
            found[status] += times
    return found


@pytest.fixture
def filled(web: Web) -> Web:
    web.objects.community()
    web.objects.grid()
    web.objects.keeper()
    web.objects.device(building_id=web.objects.building(grid=GRID))
    return web


# The library warns of its own dependencies and of descriptions that it finds thin; ours are judged elsewhere.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("description", "paths"), [("/api/openapi.json", ""), ("/ogc/openapi", OF_ALL)])
def test_no_operation_answers_5xx_to_what_its_description_allows(filled: Web, description: str, paths: str) -> None:
    asked = ask(filled.app, EXAMPLES, description, paths)
    found = statuses(asked)
    assert found.total() > 100
    # Who is answered 401 has asked nothing.
    assert found[401] == 0
    assert found[200] > 20
    # What a description allows reaches the database, and what it does not is refused.
    assert statuses(asked, POSITIVE, TILES[description]).keys() >= {200, 204, 404}
    assert 404 in statuses(asked, NEGATIVE, TILES[description])


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("description", "paths"), [("/api/openapi.json", ""), ("/ogc/openapi", OF_ALL)])
def test_no_operation_answers_5xx_however_often_it_is_asked(filled: Web, description: str, paths: str) -> None:
    assert statuses(ask(filled.app, 400, description, paths))[200] > 1000
