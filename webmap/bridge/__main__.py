"""``python -m webmap.bridge PARENT FILE``: a bridge beside ``shapan serve``, which ends with it."""

import sys
import threading
from pathlib import Path

from spatial import leash
from spatial.cli import complain
from spatial.errors import ShapanError
from webmap.bridge import config
from webmap.bridge.commands import work


def main(parent: int, file: Path) -> int:
    """Run a bridge until a signal comes or the parent is gone; return the exit code."""
    stop = threading.Event()
    leash.heed(stop)
    leash.tie(parent, stop.set)
    try:
        work(config.load(file), stop)
    except ShapanError as error:
        return complain(error)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), Path(sys.argv[2])))
