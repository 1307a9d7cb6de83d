"""How a line of the log is written: whatever a library puts into a message, no person is in it."""

import logging
import re

_NUMBERS = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9}|\d{15})(?!\d)")


class WithoutNumbers(logging.Formatter):
    """Blots out what looks like an id number or a mobile number, in messages and tracebacks.

    A database says the value that was there twice; an engine says the text it could not cast.
    """

    def format(self, record: logging.LogRecord) -> str:
        return _NUMBERS.sub("[号码]", super().format(record))
