"""Topic filters with names: ``gateway/{vendor}/device/{device}/alarm``."""

import re
from dataclasses import dataclass

LONGEST = 1000
"""Characters of a filter at most; MQTT allows 65,535 bytes."""

_NAME = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True)
class Topic:
    """A topic filter of MQTT whose ``+`` may have names.

    Attributes:
        text: as written.
        subscription: as the broker gets it, each name a ``+``.
        names: names of levels, in order.
    """

    text: str
    subscription: str
    names: tuple[str, ...]
    _pattern: re.Pattern[str]

    @classmethod
    def parse(cls, text: str) -> "Topic":
        """Read a filter.

        Raises:
            ValueError: says what is wrong and how to write it.
        """
        if not 1 <= len(text) <= LONGEST:
            raise ValueError(f"write 1 to {LONGEST} characters")
        if "\0" in text:
            raise ValueError("a topic holds no NUL")
        if text.startswith("$"):
            raise ValueError("topics that begin with $ are the broker's own; shared subscriptions lose the order")
        levels, names, patterns = text.split("/"), [], []
        for position, level in enumerate(levels):
            if level == "#" and position == len(levels) - 1:
                # `a/#` takes `a` as well (MQTT 5.0, 4.7.1.2).
                last = ".*" if not patterns else "(?:/.*)?"
                return cls(text, "/".join([*_plain(levels[:-1]), "#"]), tuple(names),
                           re.compile("/".join(patterns) + last, re.DOTALL))
            if named := _NAME.fullmatch(level):
                if named[1] in names:
                    raise ValueError(f"{{{named[1]}}} stands twice")
                names.append(named[1])
                patterns.append(f"(?P<{named[1]}>[^/]*)")
            elif level == "+":
                patterns.append("[^/]*")
            elif any(character in level for character in "+#{}"):
                raise ValueError(f"{level!r}: +, # and {{name}} are a whole level, # the last one; a name is of a to "
                                 "z, 0 to 9 and _")
            else:
                patterns.append(re.escape(level))
        return cls(text, "/".join(_plain(levels)), tuple(names), re.compile("/".join(patterns), re.DOTALL))

    def match(self, topic: str) -> dict[str, str] | None:
        """Return what the names stand for in a topic, None where the filter does not take it."""
        if topic.startswith("$"):
            return None
        found = self._pattern.fullmatch(topic)
        return None if found is None else found.groupdict()


def _plain(levels: list[str]) -> list[str]:
    return ["+" if _NAME.fullmatch(level) else level for level in levels]
