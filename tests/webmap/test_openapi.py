"""The interface as it describes itself: whatever its own description allows, and what it does not, is never a 5xx."""


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


def ask(app: APIFlask, examples: int) -> int:
    """Ask every operation so many times with what it takes and with what it does not; return how many requests."""
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    asked = 0
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


def _asked(operation: APIOperation, mode: schemathesis.GenerationMode, examples: int) -> int:
    asked = 0

    @hypothesis.settings(max_examples=examples, deadline=None, database=None, derandomize=True,
                         phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck))
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def one(case: schemathesis.Case) -> None:
        nonlocal asked
        asked += 1
        answer = case.call()
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
def test_no_operation_answers_5xx_to_what_its_description_allows(filled: Web) -> None:
    assert ask(filled.app, EXAMPLES) > 100


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.filterwarnings("ignore")
def test_no_operation_answers_5xx_however_often_it_is_asked(filled: Web) -> None:
    assert ask(filled.app, 400) > 1000
