"""Errors that say what happened and what to do."""

from __future__ import annotations


class AmityError(Exception):
    """Something that a person can read and mend. `code` is stable, for machines."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class SettingError(AmityError):
    """An environment variable holds what it can't."""

    code = "setting"


class NotRunning(AmityError):
    """An engine or role that is needed does not answer."""

    code = "not_running"


class NotFound(AmityError):
    """No such thing, or none that this actor may see: the two are never told apart."""

    code = "not_found"


class Forbidden(AmityError):
    """The actor may see that this exists, but not do that."""

    code = "forbidden"


class Invalid(AmityError):
    """What was given can't be accepted as it is; the message says how to mend it."""

    code = "invalid"


class Busy(AmityError):
    """As much of this is going on as can; the same again later."""

    code = "busy"


class LogGap(AmityError):
    """The log lacks entries, from `first` to `last` where that is known: reading stops until someone decides.

    `cut`: other entries stand under their numbers by now.
    """

    code = "log_gap"

    def __init__(self, message: str, *, first: int = 0, last: int = 0, cut: bool = False) -> None:
        super().__init__(message)
        self.first, self.last, self.cut = first, last, cut


class NewerEnvelope(AmityError):
    """The log holds what a later Amity wrote, which this one can't read whole."""

    code = "newer_envelope"
