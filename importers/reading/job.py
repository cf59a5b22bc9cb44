"""One job of the reading process: open a file, say what it holds or send its rows."""

import json
import os
import traceback
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

import spatial
from importers import formats, gdal
from importers.formats.base import FAULT, Format, Reader
from importers.reading import columns, confine, rings
from importers.reading.limits import Limits
from spatial.errors import MappingError, SourceError

_LOOKED_INTO = 20
"""Layers at most of which each is asked whether it is empty."""

LONGEST_WORD = 32_768
"""Bytes of the last word at most: a pipe holds them, so that saying it never waits."""


def run(job: dict, folder: Path, data: int, word: int) -> int:
    """Do one job.

    Args:
        job: ``task`` (names, open or read), ``path``, ``python`` (what is on Python's path), ``limits``, and what
            the task needs.
        folder: the job's own; taken away when the job has ended.
        data: descriptor that takes the rows as an Arrow stream.
        word: descriptor that takes one line of JSON: what was found, or what is wrong.

    Returns:
        Exit code of the process; 0 where the word says it all.
    """
    try:
        answer = _work(job, folder, data)
    except (SourceError, MappingError) as error:
        answer = {"error": type(error).__name__, "what": error.what, "cure": error.cure}
    except MemoryError:
        answer = {"error": "SourceError", "what": f"{Path(job['path']).name} needs more memory than a file may have "
                  f"({job['limits']['memory'] >> 30} GB).",
                  "cure": "Nothing was imported. Divide it into several files."}
    except BrokenPipeError:
        return 0
    except OSError as error:
        answer = {"error": "SourceError", "what": f"{Path(job['path']).name} cannot be read: {error.strerror}.",
                  "cure": "Nothing was imported. Check that it is whole and who may read it."}
    except Exception as error:
        # The message of a library may hold a value of a row: only where it happened is told.
        last = traceback.extract_tb(error.__traceback__)[-1]
        answer = {"error": "SourceError", "what": f"{Path(job['path']).name} cannot be read: {type(error).__name__} in "
                  f"{Path(last.filename).name}, line {last.lineno}.",
                  "cure": "Nothing was imported. Open it in the program that made it and save it again."}
    with open(word, "wb") as file:
        file.write(json.dumps(answer).encode("utf-8", "replace"))
    return 0


def _work(job: dict, folder: Path, data: int) -> dict:
    original = Path(job["path"])
    one = formats.by_ending(original)
    entry, own = folder / "in", folder / "out"
    entry.mkdir()
    own.mkdir()
    originals = one.files(original)
    # A folder with this file's parts only: whatever else lies beside it, no driver can find it.
    for part in originals:
        (entry / part.name).symlink_to(part)
    path = entry / original.name
    os.environ["TMPDIR"] = str(own)
    ours = (Path(spatial.__file__).parent, Path(formats.__file__).parents[1])
    readable = [Path(place) for place in (*job["python"], *confine.LIBRARIES, *ours)]
    open_ends = confine.confine(Limits(**job["limits"]), [*readable, entry, *originals], own)
    gdal.restrict(own)
    reader = one.open(path, own)
    if job["task"] == "names":
        return {"names": reader.names()}
    if job["task"] == "open":
        return _describe(job, one, reader, path, open_ends)
    return _read(job, reader, path, data)


def _describe(job: dict, one: Format, reader: Reader, path: Path, open_ends: list[str]) -> dict:
    names = reader.names()
    layer = reader.describe(_choose(path, reader, names, job["layer"], job["wanted"]))
    plain = layer.plain()
    return {"layer": {**plain, "notes": [*plain["notes"], *open_ends]}, "names": names}


def _read(job: dict, reader: Reader, path: Path, data: int) -> dict:
    layer = reader.describe(job["layer"])
    rows = 0
    with open(data, "wb") as pipe:
        writer = None
        try:
            for record in _checked(reader.batches(layer.name, job["rows"]), layer):
                if writer is None:
                    writer = pa.ipc.new_stream(pipe, record.schema)
                writer.write_batch(record)
                pipe.flush()
                rows += record.num_rows
        finally:
            if writer is not None:
                writer.close()
    return {"rows": rows}


def _checked(batches: Iterator[pa.RecordBatch], layer: formats.Layer) -> Iterator[pa.RecordBatch]:
    """Bring every batch into the same plain columns, and mark rows whose geometry is too large."""
    for record in batches:
        record.validate(full=True)
        arrays = {name: columns.plain(record.column(name)) for name in layer.fields}
        faults = record.column(FAULT) if FAULT in record.schema.names else None
        if layer.geometry:
            arrays[layer.geometry], faults = rings.bound(record.column(layer.geometry), faults)
        arrays[FAULT] = faults if faults is not None else pa.nulls(record.num_rows, pa.string())
        yield pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))


def _choose(path: Path, reader: Reader, names: list[str], layer: str | None, wanted: str | None) -> str:
    if not names:
        raise SourceError(f"{path.name} holds no layer.", "Nothing was imported. Export it again.")
    if layer is not None:
        if layer in names:
            return layer
        raise MappingError(f"{path.name} has no layer {layer!r}.", f"Its layers: {_listed(names)}.")
    if wanted in names:
        return wanted
    # Of many layers nobody would have the only one that is not empty.
    filled = [name for name in names if not _is_empty(reader, name)] if 1 < len(names) <= _LOOKED_INTO else names
    if len(filled) == 1:
        return filled[0]
    raise MappingError(f"{path.name} has {len(names)} layers and none is called {wanted}.",
                       f"Choose one with --layer: {_listed(names)}.")


def _is_empty(reader: Reader, name: str) -> bool:
    try:
        return reader.describe(name).features == 0
    except SourceError:
        # Whoever chooses it is told what is wrong with it.
        return False


def _listed(names: list[str]) -> str:
    most = 100
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
