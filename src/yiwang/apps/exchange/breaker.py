"""断路器: a source that failed again and again is left alone for a while.

Pure: the instants are the caller's seconds of any clock that never goes back.
"""

from dataclasses import dataclass

FAILURES = 3
"""So many in a row open the breaker."""
REST = 30.0
"""Seconds for which nobody asks; then one may try, and the others still wait."""


@dataclass
class Breaker:
    """One source's: closed while it answers."""

    failures: int = 0
    rests_until: float = 0.0

    def may_ask(self, now: float) -> bool:
        """Whether the source may be asked; after its rest the first to come tries it alone."""
        if self.failures < FAILURES:
            return True
        if now < self.rests_until:
            return False
        self.rests_until = now + REST
        return True

    def failed(self, now: float) -> None:
        """It did not answer."""
        self.failures += 1
        self.rests_until = now + REST

    def worked(self) -> None:
        """It answered."""
        self.failures, self.rests_until = 0, 0.0
