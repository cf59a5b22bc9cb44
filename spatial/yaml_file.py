"""Small YAML files that people write: mappings, a city's own words, what the bridge listens to."""

from pathlib import Path

import yaml

from spatial.errors import MappingError, ShapanError

LARGEST_FILE = 1 << 17
"""Bytes of such a file at most: ten times the longest known, and what the parser reads in two seconds."""


class _Plain(yaml.SafeLoader):
    """YAML without aliases, by which a few hundred bytes become gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node:
        """Refuse an alias; else do what YAML does."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="an alias (*) has no place here",
                                       problem_mark=self.peek_event().start_mark)
        return super().compose_node(parent, index)


def read(path: Path, what: str, cure: str, error: type[ShapanError] = MappingError) -> dict:
    """Read a file of names and values.

    Args:
        path: YAML in UTF-8.
        what: what it is, such as ``a mapping file``, for messages.
        cure: where to look it up, or what to do where it cannot be read.
        error: what is raised.

    Returns:
        What it says; an empty file says nothing.

    Raises:
        ShapanError: unreadable, too large, not YAML, or no set of names and values; of the class ``error``.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise error(f"{path} has more than {LARGEST_FILE} bytes.", f"{what.capitalize()} is a short text.")
        if not path.is_file():
            raise error(f"{path} is not a file.", cure)
        content = yaml.load(path.read_text(encoding="utf-8"), _Plain)  # noqa: S506 - a SafeLoader
    except OSError as reason:
        raise error(f"{path} cannot be read: {reason.strerror}.", cure) from reason
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError, TypeError, KeyError) as reason:
        # Beside its own errors the parser lets through those of Python, of a date such as 2026-99-99 for one.
        mark = getattr(reason, "problem_mark", None)
        where = f" line {mark.line + 1}:" if mark else ""
        problem = getattr(reason, "problem", None) or _reason(reason)
        raise error(f"{path.name}:{where} {problem}.", f"{what.capitalize()} is YAML: see docs/examples.") from reason
    content = {} if content is None else content
    if not isinstance(content, dict):
        raise error(f"{path.name} is not a set of names and values.", "See docs/examples.")
    return content


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not a text in UTF-8"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    return str(getattr(error, "reason", None) or "a value that cannot be read")


__all__ = ["LARGEST_FILE", "read"]
