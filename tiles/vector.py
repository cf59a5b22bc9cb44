"""Vector tiles: layers and an address to bytes, within a budget.

One statement for each layer, as a rule. A layer that holds more than a tile may weigh is asked a second time, for what
matters most in it (``tiles/thinning.py``); from afar, cells with sums stand for single objects (``tiles/cells.py``).
"""

import hashlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import psycopg

from spatial.db import DeadlineExceeded
from spatial.errors import InvalidInput, NotFound
from tiles import cells, features, layers, thinning
from tiles.declaration import CLASSED, EXACT, Layer
from tiles.matrix import MAX_ZOOM, Address

__all__ = ["BUDGET", "MAX_ZOOM", "Address", "Built", "Part", "Question", "build", "check_history", "checked",
           "fingerprint", "question", "shares", "shortened", "statement"]

BUDGET = 500_000
"""Bytes that a tile may have before compression, of one layer as of several together."""

TRIES = 3
"""How often a full tile is thinned anew because the bytes were estimated too low."""

MOST_CODES = 256
"""Codes that a tile names; a cache keeps them beside its bytes."""

SHORTER = (12, 9, 6, 4, 2)
"""Digits of a community, street, county, city and province."""

SHOWN_OF_A_NAME = 40
"""Characters of an unknown name that an error repeats."""


Question = tuple[str, dict[str, Any]]
"""SQL, and the values that it is bound to."""


class Part(NamedTuple):
    """What one layer gave to a tile.

    ``layer``: its name in URLs. ``bytes``: before compression. ``features``: objects or cells shown. ``hidden``:
    objects left out because the tile was full. ``milliseconds``: from the question to the database's answer.
    ``asked``: the statements that were run for it, with what they were bound to, in their order.
    """

    layer: str
    bytes: int
    features: int
    hidden: int
    milliseconds: float
    asked: tuple[Question, ...]


@dataclass(frozen=True)
class Built:
    """A tile.

    Attributes:
        body: Mapbox Vector Tile; empty when no layer has anything there.
        features: objects and cells shown.
        codes: beginnings of the grid codes of all that was considered, hidden objects too: of objects their grids
            (15 digits), of cells their communities (12), and shorter ones where they would be more than ``MOST_CODES``.
            A jurisdiction that covers each of them covers the tile.
        parts: one for each layer that is drawn at this zoom, in the order asked for.
    """

    body: bytes
    features: int
    codes: frozenset[str]
    parts: tuple[Part, ...]


class _Asked(NamedTuple):
    connection: psycopg.Connection
    address: Address
    field_class: str
    at: datetime | None
    deadline: float

    def row(self, statement: str, bound: dict[str, Any]) -> tuple[Any, ...]:
        if time.monotonic() > self.deadline:
            raise DeadlineExceeded("The tile took too long.", "Ask for fewer layers, or try again in a moment.")
        return self.connection.execute(statement, bound, prepare=True, binary=True).fetchone()


class _Made(NamedTuple):
    body: bytes
    features: int
    hidden: int
    codes: frozenset[str]
    milliseconds: float
    asked: tuple[Question, ...]
    full: bool = False


def checked(names: Sequence[str]) -> tuple[Layer, ...]:
    """Return the declarations of the layers named.

    Raises:
        NotFound: no name at all, more names than there are layers, unknown ones or doubled ones; the message
            says all that is wrong.
    """
    if not names or len(names) > len(layers.LAYERS):
        raise NotFound(f"There is no tile of {len(names)} layers.", f"Name 1 to {len(layers.LAYERS)}: {_known()}.")
    unknown = [name for name in dict.fromkeys(names) if name not in layers.BY_NAME]
    doubled = [name for name in dict.fromkeys(names) if names.count(name) > 1 and name not in unknown]
    faults = [f"There is no layer {name[:SHOWN_OF_A_NAME]!r}." for name in unknown]
    faults += [f"There is no tile with layer {name!r} twice." for name in doubled]
    if faults:
        raise NotFound(" ".join(faults), f"Name each layer once: {_known()}.")
    return tuple(layers.BY_NAME[name] for name in names)


def build(
    connection: psycopg.Connection, names: Sequence[str], address: Address, field_class: str,
    at: datetime | None = None, deadline: float = math.inf,
) -> Built:
    """Build the tile of one or more layers.

    Args:
        connection: its jurisdiction set. Outside a transaction each layer is of a moment of its own.
        names: layer names; the tile holds those layers that are drawn at this zoom.
        address: the tile.
        field_class: ``exact`` or ``classed``.
        at: instant with a time zone whose picture is wanted; None for now. Layers without a history are as
            they are now.
        deadline: of ``time.monotonic()``, after which no statement begins.

    Returns:
        The tile. Layers of a vector tile follow one another, so joined tiles are a tile. The same rows give the
        same features.

    Raises:
        NotFound: see :func:`checked`.
        InvalidInput: an instant, and no layer with a history.
        DeadlineExceeded: it took too long.
    """
    wanted = checked(names)
    if at is not None:
        check_history(wanted)
    drawn = [layer for layer in wanted if layer.lowest <= address.z]
    asked = _Asked(connection, address, field_class, at, deadline)
    made = [_whole(asked, layer) for layer in drawn]
    # What a layer beyond the budget would need is not known: as much as there is.
    needs = [BUDGET if part.full else len(part.body) for part in made]
    if sum(needs) > BUDGET or any(part.full for part in made):
        made = [
            _thinned(asked, layer, share, part)
            if part.full or (len(part.body) > share and address.z >= layer.minzoom) else part
            for layer, part, share in zip(drawn, made, shares(needs, BUDGET), strict=True)
        ]
    return Built(
        b"".join(part.body for part in made),
        sum(part.features for part in made),
        shortened(frozenset().union(*(part.codes for part in made))),
        tuple(Part(layer.name, len(part.body), part.features, part.hidden, part.milliseconds, part.asked)
              for layer, part in zip(drawn, made, strict=True)),
    )


