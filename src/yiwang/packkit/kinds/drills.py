"""A kind about what is practised: a made-up course of readings and what ought to be noticed."""

from yiwang.packkit.kinds.shared import Days, Kind


class Wave(Kind, frozen=True, kw_only=True):
    """What a stream reads in a drill: from rest to a peak and back, later further down."""

    stream: str
    """``pack.stream``"""
    rest: str
    """Over ``device.*``: what a device reads that nothing happens to, and before and after."""
    peak: str
    """Over ``device.*``: the most (or least) that a device reads that is hit."""
    where: str = ""
    """Over ``device.*``: which devices are hit; empty: all of ``among``."""
    begins: Days
    """How long after the drill's begin, at the first devices."""
    rises: Days
    stays: Days
    falls: Days
    noise: str = "0"
    """How far a reading may lie from the true value, either way."""
    behind: str = ""
    """The column that names the device upstream; each one further down is hit later."""
    delay: Days = ""
    """How much later."""


class Drill(Kind, frozen=True, kw_only=True):
    """drills/: a course of readings that is sent through the live alerts in a room of its own."""

    title: str
    lasts: Days
    among: str = ""
    """Over ``device.*``: which devices take part; empty: all."""
    most: int = 100
    """No more devices of a stream than so many, those that are hit first."""
    waves: tuple[Wave, ...]
    spikes: int = 0
    """How many devices at rest show one wild reading, which nobody is to be sent for."""
    expects: dict[str, str]
    """``pack.alert`` to what is truly the case when it ought to stand, over ``value`` and
    ``device.*``."""
    basis: str
    example: bool = False
