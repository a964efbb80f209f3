"""Recognises the lines of a Python traceback, which continue the record that it belongs to."""

import re

_BEGINS = re.compile(
    r"\s*(?:\+ Exception Group )?Traceback \(most recent call last\):|During handling of the above "
    r"exception, another exception occurred:|The above exception was the direct cause of the "
    r"following exception:"
)
_NONE = -2  # no line comes right after it
_ENDS = re.compile(r"[A-Za-z_][\w.]*(?::|$)")


class Tracebacks:
    """Told of each line that is no record, in order, says whether a traceback goes on with it."""

    def __init__(self) -> None:
        self._last = _NONE

    def goes_on(self, number: int, text: str) -> bool:
        """Whether line `number`, which reads `text`, is part of one."""
        if _BEGINS.match(text):
            self._last = number
            return True
        if self._last != number - 1:
            return False
        if text[:1] in (" ", "\t"):
            self._last = number
            return True
        self._last = _NONE
        return _ENDS.match(text) is not None
