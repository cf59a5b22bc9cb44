"""The servers that are measured, each started and ended as a process of its own on a free port of loopback."""

import gzip
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.tile_servers.city import SCHEMA, TABLE, VIEW, City

POOL = 4
"""Database connections of each server: what ours keeps for tiles by default."""

WORKERS = 2
MOST_FEATURES = 10_000_000
STARTS_WITHIN_S = 40
CACHE_MB = 256
"""Memory for tiles of each server that has a cache."""

MARTIN = """
listen_addresses: "127.0.0.1:{port}"
worker_processes: {workers}
{cache}
postgres:
  connection_string: "{url}"
  pool_size: {pool}
  auto_publish: false
  tables:
    {view}:
      schema: {schema}
      table: {view}
      srid: 3857
      geometry_column: geom_web
      geometry_type: MULTIPOLYGON
      id_column: id
      extent: 4096
      buffer: 64
      clip_geom: true
      properties: {{code: text, name: text, use: text, height_m: float8, drawn_height_m: float8, base_m: float8,
                    floors: int2, residents: int4, grid_code: text}}
    {table}:
      schema: public
      table: {table}
      srid: 3857
      geometry_column: geom_web
      geometry_type: MULTIPOLYGON
      id_column: id
      extent: 4096
      buffer: 64
      clip_geom: true
      properties: {{code: text, name: text, use: text, height_m: float8, base_m: float8, floors_above: int2,
                    grid_code: text}}
"""

NGINX = """
daemon off;
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000000;
    open_file_cache max=100000 inactive=60s;
    default_type application/vnd.mapbox-vector-tile;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/tiles;
        gzip_static always;
    }}
}}
"""

Tile = tuple[int, int, int]
"""Zoom, column from the west, row from the north, in WebMercatorQuad."""


@dataclass
class Server:
    """A running server of tiles.

    Attributes:
        name: as the tables call it.
        url: its origin, without a slash at the end.
        path: of a tile, with ``{z}``, ``{x}`` and ``{y}``.
        layer: of the vector tile that holds the buildings.
        process: leader of a process group.
    """

    name: str
    url: str
    path: str
    layer: str
    process: subprocess.Popen[bytes]

    def tile(self, tile: Tile) -> str:
        """Return the path of a tile."""
        z, x, y = tile
        return self.path.format(z=z, x=x, y=y)

    def stop(self) -> None:
        """End the process and what it started."""
        for number, wait_s in ((signal.SIGINT, 15), (signal.SIGKILL, 15)):
            if self.process.poll() is not None:
                return
            os.killpg(self.process.pid, number)
            try:
                self.process.wait(wait_s)
            except subprocess.TimeoutExpired:
                continue


