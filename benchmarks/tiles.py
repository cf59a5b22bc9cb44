"""How fast tiles are, how fresh and how heavy, against other tile servers on the same table in the same run.

    python benchmarks/tiles.py --martin PATH --tipg PYTHON     10^4, 10^5, 10^6 buildings, 10^6 events; 12 minutes
    python benchmarks/tiles.py --quick                         10^4, one round, about a minute
    python benchmarks/tiles.py --sizes 10000 1000000 10000000
    python benchmarks/tiles.py --json                          everything as one JSON object
    python benchmarks/tiles.py --write-docs                    tables into docs/performance.md, plot into docs/images

Needs `wrk` (Debian: `apt install wrk`) and the PostgreSQL server binaries that `shapan db up` finds. Works in a private
cluster of its own, which it removes at the end. A peer that is not installed is left out, and the result says so:

- Martin: `cargo install martin --version 1.14.0 --locked --no-default-features --features postgres`; on the path, or
  where `--martin` says. Measured with its cache and without, over the view and over the plain table.
- tipg: `python -m venv DIR && DIR/bin/pip install tipg 'uvicorn[standard]'`, then `--tipg DIR/bin/python`.
- nginx: `apt install nginx-light`. Serves our tiles' bytes from files: the limit, not a peer.

The peers read a view with exactly the fields of our layer, by its indexed geometry in EPSG:3857, with our buffer of 64
and extent of 4096, each with four database connections and two workers, as a role that row security does not bind.
Features, geometries and properties are compared before anything is measured. All servers run all the time and take
turns, zoom by zoom, round by round; in each round those with a cache begin with an empty one:

- cold: each tile of a list once, the cache empty. warm: the same list again and again. uncached: the cache off.
- 16 connections, up to 2,000 different tiles (50, 200 and 500 at zoom 13, 14 and 15), `Accept-Encoding: gzip`,
  a session cookie. A status from 400 on ends the benchmark. That each tile is a 200 is looked at in the cold pass, of
  ours and of Martin over the view; of tipg and Martin over the plain table a sample is decoded and compared.

What a table says of absolute times is the machine's; the ratios are what counts.
"""

import sys
from pathlib import Path

# In this file's own folder, `tiles` is this file and not the product's package.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.tile_servers import bench  # noqa: E402

if __name__ == "__main__":
    bench.main(__doc__.splitlines()[0])
