"""The digests of accounts to come, made by the second core while the first builds the county."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from yiwang.apps.identity import public as identity

Next = Callable[[], identity.HashedPassword]


@contextmanager
def hashed_ahead(password: str, *, count: int) -> Iterator[Next]:
    """``count`` digests of one password, each with its own salt; further ones as they are asked.

    What is not wanted in the end is not made.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="hashing") as second:
        waiting = deque(second.submit(identity.hashed, password) for _ in range(count))

        def following() -> identity.HashedPassword:
            return waiting.popleft().result() if waiting else identity.hashed(password)

        try:
            yield following
        finally:
            second.shutdown(wait=False, cancel_futures=True)
