"""The answer to a batch of which each entry counts for itself: what was taken, what was known, every fault."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from spatial.errors import InvalidInput
from spatial.queries.event_intake import Fault
from webmap.fields import Sorted


def answer(name: str, batch: Sorted, ids: Mapping[int, int], known: int, faults: Sequence[Fault], **more: Any,
           ) -> tuple[dict[str, Any], int]:
    """Return the JSON answer and its status, 201.

    Args:
        name: of the list in the request.
        batch: the list as it was read. ids: of what is new, by position among the entries without fault.
        known: how many were on record already. faults: found after reading, positions as those of ``ids``.
        more: further members of the answer.

    Raises:
        InvalidInput: nothing at all was taken or known, and there are faults.
    """
    later = ({**asdict(fault), "index": batch.taken[fault.index][0]} for fault in faults)
    found = sorted([*batch.refused, *later], key=lambda fault: fault["index"])
    if found and not ids and not known:
        raise InvalidInput(f"None of {len(batch)} {name} could be taken.", [
            (f"{name}[{fault['index']}]" + (f".{fault['field']}" if fault["field"] else ""), fault["reason"])
            for fault in found], found[0]["cure"])
    return {"taken": len(ids), "already_known": known, "ids": [ids[position] for position in sorted(ids)],
            "refused": found, **more}, 201
