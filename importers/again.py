"""The commands to type after a run whose rejected rows were written to a file, with every option that they need."""

import shlex
from pathlib import Path

from importers.request import Request
from importers.source import Source
from spatial import crs


def commands(request: Request, source: Source, name: str, route: crs.Route | None, left: int | None) -> tuple[str, ...]:
    """Return what to type: first for the good rows, where they are not on record yet, then for the corrected ones.

    Args:
        request: what was asked for, with a reject file.
        source: what was read.
        name: name of the source, by which the rows are known.
        route: how its coordinates became stored ones; None without geometries.
        left: rows that were rejected, where they kept others out; None where no others are left to import.
    """
    common = _options(request)
    corrected = ["--source", name, *common]
    if request.mapping.layer is not None:
        # The mapping's layer is that of the first file.
        table = request.rejects.suffix.lower() == ".csv"
        corrected += ["--layer", request.rejects.stem if table else source.layer.name]
    if request.crs is None and request.mapping.crs is None and route is not None and _says_no_system(request.rejects):
        corrected += ["--crs", _typed(source, route)]
    first = [] if left is None else [_command(request, request.path, [
        *(["--layer", request.layer] if request.layer else []),
        *(["--source", request.source] if request.source else []), *common, "--max-rejects", str(left)])]
    return (*first, _command(request, request.rejects, corrected))


def _command(request: Request, path: Path, options: list[str]) -> str:
    return shlex.join(["shapan", "import", request.concept.name, str(path), *options])


def _options(request: Request) -> list[str]:
    options: list[str] = []
    for option, value in (("--map", request.mapping.path), ("--crs", request.crs), ("--key", request.key),
                          ("--on-conflict", request.on_conflict if request.on_conflict != "update" else None)):
        options += [option, value] if value else []
    options += ["--outside", request.outside] if request.outside != "keep" else []
    options += ["--override-crs"] if request.override_crs else []
    options += ["--swap-axes"] if request.swap_axes else []
    for field, expression in request.assigned.items():
        options += ["--set", f"{field}={expression}"]
    if request.repair is not None:
        options += ["--repair", f"{request.repair:.10%}".rstrip("%").rstrip("0").rstrip(".") + "%"]
    return options


def _says_no_system(path: Path) -> bool:
    return path.suffix.lower() == ".csv"


def _typed(source: Source, route: crs.Route) -> str:
    """Return the system of the file as it can be typed."""
    label = route.reference.label
    return label if ":" in label or route.reference.shift else source.layer.crs or label


__all__ = ["commands"]
