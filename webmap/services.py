"""What views share: settings, database, change feed. Made once for a process by ``create_app``."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

import psycopg
from flask import current_app

from spatial.db import Database
from spatial.settings import Settings
from tiles.class_counts import ClassCounts
from tiles.raster_server import RasterServer
from tiles.server import TileServer
from webmap import identity
from webmap.access_links import Bearers
from webmap.readiness import Readiness
from webmap.snapshot import Snapshots
from webmap.stream import Hub
from webmap.waiting import Waiters


@dataclass(frozen=True)
class Services:
    """The parts of a running service."""

    settings: Settings
    database: Database
    hub: Hub
    snapshots: Snapshots
    tiles: TileServer
    rasters: RasterServer
    readiness: Readiness
    waiters: Waiters
    class_counts: ClassCounts
    bearers: Bearers


def services() -> Services:
    """Return the parts of the application in hand."""
    return current_app.extensions["shapan"]


def transaction() -> AbstractContextManager[psycopg.Connection]:
    """Open a transaction within the jurisdiction of the request's identity."""
    return services().database.transaction(identity.current().scope)
