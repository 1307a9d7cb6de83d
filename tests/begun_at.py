"""Run `yiwang` as if begun at another instant: `begun_at.py 2027-03-01T09:00 demo …`.

The clock of the machine is shifted, nothing else.
"""

import sys
from datetime import UTC, datetime

from django.utils import timezone

from yiwang.kernel import clock

OF_TESTS = "2026-11-23T09:00"
"""A Monday in a year whose holidays are known: tests pass on any machine's date."""


def shift(begin: str) -> None:
    """Let the clock stand at ``begin`` (China) now, and go on from there."""
    offset = datetime.fromisoformat(begin).replace(tzinfo=clock.CHINA) - datetime.now(UTC)

    def shifted() -> datetime:
        return datetime.now(UTC) + offset

    clock.system_clock = timezone.now = shifted


if __name__ == "__main__":
    shift(sys.argv[1])
    from yiwang.boot.cli import main

    sys.argv[1:] = sys.argv[2:]
    main()
