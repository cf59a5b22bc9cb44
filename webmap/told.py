"""What a live stream tells of the change feed (实时消息): which kinds, to whom, and as which bytes.

A change is told in one form or in several, each to an audience of its own; each form is encoded once, whoever listens,
and not at all where nobody does. What one audience hears of a batch is put together once, however many of its streams
are open.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from spatial import outbox
from spatial.cells import Touched, merged
from spatial.types import Scope
from webmap.identity import Identity
from webmap.kinds import FORMS, KINDS, Kind

MOST_CELLS = 4096
"""Cells of a layer that a page is told of at once; beyond, every tile of the layer may be another one."""


@dataclass(frozen=True)
class Audience:
    """Who hears the same.

    Attributes:
        scope: jurisdiction.
        permissions: all that the account holds.
    """

    scope: Scope
    permissions: frozenset[str]

    @classmethod
    def of(cls, identity: Identity) -> "Audience":
        """Return the audience that an account belongs to."""
        return cls(identity.scope, identity.permissions)

    def hears(self, change: outbox.Change, form: Kind | None = None) -> bool:
        """Tell whether a change is for this audience.

        Args:
            change: of the feed.
            form: in which it is told; None for the whole of it.
        """
        known = form or KINDS.get(change.kind)
        return (known is not None and known.permission in self.permissions and known.unless not in self.permissions
                and (known.everywhere or change.within(self.scope)))


@dataclass(frozen=True)
class Message:
    """A change as the stream sends it.

    Attributes:
        change: of the feed.
        form: in which it is told.
    """

    change: outbox.Change
    form: Kind

    @cached_property
    def body(self) -> bytes:
        """The server-sent event."""
        payload = self.change.payload
        return event(self.form.event, payload if self.form.said is None else self.form.said(payload), self.change.seq)


class Part:
    """What one audience hears of one batch; shared by all of its streams.

    Args:
        messages: in the order of their numbers, at least one.
    """

    __slots__ = ("_body", "messages")

    def __init__(self, messages: Sequence[Message]) -> None:
        self.messages = messages
        self._body = b"".join([message.body for message in messages])

    @property
    def last(self) -> int:
        """Number of the last change."""
        return self.messages[-1].change.seq

    def after(self, seq: int) -> bytes:
        """Return what a stream that knows everything up to a number has yet to be told.

        A snapshot holds what came before it, but tiles may have been asked for before their change was known.
        """
        if self.messages[0].change.seq > seq:
            return self._body
        return b"".join([message.body for message in self.messages
                         if message.change.seq > seq or message.change.kind == outbox.TILES])


def event(name: str, data: dict[str, Any], seq: int | None = None) -> bytes:
    """Return one server-sent event as bytes."""
    return framed(name, encoded(data), seq)


def encoded(data: dict[str, Any]) -> bytes:
    """Return JSON in one line."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def framed(name: str, data: bytes, seq: int | None = None) -> bytes:
    """Return one server-sent event around its encoded data."""
    number = f"id: {seq}\n" if seq is not None else ""
    return b"%sevent: %s\ndata: %s\n\n" % (number.encode(), name.encode(), data)


def messages(changes: Sequence[outbox.Change]) -> list[Message]:
    """Return the messages of a batch of numbered changes, in each form that a change is told in; those of kinds that
    nobody is told of are left out."""
    return [Message(change, form) for change in together(changes) for form in FORMS.get(change.kind, ())]


def part(said: Iterable[Message], audience: Audience) -> Part | None:
    """Return what an audience hears of some messages; None where that is nothing."""
    heard = [message for message in said if audience.hears(message.change, message.form)]
    return Part(heard) if heard else None


def together(changes: Sequence[outbox.Change]) -> Sequence[outbox.Change]:
    """Return numbered changes with all that touch tiles put into one, at the place of the last of them.

    However many writers there are, a page hears of its tiles once for a batch of the sequencer.
    """
    tiles = [change for change in changes if change.kind == outbox.TILES]
    if not tiles:
        return changes
    found = [touched if len(touched.cells) <= MOST_CELLS else replace(touched, z=0, cells=((0, 0),))
             for touched in merged([Touched.of(change.payload) for change in tiles])]
    one = replace(tiles[-1], payload={"changes": [touched.payload() for touched in found]})
    return [one if change is tiles[-1] else change
            for change in changes if change.kind != outbox.TILES or change is tiles[-1]]
