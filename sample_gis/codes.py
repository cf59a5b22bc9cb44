"""Check digits and the ranges that no real person or company uses.

Identity numbers carry the county code 999001, which GB/T 2260 does not assign; phones
begin with 100, which is no mobile prefix; credit codes carry the same county code. Their
check digits are right, so that every check of a real register passes.
"""

import numpy as np

COUNTY = "999001"
_ID_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_ID_CHECK = np.array(list("10X98765432"))
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def identity_numbers(births: np.ndarray, male: np.ndarray) -> np.ndarray:
    """Return 18-digit identity numbers (GB 11643), different for different people.

    Args:
        births: dates of birth, dtype datetime64[D], shape (n,).
        male: bool, shape (n,); the 17th digit is odd for men, even for women.
    Returns:
        strings of 18 characters, the last one the mod 11-2 check digit (ISO 7064).
    Raises:
        ValueError: over 500 people of one sex were born on one day.
    """
    key = births.astype("int64") * 2 + male
    order = np.argsort(key, kind="stable")
    ranks = np.empty(len(key), "int64")
    starts = np.r_[True, key[order][1:] != key[order][:-1]]
    first = np.maximum.accumulate(np.where(starts, np.arange(len(key)), 0))
    ranks[order] = np.arange(len(key)) - first
    if len(ranks) and ranks.max() > 499:
        raise ValueError("Over 500 people of one sex were born on one day: no identity number is left.")
    serial = (ranks * 2 + male) % 1000
    days = np.char.replace(births.astype(str), "-", "")
    stems = np.char.add(np.char.add(COUNTY, days), np.char.zfill(serial.astype(str), 3))
    digits = stems.astype("U17").view("U1").reshape(-1, 17).astype("int64")
    return np.char.add(stems, _ID_CHECK[digits @ _ID_WEIGHTS % 11])


def identity_number_is_valid(number: str) -> bool:
    """Tell whether the last character is the mod 11-2 check digit of the first 17."""
    if len(number) != 18 or not number[:17].isdigit():
        return False
    return bool(_ID_CHECK[int(np.array([int(c) for c in number[:17]]) @ _ID_WEIGHTS) % 11] == number[17])


def credit_code(kind: str, serial: int) -> str:
    """Return a unified social credit code (统一社会信用代码, GB 32100-2015) of 18 characters.

    Args:
        kind: two characters, registry and type: 91 company, 92 individual trader,
            12 public institution, 11 organ, 52 private non-enterprise unit.
        serial: number of the organisation, at most 8 digits.
    Returns:
        kind, county 999001, an organisation code with its GB 11714 check character, and
        the check character of the whole.
    """
    body = f"{serial:08d}"
    total = sum(int(c) * w for c, w in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    check = (11 - total % 11) % 11
    stem = f"{kind}{COUNTY}{body}{'X' if check == 10 else check}"
    return stem + credit_check(stem)


def credit_check(stem: str) -> str:
    """Return the check character (mod 31) of the first 17 characters of a credit code."""
    total = sum(_CREDIT_ALPHABET.index(c) * w for c, w in zip(stem, _CREDIT_WEIGHTS, strict=True))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def phones(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return ``count`` different 11-digit numbers that begin with 100 and reach nobody."""
    start = int(rng.integers(0, 100_000_000))
    numbers = (start + np.arange(count, dtype="int64") * 61_803_399) % 100_000_000
    return np.char.add("100", np.char.zfill(numbers.astype(str), 8))
