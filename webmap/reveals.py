"""Why a resident is not shown as they are, as errors of the interface."""

from spatial.errors import ShapanError


class TooManyReveals(ShapanError):
    """The account has seen as many residents in this hour as it may.

    Args:
        most: how many that are.
        retry_s: seconds until it may see one again.
    """

    def __init__(self, most: int, retry_s: int) -> None:
        super().__init__(f"{most} residents an hour may be seen by one account, and you have seen them.",
                         f"Try again in {-(-retry_s // 60)} minutes; who needs more asks an administrator.")
        self.retry_s = retry_s
        self.members = {"limit": most, "retry_s": retry_s}


class KeyMissing(ShapanError):
    """Personal values cannot be opened: their key is not here, or is another one."""
