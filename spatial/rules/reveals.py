"""When one resident may be seen as they are (查看一人): why, which fields, and what may come of it."""

from collections.abc import Iterable, Iterator

FIELDS = ("name", "phone", "id_number")
"""Personal values, the most personal last."""

ALARM, EVENT, OTHER = "alarm", "event", "other"

REASONS = (ALARM, EVENT, "emergency", "visit", "case", "verify", OTHER)
"""处置告警, 处理事件, 应急处置, 入户走访, 案件办理, 信息核实, 其他."""

DONE = "done"
NOT_PERMITTED = "not_permitted"
TOO_MANY = "too_many"
NOT_FOUND = "not_found"
NOT_CONCERNED = "not_concerned"
NAMES_PERSON = "names_person"
NO_KEY = "no_key"

OUTCOMES = (DONE, NOT_PERMITTED, TOO_MANY, NOT_FOUND, NOT_CONCERNED, NAMES_PERSON, NO_KEY)
"""What comes of a try: shown, or why it was refused. Not found is also who lies outside the jurisdiction; not
concerned: the alarm or event is over, or is of another building; names the person: the words for the reason do."""

LEAST_WORDS = 5
"""Characters of a reason that is none of the others."""

MOST_WORDS = 200

WINDOW_S = 3600
"""Length of the time in which reveals are counted."""

SHOWN_S = 60
"""Seconds for which a page shows what was revealed."""


def faults(reason: str, words: str, alarm_id: int | None, event_id: int | None) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a reason, as place and message.

    Args:
        reason: one of ``REASONS``.
        words: more about it; may be empty.
        alarm_id, event_id: what it is about.
    """
    if reason == ALARM and alarm_id is None:
        yield "alarm_id", "name the alarm that is handled"
    if reason == EVENT and event_id is None:
        yield "event_id", "name the event that is handled"
    if alarm_id is not None and event_id is not None:
        yield "event_id", "name an alarm or an event, not both"
    if reason == OTHER and len("".join(words.split())) < LEAST_WORDS:
        yield "words", f"say why in {LEAST_WORDS} characters or more"


def names_person(words: str, values: Iterable[str]) -> bool:
    """Tell whether words hold one of a person's values, however it is spaced: the record never does."""
    bare = "".join(words.split()).casefold()
    return any(one and one in bare for one in ("".join(value.split()).casefold() for value in values))
