"""The interface as it describes itself: whatever its own descriptions allow, and what they do not, is never a 5xx.

There are two descriptions: of the service, and of ``/ogc``, whose collections are made by the same code, so that one
of them stands for all. What no description generates, filters above all, is in ``tests/webmap/ogc/test_bad_input.py``.
"""

from collections import Counter
from collections.abc import Callable

import hypothesis
import pytest
import schemathesis
from apiflask import APIFlask
from hypothesis import HealthCheck, Phase
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


def ask(app: APIFlask, examples: int, description: str = "/api/openapi.json", paths: str = "") -> Counter:
    """Ask every operation so many times with what it takes and with what it does not; return how often which status."""
    schema = schemathesis.openapi.from_wsgi(description, at_home(app)).include(path_regex=paths)
    asked = Counter()
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path in ("/api/live", "/api/imports"):
            # A stream never ends. Uploads are a form with files, which tests/webmap/test_upload_form.py breaks.
            continue
        for mode in schemathesis.GenerationMode:
            try:
                asked += _asked(operation, mode, examples)
            except hypothesis.errors.Unsatisfiable:
                # Nothing that a path without parameters could be asked wrongly.
                assert mode is schemathesis.GenerationMode.NEGATIVE
    return asked


def _asked(operation: APIOperation, mode: schemathesis.GenerationMode, examples: int) -> Counter:
    asked = Counter()

    @hypothesis.settings(max_examples=examples, deadline=None, database=None, derandomize=True,
                         phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck))
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def one(case: schemathesis.Case) -> None:
        answer = case.call()
        asked[answer.status_code] += 1
        assert answer.status_code < 500 or answer.status_code in STATED, (
            f"{case.method} {case.formatted_path} → {answer.status_code}: {answer.text[:300]}")

    one()
    return asked


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
    assert asked.total() > 100
    # Who is answered 401 has asked nothing.
    assert asked[401] == 0
    assert asked[200] > 20


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("description", "paths"), [("/api/openapi.json", ""), ("/ogc/openapi", OF_ALL)])
def test_no_operation_answers_5xx_however_often_it_is_asked(filled: Web, description: str, paths: str) -> None:
    assert ask(filled.app, 400, description, paths)[200] > 1000
