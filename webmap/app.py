"""The Flask application: wiring only."""

import gc
import os

from apiflask import APIFlask

from spatial import leash, logs, server
from spatial.db import Database
from spatial.settings import Settings, load
from tiles.class_counts import ClassCounts
from tiles.raster_server import RasterServer
from tiles.server import TileServer
from tiles.versions import Versions
from webmap import addresses, compression, guard, problems, sockets
from webmap.access_links import Bearers
from webmap.public import PublicAddress
from webmap.readiness import Readiness
from webmap.services import Services
from webmap.snapshot import Snapshots
from webmap.stream import Hub
from webmap.tile_gate import TileGate
from webmap.views import BLUEPRINTS
from webmap.waiting import Waiters

TILES_WAITING = 128
"""Requests for tiles that may wait to be built, as some pages ask for at once. Each is dropped at its deadline."""

TILES_LOCKED_MS = 250
"""How long a tile waits for a locked table: a few that waited longer would keep all tiles of other tables waiting."""


WAITING_SHARE = 4
"""One of so many threads may wait for changes (``GET /api/changes?wait=``)."""


def create_app(settings: Settings) -> APIFlask:
    """Return the application over a database that is up and migrated."""
    # No documentation page of the library: it loads from other hosts. The OpenAPI document stays.
    app = APIFlask("webmap", title="Shapan", version="0.1.0", docs_path=None, spec_path="/api/openapi.json",
                   json_errors=False)
    app.json.ensure_ascii = False
    app.json.sort_keys = False
    versions = Versions()
    database = Database(settings)
    app.extensions["shapan"] = Services(
        settings,
        database,
        Hub(server.addresses(settings).app, settings.streams, versions),
        Snapshots(database),
        TileServer(
            Database(settings, settings.tile_pool_size, "tiles", setting="SHAPAN_TILE_POOL_SIZE", waiting=TILES_WAITING,
                     checked=False, lock_timeout_ms=TILES_LOCKED_MS),
            versions, settings.tile_cache_mb * 2**20),
        RasterServer(settings.home),
        Readiness(settings),
        Waiters(versions, max(1, settings.threads // WAITING_SHARE)),
        ClassCounts(database),
        Bearers(database),
    )
    guard.register(app)
    compression.register(app)
    problems.register(app)
    addresses.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.wsgi_app = TileGate(app.wsgi_app, app.extensions["shapan"])
    if settings.public_url is not None:
        app.wsgi_app = PublicAddress(app.wsgi_app, settings)
    return app


def application() -> APIFlask:
    """Return the application of a server's worker process, from the environment.

    The worker ends with its server: one left behind would hold the port and its connections.
    """
    logs.configure()
    leash.tie(os.getppid(), lambda: os._exit(1))
    sockets.limit_silence()
    app = create_app(load())
    # All of this lives as long as the process. Walking through it again and again for garbage took 50 ms each time, in
    # which no request was answered.
    gc.collect()
    gc.freeze()
    return app
