"""Why something of surveys has to wait, as errors of the interface; ``reason`` tells a page which it is."""

from spatial.errors import ShapanError


class TooMuchOfSurveys(ShapanError):
    """Somebody has sent, or looked at, as much as they may for now.

    Args:
        what: what is wrong. reason: a word for it. most: how much may be. retry_s: seconds until it may be tried again.
    """

    def __init__(self, what: str, reason: str, most: int, retry_s: int) -> None:
        super().__init__(what, f"Try again in {-(-retry_s // 60)} minutes; who needs more asks an administrator.")
        self.retry_s = retry_s
        self.members = {"reason": reason, "limit": most, "retry_s": retry_s}


class TooManyForms(TooMuchOfSurveys):
    """A keeper has sent as many forms within an hour as one may."""

    def __init__(self, most: int, retry_s: int) -> None:
        super().__init__(f"{most} forms an hour are taken from one keeper; nothing was taken, send them again.",
                         "forms_per_hour", most, retry_s)


class TooManyBytes(TooMuchOfSurveys):
    """A keeper has sent as many photographs within a day as one may."""

    def __init__(self, most: int, retry_s: int) -> None:
        super().__init__(f"{most} MB of photographs a day are taken from one keeper; it was not taken, send it again.",
                         "photos_per_day", most, retry_s)


class TooManyLooks(TooMuchOfSurveys):
    """An account has looked at as many photographs within an hour as one may."""

    def __init__(self, most: int, retry_s: int) -> None:
        super().__init__(f"{most} photographs an hour may be looked at by one account, and you have.",
                         "looks_per_hour", most, retry_s)
