"""The child process itself: one job from standard input, lines of JSON to standard output.

Jobs: ``{"do": "describe", "path": …}`` and ``{"do": "convert", "path": …, …}`` (``convert.py``). Lines:
``{"rows": n}`` while it works; at the end ``{"found": {…}}`` or ``{"refused": what, "cure": what to do}``.
"""

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

from importers.reading import confine
from importers.reading.limits import Limits
from spatial import leash


def say(message: dict[str, Any]) -> None:
    """Write one line to the parent."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def shut_in(job: dict[str, Any]) -> None:
    """Leave this process the raster, the folder that the job names, the libraries, and its limits."""
    limits = Limits(**job.pop("limits"))
    ours = Path(confine.__file__).parents[2]
    libraries = [Path(place) for place in (*sys.path, sys.prefix, sys.base_prefix, *confine.LIBRARIES)]
    folder = job.get("folder")
    confine.confine(limits, [Path(job["path"]), *libraries, ours / "importers", ours / "spatial"],
                    Path(folder) if folder else None)


def main() -> None:
    """Do the one job and leave."""
    leash.tie(int(sys.argv[1]), lambda: os._exit(1))
    job = json.load(sys.stdin)
    shut_in(job)
    # GDAL is loaded when the walls stand, not before.
    from rasterio.errors import RasterioError, RasterioIOError

    from importers.rasters import convert

    warnings.simplefilter("ignore")
    again = "Open it in the program that made it and save it again."
    try:
        do = {"describe": convert.describe, "convert": convert.convert}[job.pop("do")]
        answer = {"found": do(say, **job)}
    except convert.Refused as error:
        answer = {"refused": error.args[0], "cure": error.args[1]}
    except MemoryError:
        answer = {"refused": "it takes more memory than its size explains.", "cure": again}
    except RasterioIOError as error:
        answer = {"refused": f"it is damaged or cut off: {_words(error, job['path'])}.",
                  "cure": "Copy or download it again."}
    except (RasterioError, OSError, ValueError) as error:
        answer = {"refused": f"it cannot be read: {_words(error, job['path'])}.", "cure": again}
    say(answer)


def _words(error: BaseException, path: str) -> str:
    words = " ".join(str(error.__cause__ or error).split())
    return words.replace(os.path.dirname(path) + "/", "").rstrip(".")[:300]


if __name__ == "__main__":
    main()
