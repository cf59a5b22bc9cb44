"""A wall display that is left alone for days: what it holds at the end of them, and how it looks.

    python benchmarks/wall.py                      eight days at a thousand times their speed: twelve minutes
    python benchmarks/wall.py --days 1 --speed 100   a day at a hundred times its speed: a quarter of an hour
    python benchmarks/wall.py --quick              a small city, a day in half a minute
    python benchmarks/wall.py --pictures FOLDER    pictures at the beginning and at the end of it
    python benchmarks/wall.py --json               everything as one JSON object

The service runs over a sample city in a private cluster, with the simulator's devices, gateways, operators and keepers
beside it. A proxy between it and the page moves every instant that the page is told (`benchmarks/wall_days/faster.py`):
the page's clock, the ages of all that it shows and its midnights go by as fast, and as much comes to it as in as many
days. What the page itself waits half a minute or longer for (readings of figures, looks for a new page) comes as much
sooner, but once a second at most; the tour goes four times as fast, which is as fast as a map can fly. So fewer
readings and stops go by than in the days themselves: how many is in the results. Once in between the service is killed
and started again.

- Heap: V8's and the array buffers that belong to it, after two forced collections, at each tenth of the time, always at
  the tour's first stop; growth is from the first tenth to the last. Beside it the memory of all processes of the
  browser, nodes of the document and alarms that are open, because what is on record and not handled is rightly held.
- Frames: how many the map drew in ten seconds without a tour and without anything new: none.

It ends with 1 where a budget is not kept: growth of more than 10 % (not with --quick, whose first tenth is three
seconds), frames while nothing comes, a wall that did not say that its service is away, an error on the console, a
request to another host.
"""

import sys
from pathlib import Path

# In this file's own folder are files named as the product's packages are.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.wall_days import bench  # noqa: E402

if __name__ == "__main__":
    bench.main.help = __doc__.splitlines()[0]
    bench.main()
