"""What the build weighs: the page's own script, what it loads when it is wanted, workers; and the scene's JSON."""

import gzip
import json
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DIST = Path(__file__).resolve().parents[2] / "webmap" / "static" / "dist"
LEVEL = 6
"""Of gzip, as the build counts."""

PAGE = "sandbox.js"


@dataclass(frozen=True)
class Bundle:
    """Bytes under gzip: the page's script with all that it imports, the chunks that it may load later, and workers."""

    page: int
    lazy: dict[str, int]
    workers: dict[str, int]


def weigh(dist: Path = DIST) -> Bundle:
    """Weigh the sandbox's scripts as the build does."""
    manifest = json.loads((dist / "manifest.json").read_text(encoding="utf-8"))
    first = {manifest[PAGE], *manifest["shared"][PAGE]}
    scripts = {plain: name for plain, name in manifest.items() if plain != "shared" and name.endswith(("js", "mjs"))}
    workers = {plain: _packed(dist / name) for plain, name in scripts.items() if "worker" in plain}
    lazy = {plain: _packed(dist / name) for plain, name in scripts.items()
            if plain.startswith("sandbox.") and name not in first and plain not in workers}
    return Bundle(sum(_packed(dist / name) for name in first), lazy, workers)


@dataclass(frozen=True)
class Scene:
    """Bytes of the scene's JSON as it is sent, and of its greatest inline layer, with that layer's id."""

    sent: int
    inline: int
    layer: str


def scene(url: str) -> Scene:
    """Ask for the scene as the page does."""
    request = urllib.request.Request(f"{url}/api/scenes/sandbox", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = answer.read()
        packed = answer.headers.get("Content-Encoding") == "gzip"
    found = json.loads(gzip.decompress(body) if packed else body)
    size, layer = greatest_inline(found)
    return Scene(len(body), size, layer)


def greatest_inline(found: dict[str, Any]) -> tuple[int, str]:
    """Return the bytes of the greatest layer whose data stand in the scene itself, and its id."""
    sizes = [(len(json.dumps(layer["data"])), layer["id"]) for layer in found["deck"]["layers"]
             if not isinstance(layer.get("data"), str) and layer.get("data")]
    return max(sizes, default=(0, "none"))


def _packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), LEVEL, mtime=0))
