"""Paths into a message: ``data.items[*]``, ``values["room temperature"]``, ``$.gateway.id``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

LONGEST = 500
DEEPEST = 20
"""Steps of a path at most."""

EVERY = "*"
"""Step to every element of a list, or to every name of an object with its value."""

_STEP = re.compile(r"""
    (?P<dot>\.)?
    (?: (?P<name>[^.\[\]"\s$][^.\[\]"]*) | \[(?P<index>[0-9]{1,6})\] | \["(?P<quoted>[^"]+)"\] | (?P<every>\[\*\]) )
""", re.VERBOSE)


class Missing(Exception):
    """A message has nothing at a path."""


@dataclass(frozen=True)
class Path:
    """A path into a message.

    Attributes:
        text: as written. whole: it begins at the whole message and not at the item in hand.
        steps: names, indices, :data:`EVERY`.
    """

    text: str
    whole: bool
    steps: tuple[str | int, ...]

    @classmethod
    def parse(cls, text: str, *, many: bool = False) -> "Path":
        """Read a path.

        Args:
            text: names with dots between them, ``[0]``, ``["a name with dots"]``; ``$`` in front is the whole message.
            many: ``[*]`` is allowed.

        Raises:
            ValueError: says what is wrong and how to write it.
        """
        if not 1 <= len(text) <= LONGEST:
            raise ValueError(f"write 1 to {LONGEST} characters")
        whole, at = text.startswith("$"), int(text.startswith("$"))
        steps: list[str | int] = []
        while at < len(text):
            found = _STEP.match(text, at)
            # A name after another one needs its dot, the first one has none, unless `$` stands in front.
            if found is None or bool(found["dot"]) != (bool(found["name"]) and at > 0):
                raise ValueError(f"cannot be read from character {at + 1} on: write it like data.items[0].id, names "
                                 'with dots or brackets as ["a.b"]')
            if found["every"] and not many:
                raise ValueError("[*] has its place in `items`: there one message becomes many")
            steps.append(EVERY if found["every"] else int(found["index"]) if found["index"] else
                         found["name"] or found["quoted"])
            at = found.end()
        if len(steps) > DEEPEST:
            raise ValueError(f"has more than {DEEPEST} steps")
        return cls(text, whole, tuple(steps))

    def find(self, item: Any, message: Any) -> Any:
        """Return what stands at the path.

        Raises:
            Missing: nothing does.
        """
        found = message if self.whole else item
        for step in self.steps:
            found = _one(found, step)
        return found

    def every(self, message: Any) -> Iterator[Any]:
        """Yield everything that the path leads to, in order; nothing where it leads nowhere."""
        yield from _walk(message, self.steps)


def _one(value: Any, step: str | int) -> Any:
    if isinstance(value, dict) and isinstance(step, str) and step in value:
        return value[step]
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    raise Missing


def _walk(value: Any, steps: tuple[str | int, ...]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if step != EVERY:
        try:
            yield from _walk(_one(value, step), rest)
        except Missing:
            return
    elif isinstance(value, list):
        for element in value:
            yield from _walk(element, rest)
    elif isinstance(value, dict):
        for name, element in value.items():
            yield from _walk({"key": name, "value": element}, rest)
