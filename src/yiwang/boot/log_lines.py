"""How a line of the log is written: whatever a library puts into a message, no person is in it."""

import json
import logging
import re
from datetime import datetime

from yiwang.kernel.clock import CHINA

_NUMBERS = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9}|\d{15})(?!\d)")


class WithoutNumbers(logging.Formatter):
    """Blots out what looks like an id number or a mobile number, in messages and tracebacks.

    A database says the value that was there twice; an engine says the text it could not cast.
    """

    def format(self, record: logging.LogRecord) -> str:
        return _NUMBERS.sub("[号码]", super().format(record))


class JsonLines(logging.Formatter):
    """One JSON object a line for a collector of logs: when, how grave, where from, what.

    Blotted out in every text, the traceback included, as in lines for people.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        told = {
            "at": datetime.fromtimestamp(record.created, CHINA).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return _NUMBERS.sub("[号码]", json.dumps(told, ensure_ascii=False))
