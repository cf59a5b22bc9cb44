"""Fixtures of the import tests."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from importers import concepts, mapping, pipeline
from importers.report import Allowance, Report
from spatial import roles, server
from spatial.settings import Settings
from tests.fixtures.databases import OwnDatabase, copy_template, drop
from tests.fixtures.homes import environment_for
from tests.importers.town import write_town

Import = Callable[..., Report]

_copies = itertools.count(1)


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
def importing(request: pytest.FixtureRequest) -> Import:
    """Return a function that imports one concept of one file into the test's town, or else its empty database."""
    if "town" in request.fixturenames:
        return importer(request.getfixturevalue("town").database)
    return importer(request.getfixturevalue("database"))


def _copy(cluster: Settings, original: Town) -> Town:
    """Return a copy of a town: its rows in a database of its own, its key and file shared."""
    name = f"{original.database.name}_{next(_copies)}"
    maintenance = make_conninfo(server.addresses(cluster).superuser, dbname="postgres")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY FILE_COPY").format(
            sql.Identifier(name), sql.Identifier(original.database.name), sql.Identifier(roles.OWNER)))
        roles.grant_connect(connection, name)
    addresses = server.addresses(cluster, name)
    settings = replace(original.database.settings, database_url=addresses.app, admin_database_url=addresses.owner)
    return replace(original, database=OwnDatabase(name, settings, addresses, environment_for(settings, {})))


@pytest.fixture(scope="session")
def settled(cluster: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Return the town imported once, of which others are copies; nobody connects to it."""
    folder = tmp_path_factory.mktemp("town")
    made = copy_template(cluster, folder / "home")
    yield _settle(made, folder)
    drop(cluster, made)


@pytest.fixture
def town(cluster: Settings, settled: Town) -> Iterator[Town]:
    """Return a town of the test's own, to be changed."""
    made = _copy(cluster, settled)
    yield made
    drop(cluster, made.database)


@pytest.fixture(scope="session")
def standing_town(cluster: Settings, settled: Town) -> Iterator[Town]:
    """Return a town that tests look at and nobody changes."""
    made = _copy(cluster, settled)
    yield made
    drop(cluster, made.database)


@pytest.fixture
def examples() -> Path:
    """Return the folder of the mapping files that the manual shows."""
    return Path(mapping.__file__).parent.parent / "docs" / "examples"
