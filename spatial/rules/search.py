"""How words are cut for search (检索): the same on the way into ``search_entry`` and in a question.

PostgreSQL's trigrams of Chinese text are empty in locale C, and a pattern of two characters uses
no index. So each entry carries its own grams: every character and every pair of neighbours.
"""

import re
import unicodedata
from operator import add

LONGEST_QUESTION = 64
"""Characters of a question at most; a name on a map is shorter."""

MARK = "~"
"""Stands before a gram of pinyin initials (拼音首字母), so that ``wj`` there is not ``wj`` in a text."""

_WORD = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"[a-z0-9]+")

# 15 or 18 digits of an identity number, 11 of a mobile telephone, in whatever way they are grouped.
_GROUPS = re.compile(r"[\s\-‐-―.·()（）]+")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dxX](?![\dA-Za-z])")
_TELEPHONE = re.compile(r"(?<!\d)(?:\+?86)?1\d{10}(?!\d)")


def words(text: str) -> list[str]:
    """Return the words of a text in the form in which they are compared: NFKC, small letters."""
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    return _WORD.findall(text.casefold())


def sought(text: str) -> str:
    """Return a text without blanks and punctuation, for comparing beginnings."""
    return "".join(words(text))


def grams(cut: list[str]) -> set[str]:
    """Return every character and every pair of neighbours within some words."""
    found: set[str] = set()
    for word in cut:
        found.update(word)
        found.update(map(add, word, word[1:]))
    return found


def initial_grams(initials: str) -> set[str]:
    """Return the marked pairs of a text's pinyin initials, such as ``~wj``."""
    return set(map((MARK + "{}{}").format, initials, initials[1:]))


def wanted_grams(question: str) -> list[str]:
    """Return the grams that an entry must have all of: pairs, and single characters of words of one."""
    found: set[str] = set()
    for word in words(question):
        found.update([word] if len(word) == 1 else map(add, word, word[1:]))
    return sorted(found)


def wanted_initials(question: str) -> list[str]:
    """Return the marked pairs of a question that may be pinyin initials; none for any other."""
    letters = sought(question)
    if len(letters) < 2 or not _LETTERS.fullmatch(letters) or letters.isdigit():
        return []
    return sorted(initial_grams(letters))


def looks_personal(question: str) -> str | None:
    """Return what a question looks like that must not travel in an address; None for a decent one.

    An identity number is seen by its 18 characters with the check digit of GB 11643 (mod 11-2), so that
    a code of 18 digits, such as a credit code (统一社会信用代码), stays a code; a telephone by the 11 digits
    of a mobile number in China.
    """
    plain = _GROUPS.sub("", unicodedata.normalize("NFKC", question))
    for match in _IDENTITY.finditer(plain):
        digits = match[0].upper()
        total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(digits[:17]))
        if "10X98765432"[total % 11] == digits[17]:
            return "an identity number"
    return "a telephone number" if _TELEPHONE.search(plain) else None
