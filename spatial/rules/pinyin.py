"""Pinyin (拼音) of labels: pypinyin for each run of Chinese characters, once."""

import re
from functools import lru_cache

_HAN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003134f]+")
_RUNS = re.compile(f"({_HAN.pattern})")


@lru_cache(maxsize=100_000)
def _run(text: str) -> tuple[str, str]:
    # Its dictionary takes a quarter of a second to load, which commands that write no name need not wait for.
    from pypinyin import lazy_pinyin

    # Whole runs, because neighbours decide how a character is read: 重庆 is chongqing, 重量 zhongliang.
    if not _HAN.fullmatch(text):
        return text, text
    syllables = [syllable.casefold() for syllable in lazy_pinyin(text)]
    return "".join(syllables), "".join(syllable[0] for syllable in syllables)


def pinyin(text: str) -> tuple[str, str]:
    """Return a text in full pinyin without tones, and its initials; everything else stays.

    Args:
        text: as ``spatial.rules.search.sought`` returns it.

    >>> pinyin("重庆路3号")
    ('chongqinglu3hao', 'cql3h')
    """
    runs = [_run(run) for run in _RUNS.split(text)]
    return "".join([full for full, _ in runs]), "".join([short for _, short in runs])
