"""The baseline's page: built with the sandbox's own deck.gl, served on loopback with nothing beside it."""

import functools
import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "plain"
FRONTEND = Path(__file__).resolve().parents[2] / "webmap" / "frontend"

PAGE = """<!doctype html>
<html data-scene="loading"><head><meta charset="utf-8"><title>plain</title><link rel="icon" href="data:,">
<style>html, body {{ margin: 0; height: 100%; background: #12161b }}</style>
<script type="application/json" id="config">{config}</script>
<script type="module" src="/main.js"></script></head><body></body></html>
"""

PACKED = (".js", ".geojson")


def build(folder: Path) -> None:
    """Bundle the page's script as the sandbox is bundled, and pack it."""
    esbuild = FRONTEND / "node_modules" / ".bin" / "esbuild"
    if not esbuild.exists():
        sys.exit("The front end's packages are not there. Run scripts/bootstrap.")
    # Packages are looked for beside the sandbox's sources, not here.
    environment = {**os.environ, "NODE_PATH": str(FRONTEND / "node_modules"),
                   "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"}
    subprocess.run(
        [esbuild, HERE / "main.js", "--bundle", "--minify", "--format=esm", "--conditions=visgl:webgl-only",
         "--target=chrome117", f"--outfile={folder / 'main.js'}", '--define:process.env.NODE_ENV="production"',
         "--log-level=warning"],
        check=True, env=environment, cwd=FRONTEND)
    (folder / "main.js").write_bytes(gzip.compress((folder / "main.js").read_bytes(), 6))


def write(folder: Path, view: dict[str, float]) -> None:
    """Write the page that opens at a camera: longitude, latitude, zoom, pitch, bearing."""
    config = json.dumps({"url": "/city.geojson", "view": view})
    (folder / "index.html").write_text(PAGE.format(config=config), encoding="utf-8")


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def end_headers(self) -> None:
        if self.path.endswith(PACKED):
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Yield the address under which a folder is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
