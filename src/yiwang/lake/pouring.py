"""Bytes of one file to where another is read, within the kernel.

Run as a script, it pours into its standard output: a process of its own, because the engine may
hold the interpreter while it reads.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

Span = tuple[int, int]
"""From this byte to before that."""


def send(name: str, spans: Sequence[Span], *, to: int) -> None:
    """Write stretches of a file to an open one, a pipe or not."""
    source = os.open(name, os.O_RDONLY)
    try:
        for start, end in spans:
            while start < end and (sent := os.sendfile(to, source, start, end - start)):
                start += sent
    finally:
        os.close(source)


@contextmanager
def poured(name: str, spans: Sequence[Span], *, to: Path) -> Iterator[None]:
    """Stretches of a file as a pipe that is read once: nothing is written to disk."""
    os.mkfifo(to)
    waiting = os.open(to, os.O_RDONLY | os.O_NONBLOCK)  # so that the pipe can be opened to write
    pipe = os.open(to, os.O_WRONLY)
    ends = [str(byte) for span in spans for byte in span]
    command = [sys.executable, "-I", "-S", __file__, name, *ends]
    try:
        process = subprocess.Popen(command, stdout=pipe)  # noqa: S603 - our own script
    finally:
        os.close(pipe)
    try:
        yield
    finally:
        process.kill()
        process.wait()
        os.close(waiting)
        to.unlink()


if __name__ == "__main__":
    ends = [int(byte) for byte in sys.argv[2:]]
    send(sys.argv[1], list(zip(ends[::2], ends[1::2], strict=True)), to=1)
