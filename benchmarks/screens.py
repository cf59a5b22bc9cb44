"""How soon the sandbox shows the city, what it costs, and what one plain GeoJSON of the same city costs instead.

    python benchmarks/screens.py                   the sample city, a small one, and New York where its file is
    python benchmarks/screens.py --quick           the small one, one opening: about a minute
    python benchmarks/screens.py --size full       only this city; can be given more than once
    python benchmarks/screens.py --soak 30         keep the page open under the simulator for 30 minutes; heap
    python benchmarks/screens.py --json            everything as one JSON object
    python benchmarks/screens.py --write-docs      tables into docs/performance.md

Each city has a private cluster of its own, removed at the end. Pages are opened in turns, the sandbox and the plain
page, each in a Chromium of its own that has never seen anything (cold cache, no name but 127.0.0.1 resolves), 1920 ×
1080; medians are given.

- First scene: from the start of the navigation until `html[data-scene="ready"]`, which the page says when every layer
  is loaded, the map at rest, and the graphics card through with the frame. The first opening after the service has
  begun stands apart: its tiles are not in the service's cache either.
- The plain page: all that the sandbox draws first, as one GeoJSON with the fields of our tiles, packed by gzip, in
  deck.gl's own `GeoJsonLayer`, extruded, with the same camera; deck.gl is the one the sandbox is built with. It has
  no panels, no names, no clicks, no live state: read the ratios as what our page costs beyond drawing.
- Alarm to pixel: from the posting of an alarm over HTTP until the second animation frame after its mark has come onto
  the map.
- Heap: after two forced collections, V8's own and the array buffers that belong to it; memory: proportional share of
  all processes of that browser, the one that draws among them.
 Without a graphics card the processor draws: `--gl mesa` (default, as the tests) or `--gl swiftshader`.
"""

import sys
from pathlib import Path

# In this file's own folder are files named as the product's packages are.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.screen_budgets import bench  # noqa: E402

if __name__ == "__main__":
    bench.main.help = __doc__.splitlines()[0]
    bench.main()
