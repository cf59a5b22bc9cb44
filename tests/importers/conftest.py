"""Fixtures of the import tests."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from importers import concepts, mapping, pipeline
from importers.report import Allowance, Report
from spatial.settings import Settings
from tests.fixtures.databases import OwnDatabase, copy_template, drop
from tests.importers.town import write_town

Import = Callable[..., Report]


def importer(database: OwnDatabase) -> Import:
    """Return a function that imports one concept of one file into a database."""

    def run(concept: str, path: Path, *, set_: dict[str, str] | None = None, max_rejects: str = "0",
            **options: object) -> Report:
        request = pipeline.Request(concepts.find(concept), path, "test", assigned=set_ or {},
                                   allowed=Allowance.parse(max_rejects), **options)
        return pipeline.run(request, database.settings)

    return run


@dataclass(frozen=True)
class Town:
    """The town on record.

    Attributes:
        file: it came from here.
        reports: concept → report of its import.
        database: it is in here.
    """

    file: Path
    reports: dict[str, Report]
    database: OwnDatabase

    def rows(self, statement: str, *parameters: object) -> list[tuple]:
        """Return what a query finds, everything in sight."""
        return self.database.connect().execute(statement, parameters).fetchall()


def _settle(database: OwnDatabase, folder: Path) -> Town:
    file = write_town(folder / "town.gpkg")
    run = importer(database)
    return Town(file, {concept.name: run(concept.name, file) for concept in concepts.CONCEPTS}, database)


@pytest.fixture
def importing(database: OwnDatabase) -> Import:
    """Return a function that imports one concept of one file into the test's database."""
    return importer(database)


@pytest.fixture
def town(database: OwnDatabase, tmp_path: Path) -> Town:
    """Return a town of the test's own, to be changed."""
    return _settle(database, tmp_path)


@pytest.fixture(scope="session")
def standing_town(cluster: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Return a town that tests look at and nobody changes."""
    folder = tmp_path_factory.mktemp("town")
    made = copy_template(cluster, folder / "home")
    yield _settle(made, folder)
    drop(cluster, made)


@pytest.fixture
def examples() -> Path:
    """Return the folder of the mapping files that the manual shows."""
    return Path(mapping.__file__).parent.parent / "docs" / "examples"
