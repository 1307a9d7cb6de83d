"""SM2 on one core: signatures and verifications per second."""

import time
from collections.abc import Iterator

from yiwang.kernel.crypto import KeyPair, self_test

ROUNDS, MESSAGE = 3000, b"one journal head of about a hundred bytes" * 2


def run() -> Iterator[str]:
    """Sign and verify in one thread; CPU time, so that a busy machine does not lie."""
    self_test()
    pair = KeyPair.generate()
    signature = pair.sign(MESSAGE)
    for act, once in (
        ("SM2 signatures", lambda: pair.sign(MESSAGE)),
        ("SM2 verifications", lambda: pair.public.verify(MESSAGE, signature)),
    ):
        begun = time.process_time()
        for _ in range(ROUNDS):
            once()
        yield f"{act} per CPU second: {ROUNDS / (time.process_time() - begun):,.0f}"
