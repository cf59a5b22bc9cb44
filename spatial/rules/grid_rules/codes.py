"""Rules of codes: their form, that none stands twice or comes back, and their order."""

import re
from collections import defaultdict
from collections.abc import Iterator

import shapely

from spatial.coverage import reading_order
from spatial.rules.grid_rules.model import Case, Fix, Violation

RENUMBER = (Fix("renumber", {}),)


def code_form(case: Case) -> Iterator[Violation]:
    """Yield codes that are not the community's 12 digits and 3 of their own (编码不合规)."""
    for number, member in case.facts.members.items():
        if not _own(case, member.code):
            yield Violation(
                "code-form", case.severity,
                f"Grid {number} has the code {member.code or '–'}, not {case.facts.community} and three digits.",
                {"code": member.code}, (number,), geometry=case.coverage.faces[number], fixes=RENUMBER)


def code_repeated(case: Case) -> Iterator[Violation]:
    """Yield codes that several grids have (编码重复)."""
    having = defaultdict(list)
    for number, member in case.facts.members.items():
        if member.code:
            having[member.code].append(number)
    for code, numbers in having.items():
        if len(numbers) > 1:
            yield Violation(
                "code-repeated", case.severity, f"{len(numbers)} grids have the code {code}.", {"code": code},
                tuple(numbers), geometry=_together(case, numbers), fixes=RENUMBER)


def code_reused(case: Case) -> Iterator[Violation]:
    """Yield codes that a grid of the past had (编码被复用)."""
    for number, member in case.facts.members.items():
        if member.code in case.facts.retired:
            yield Violation(
                "code-reused", case.severity, f"Grid {number} has the code {member.code} of a former grid.",
                {"code": member.code}, (number,), geometry=case.coverage.faces[number], fixes=RENUMBER)


def order(case: Case) -> Iterator[Violation]:
    """Yield a plan whose codes do not run from west to east and north to south (编号顺序)."""
    members = case.facts.members
    if len(members) < 2 or not all(_own(case, member.code) for member in members.values()):
        return
    codes = [members[number].code for number in reading_order(case.coverage)]
    wrong = sum(one != other for one, other in zip(codes, sorted(codes), strict=True))
    if wrong:
        yield Violation("order", case.severity, f"{wrong} of {len(codes)} codes do not run from west to east and north "
                        "to south.", {"wrong": wrong, "grids": len(codes)}, fixes=RENUMBER)


def _own(case: Case, code: str | None) -> bool:
    return bool(code and re.fullmatch(rf"{case.facts.community}(?!000)[0-9]{{3}}", code))


def _together(case: Case, numbers: list[int]):
    return shapely.geometrycollections([case.coverage.faces[number] for number in numbers])
