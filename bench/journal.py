"""The journal's bars: durable entries a second, in batches and from single writers; verifying.

`python -m bench journal` prints the figures; `measure` returns them by name.
"""

import multiprocessing
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from yiwang.apps.journal.entry import Entry, packed
from yiwang.apps.journal.notes import Checkpoint, Ed25519Signer, signed, verifier_key
from yiwang.apps.journal.store import Store
from yiwang.apps.journal.verify import verify_export

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
WRITERS = 16


def run() -> list[str]:
    """The figures as lines for `make bench`."""
    return [f"{name:<45} {value:>12,.1f}" for name, value in measure().items()]


def measure(*, verified: int = 1_000_000, seconds: float = 3.0) -> dict[str, float]:
    """Measure in a folder that goes away; entries are about 250 bytes, as the gate writes them."""
    figures = {}
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        home = Path(folder)
        figures |= _batches(home / "batches", verified)
        figures |= _verify(home / "batches", "sha256")
        figures["single writers, 16 threads: entries/s"] = _threads(home / "threads", seconds)
        figures["single writers, 16 processes: entries/s"] = _processes(home / "many", seconds)
        _fill(Store(home / "sm3", algorithm="sm3"), verified // 10)
        figures |= _verify(home / "sm3", "sm3")
    return figures


def _line(number: int) -> bytes:
    return packed(
        Entry(
            event="gate.answered",
            subject="p:0123456789abcdef0123456789abcdef",
            actor="civil-affairs/elder-allowance",
            at=NOON,
            purpose="高龄津贴资格核验",
            case=f"SY20261122{number:08d}",
            facts={"table": "base.resident", "columns": "name,phone", "rows": 1},
        )
    )


def _fill(store: Store, count: int) -> None:
    for start in range(0, count, 1000):
        store.append([_line(number) for number in range(start, min(start + 1000, count))])


def _batches(folder: Path, count: int) -> dict[str, float]:
    store = Store(folder)
    began = time.perf_counter()
    _fill(store, count)
    return {"batches of 1,000: durable entries/s": count / (time.perf_counter() - began)}


def _verify(folder: Path, algorithm: str) -> dict[str, float]:

    signer = Ed25519Signer(Ed25519PrivateKey.generate())
    size, root = Store(folder).size_and_root()
    note = signed(Checkpoint("bench", size, root, NOON, algorithm), signer)
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / f"{size:012d}.note").write_text(note)
    key = verifier_key("bench", kind=signer.kind, public=signer.public())
    verdict = verify_export(folder, key)
    assert verdict.holds, verdict.damages[:3]
    return {f"verify {size:,} entries ({algorithm}): seconds": verdict.seconds}


def _threads(folder: Path, seconds: float) -> float:
    store, counts = Store(folder), [0] * WRITERS
    end = time.monotonic() + seconds

    def write(writer: int) -> None:
        while time.monotonic() < end:
            store.append([_line(counts[writer])])
            counts[writer] += 1

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def _write_alone(folder: Path, seconds: float) -> int:
    store, count = Store(folder), 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        store.append([_line(count)])
        count += 1
    return count


def _processes(folder: Path, seconds: float) -> float:
    Store(folder).close()
    with multiprocessing.get_context("spawn").Pool(WRITERS) as pool:
        counts = pool.starmap(_write_alone, [(folder, seconds)] * WRITERS)
    assert Store(folder).size_and_root()[0] == sum(counts)
    return sum(counts) / seconds


if __name__ == "__main__":
    sys.stdout.write("\n".join(run()) + "\n")