def check_history(wanted: Sequence[Layer]) -> None:
    """Refuse to show an instant of layers of which none keeps its past.

    Raises:
        InvalidInput: none does.
    """
    if not any(layer.where_at for layer in wanted):
        raise InvalidInput(
            "Layers without history have no picture of an instant.",
            [("at", f"layer {layer.name} has no history") for layer in wanted],
            f"Ask without at, or for: {', '.join(layer.name for layer in layers.LAYERS if layer.where_at)}.",
        )


def shares(needs: Sequence[int], budget: int) -> list[int]:
    """Return what each of several may have of a budget, in the order given.

    Who needs less than an equal share gets what it needs; the others share the rest alike.
    """
    left, allowed = budget, [0] * len(needs)
    for behind, index in enumerate(sorted(range(len(needs)), key=needs.__getitem__)):
        allowed[index] = min(needs[index], left // (len(needs) - behind))
        left -= allowed[index]
    return allowed


def fingerprint(names: Sequence[str]) -> str:
    """Return a short hash of all that decides what tiles of these layers look like, apart from the data.

    A new release with another declaration has another one, so that no old tag of a tile counts as fresh.
    """
    texts = [str((BUDGET, TRIES)), *(_texts(layer) for layer in checked(names))]
    return hashlib.blake2b("\n".join(texts).encode(), digest_size=6).hexdigest()


def shortened(codes: frozenset[str]) -> frozenset[str]:
    """Return the codes, or beginnings of them where they are too many: what covers those, covers the codes."""
    for digits in SHORTER:
        if len(codes) <= MOST_CODES:
            break
        codes = frozenset(code[:digits] for code in codes)
    return codes


@lru_cache
def _texts(layer: Layer) -> str:
    """Return all that decides what tiles of one layer look like."""
    texts = []
    for z in range(layer.lowest, MAX_ZOOM + 1):
        texts += [str(layer.smallest(z)), *(statement(layer.name, z, field_class) for field_class in (EXACT, CLASSED))]
        texts += [of(layer, z, EXACT, dated) for of in (features.statement, thinning.statement)
                  for dated in (False, True)]
    return "\n".join(texts)


def statement(name: str, z: int, field_class: str) -> str:
    """Return the SQL with which a layer's tile at a zoom begins, for a role's field class."""
    layer = layers.layer(name)
    if layer.cells and z < layer.minzoom:
        return cells.statement(layer, field_class)
    return features.statement(layer, z, field_class)


def question(
    layer: Layer, address: Address, field_class: str, at: datetime | None = None
) -> Question:
    """Return the SQL and the bound values with which a layer's tile begins: cells from afar, else objects."""
    if address.z < layer.minzoom:
        return cells.statement(layer, field_class), cells.parameters(address)
    return (features.statement(layer, address.z, field_class, at is not None),
            features.parameters(layer, address, at))


def _whole(asked: _Asked, layer: Layer) -> _Made:
    began = time.perf_counter()
    statement, bound = question(layer, asked.address, asked.field_class, asked.at)
    body, shown, read, codes = asked.row(statement, bound)
    spent = _milliseconds(began)
    return _Made(bytes(body), shown, 0, frozenset(codes or ()), spent, ((statement, bound),),
                 read >= features.GUARD or len(body) > BUDGET)


def _thinned(asked: _Asked, layer: Layer, budget: int, whole: _Made) -> _Made:
    """Return the most important features of a layer within a budget of bytes; what ``whole`` took counts as its."""
    began = time.perf_counter()
    statement = thinning.statement(layer, asked.address.z, asked.field_class, asked.at is not None)
    target, questions = budget, list(whole.asked)
    for attempt in range(TRIES + 1):
        bound = thinning.parameters(layer, asked.address, target if attempt < TRIES else 0, asked.at)
        questions.append((statement, bound))
        body, shown, hidden, codes = asked.row(statement, bound)
        if len(body) <= budget:
            break
        target = target * budget * 9 // (len(body) * 10)
    return _Made(bytes(body), shown, hidden, frozenset(codes or ()), whole.milliseconds + _milliseconds(began),
                 tuple(questions))


def _milliseconds(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _known() -> str:
    return ", ".join(layers.BY_NAME)
