"""The life of a task (任务): due, then done or cancelled."""

from spatial.rules.events import Last, StepRefused
from spatial.rules.notes import says

KINDS = ("visit", "survey", "patrol", "check")
"""走访, 采集, 巡查, 核查处置."""

STATES = ("due", "done", "cancelled")
"""待办, 已办, 已取消."""

KEEPERLESS = "state = 'due' AND keeper_id IS NULL"
"""As SQL, in the words of the index that holds nothing else."""

AFTER = {("due", "done"): "done", ("due", "cancel"): "cancelled", ("due", "reassign"): "due"}
"""Every allowed step but the comment: (state, step) to the state after it."""

STEPS = ("done", "cancel", "reassign", "comment")
"""完成, 取消, 改派, 批注."""

RECORDED = {"done": "done", "cancel": "cancelled", "reassign": "reassigned", "comment": "commented"}


def step(current: str, wanted: str, note: str | None = None, last: Last | None = None) -> str:
    """Return the state after a step.

    Args:
        current: ``due``, ``done`` or ``cancelled``.
        wanted: one of :data:`STEPS`.
        note: remark; a comment and cancelling need one.
        last: the step before, for the message.

    Raises:
        StepRefused: the state does not allow the step, or the reason is missing.
    """
    after = current if wanted == "comment" else AFTER.get((current, wanted))
    if after is None:
        since = f" ({last})" if last else ""
        raise StepRefused(f"A task that is {current}{since} cannot take the step {wanted}.", "Allowed now: comment.")
    if wanted in ("comment", "cancel") and not says(note):
        raise StepRefused(f"The step {wanted} of a task needs a reason.", "Send it as note.")
    return after
