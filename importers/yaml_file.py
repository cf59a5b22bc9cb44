"""Small YAML files that people write: mappings, and a city's own words."""

from pathlib import Path

import yaml

from spatial.errors import MappingError

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


def read(path: Path, what: str, cure: str) -> dict:
    """Read a file of names and values.

    Args:
        path: YAML in UTF-8.
        what: what it is, such as ``a mapping file``, for messages.
        cure: where to look it up, or what to do where it cannot be read.

    Returns:
        What it says; an empty file says nothing.

    Raises:
        MappingError: unreadable, too large, not YAML, or no set of names and values.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise MappingError(f"{path} has more than {LARGEST_FILE} bytes.", f"{what.capitalize()} is a short text.")
        if not path.is_file():
            raise MappingError(f"{path} is not a file.", cure)
        content = yaml.load(path.read_text(encoding="utf-8"), _Plain)  # noqa: S506 - a SafeLoader
    except OSError as error:
        raise MappingError(f"{path} cannot be read: {error.strerror}.", cure) from error
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError, TypeError, KeyError) as error:
        # Beside its own errors the parser lets through those of Python, of a date such as 2026-99-99 for one.
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}:" if mark else ""
        problem = getattr(error, "problem", None) or _reason(error)
        raise MappingError(f"{path.name}:{where} {problem}.",
                           f"{what.capitalize()} is YAML: see docs/examples.") from error
    content = {} if content is None else content
    if not isinstance(content, dict):
        raise MappingError(f"{path.name} is not a set of names and values.", "See docs/examples.")
    return content


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not a text in UTF-8"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    return str(getattr(error, "reason", None) or "a value that cannot be read")


__all__ = ["LARGEST_FILE", "read"]
