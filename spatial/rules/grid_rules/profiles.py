"""Rule profiles (规则方案): which rules a city has, how severe each is, its thresholds and where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from spatial import yaml_file
from spatial.errors import InvalidInput, NotFound
from spatial.rules.grid_rules.model import ERROR, INFORMATION, WARNING

FOLDER = Path(__file__).parent / "profiles"

STANDARD = "standard"
"""The profile of a city that has none of its own."""


@dataclass(frozen=True)
class RuleSetting:
    """One rule in a profile.

    Attributes:
        severity: see ``model``. limits: thresholds by name.
        source: the document that says so, or the practice that does. practice: no binding document is known.
    """

    severity: str
    limits: Mapping[str, float]
    source: str
    practice: bool


@dataclass(frozen=True)
class Profile:
    """The rules of a city.

    Attributes:
        name: of its file. title: Chinese and English. rules: by id.
    """

    name: str
    title: Mapping[str, str]
    rules: Mapping[str, RuleSetting]


def profiles() -> list[str]:
    """Return the names of all profiles, in order."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def load_profile(name: str) -> Profile:
    """Return a profile.

    Raises:
        NotFound: there is none of that name.
        InvalidInput: its file has faults; names all of them.
    """
    if name not in profiles():
        raise NotFound(f"There is no rule profile {name!r}.", f"Profiles: {', '.join(profiles())}.")
    return read(name, yaml_file.read(FOLDER / f"{name}.yaml", "a rule profile", "See docs/planner.md."))


def read(name: str, said: Mapping[str, Any]) -> Profile:
    """Return the profile that a file says.

    Args:
        name: of the file. said: ``title`` and ``rules``, of which each has ``severity``, ``source`` or ``practice``,
            and thresholds, which are numbers.

    Raises:
        InvalidInput: names all faults.
    """
    faults, rules = [], {}
    for rule, words in (said.get("rules") or {}).items():
        limits = {key: value for key, value in words.items() if key not in ("severity", "source", "practice")}
        if words.get("severity") not in (ERROR, WARNING, INFORMATION):
            faults.append((f"rules.{rule}.severity", "is error, warning or information"))
        if not (words.get("source") or words.get("practice")):
            faults.append((f"rules.{rule}", "says neither source nor practice"))
        faults += [(f"rules.{rule}.{key}", "is no number") for key, value in limits.items()
                   if isinstance(value, bool) or not isinstance(value, int | float)]
        rules[rule] = RuleSetting(words.get("severity"), limits, words.get("source") or words.get("practice") or "",
                                  not words.get("source"))
    title = said.get("title") or {}
    if not {"zh-CN", "en"} <= set(title):
        faults.append(("title", "is needed in zh-CN and en"))
    if faults:
        raise InvalidInput(f"The rule profile {name} has {len(faults)} faults.", faults, "Mend its file.")
    return Profile(name, title, rules)
