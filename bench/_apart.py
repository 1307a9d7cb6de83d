"""A measurement in a process and a home of its own, on the code that lies beside it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

ROOT = Path(__file__).parents[1]


def apart(module: str, *, home: str = "") -> Iterator[str]:
    """The lines that ``python -m module`` prints; an empty home unless one is named."""
    with nullcontext(home) if home else tempfile.TemporaryDirectory() as chosen:
        own = {
            **os.environ,
            "YIWANG_HOME": chosen,
            "DJANGO_SETTINGS_MODULE": "yiwang.boot.settings",
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}:{ROOT}",
        }
        command = [sys.executable, "-m", module]
        done = subprocess.run(
            command, env=own, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
        )
        yield from done.stdout.splitlines()