class Fleet:
    """Starts servers over one city, and ends those that still run. Use as a context manager.

    Args:
        city: the database that all of them serve.
        folder: for their configuration and logs.
        martin, tipg: programs; None leaves the peer out. ``tipg`` is the Python of its virtual environment.
    """

    def __init__(self, city: City, folder: Path, martin: str | None, tipg: str | None) -> None:
        self._city, self._folder = city, folder
        self._martin, self._tipg = martin, tipg
        # Debian puts it where only root looks.
        self._nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        self._running: list[Server] = []

    def __enter__(self) -> "Fleet":
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._running:
            server.stop()

    def absent(self) -> list[str]:
        """Return a word for each peer that is not installed, and how to get it."""
        here = {
            "Martin (cargo install martin --version 1.14.0 --locked --no-default-features --features postgres; "
            "--martin PATH)": self._martin,
            "tipg (pip install tipg 'uvicorn[standard]' in an environment of its own; --tipg ITS_PYTHON)": self._tipg,
            "nginx (Debian: apt install nginx-light)": self._nginx,
        }
        return [name for name, program in here.items() if program is None]

    def versions(self) -> list[str]:
        """Return name and version of each peer that is here."""
        tipg = "import importlib.metadata as m; print('tipg', m.version('tipg'))"
        commands = [
            *([[self._martin, "--version"]] if self._martin else []),
            *([[self._tipg, "-c", tipg]] if self._tipg else []),
            *([[self._nginx, "-v"]] if self._nginx else []),
        ]
        done = [subprocess.run(command, capture_output=True, text=True, check=True) for command in commands]
        return [(each.stdout or each.stderr).strip() for each in done]

    def ours(self, cache_mb: int = CACHE_MB) -> Server:
        """Start `shapan serve` with the demo account."""
        port = free_port()
        environment = {**self._city.environment, "SHAPAN_DEMO_ACCOUNT": "1", "SHAPAN_PORT": str(port),
                       "SHAPAN_TILE_CACHE_MB": str(cache_mb), "SHAPAN_TILE_POOL_SIZE": str(POOL)}
        command = [str(Path(sys.executable).parent / "shapan"), "serve"]
        return self._start("shapan", command, environment, port,
                           "/tiles/buildings/{z}/{x}/{y}.mvt", "buildings", "/health/live")

    def martin(self, cache_mb: int = CACHE_MB, plain: bool = False) -> Server | None:
        """Start Martin over the view, or over the plain table; None where it is absent."""
        if self._martin is None:
            return None
        port = free_port()
        source = TABLE if plain else VIEW
        config = self._folder / f"martin-{port}.yaml"
        cache = f"cache: {{tile_size_mb: {cache_mb}}}" if cache_mb else "cache: disable"
        config.write_text(MARTIN.format(port=port, workers=WORKERS, cache=cache, url=self._city.peer_url(), pool=POOL,
                                        schema=SCHEMA, view=VIEW, table=TABLE))
        name = "Martin, plain table" if plain else "Martin"
        return self._start(name, [self._martin, "--config", str(config)], self._city.environment, port,
                           f"/{source}/{{z}}/{{x}}/{{y}}", source, "/health")

    def tipg(self) -> Server | None:
        """Start tipg over the view; it has no cache. None where it is absent."""
        if self._tipg is None:
            return None
        port = free_port()
        environment = {
            **self._city.environment, "DATABASE_URL": self._city.peer_url(), "TIPG_DB_SCHEMAS": f'["{SCHEMA}"]',
            "DB_MIN_CONN_SIZE": str(POOL // WORKERS), "DB_MAX_CONN_SIZE": str(POOL // WORKERS),
            "TIPG_TILE_BUFFER": "64", "TIPG_MAX_FEATURES_PER_TILE": str(MOST_FEATURES),
            "TIPG_DB_SPATIAL_EXTENT": "false", "TIPG_DB_DATETIME_EXTENT": "false",
        }
        command = [self._tipg, "-m", "uvicorn", "tipg.main:app", "--port", str(port), "--workers", str(WORKERS),
                   "--log-level", "error"]
        return self._start("tipg", command, environment, port,
                           f"/collections/{SCHEMA}.{VIEW}/tiles/WebMercatorQuad/{{z}}/{{x}}/{{y}}", "default",
                           "/healthz")

    def nginx(self, bodies: Iterable[tuple[Tile, bytes]]) -> Server | None:
        """Start nginx over files with these tiles' bytes, compressed as ours are; None where it is absent."""
        if self._nginx is None:
            return None
        port, folder = free_port(), self._folder / "nginx"
        for (z, x, y), body in bodies:
            path = folder / "tiles" / str(z) / str(x) / f"{y}.mvt.gz"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        if os.geteuid() == 0:
            for path in (folder, *folder.rglob("*")):
                path.chmod(0o755 if path.is_dir() else 0o644)
        config = folder / "nginx.conf"
        config.write_text(NGINX.format(port=port, workers=WORKERS, folder=folder))
        return self._start("nginx, files", [self._nginx, "-c", str(config), "-e", str(folder / "error.log")],
                           self._city.environment, port, "/{z}/{x}/{y}.mvt", "buildings", "/")

    def _start(self, name: str, command: list[str], environment: dict[str, str], port: int, path: str, layer: str,
               health: str) -> Server:
        log = self._folder / f"{port}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=subprocess.STDOUT, start_new_session=True)
        server = Server(name, f"http://127.0.0.1:{port}", path, layer, process)
        self._running.append(server)
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline and process.poll() is None:
            try:
                urllib.request.urlopen(server.url + health, timeout=5).close()
                return server
            except urllib.error.HTTPError:
                return server  # it answers, if only that there is nothing at this address
            except OSError:
                time.sleep(0.05)
        sys.exit(f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}")


def free_port() -> int:
    """Return a port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(server: Server, tile: Tile, timeout_s: float = 60) -> bytes:
    """Return a tile's bytes, unpacked.

    Raises:
        OSError: anything but 200.
    """
    return plain(fetch_packed(server, tile, timeout_s))


def plain(body: bytes) -> bytes:
    """Return a body without gzip."""
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


def fetch_packed(server: Server, tile: Tile, timeout_s: float = 60) -> bytes:
    """Return a tile's bytes as they came over the wire.

    Raises:
        OSError: anything but 200.
    """
    request = urllib.request.Request(server.url + server.tile(tile), headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=timeout_s) as answer:
        if answer.status != 200:
            raise OSError(f"{server.name} answered {answer.status} for {tile}")
        return answer.read()
