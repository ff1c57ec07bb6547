"""Everything that a test waits for is waited for in bounded time."""

import functools
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Iterable

from binary import is_plain

_SLOW_FACTOR = 8.0
_POLL_SEC = 0.01


@functools.cache
def timeout_factor() -> float:
    """What every time limit is multiplied by: $E2E_TIMEOUT_FACTOR, or by the kind of build."""
    given = os.environ.get("E2E_TIMEOUT_FACTOR")
    if given is not None:
        return float(given)
    return 1.0 if is_plain() else _SLOW_FACTOR


def seconds(count: float) -> float:
    """A time limit of `count` seconds on a quick build."""
    return count * timeout_factor()


def wait_until(condition: Callable[[], bool], what: str, timeout_sec: float = 30) -> None:
    """Polls until `condition` holds; fails the test with `what` when it does not come true."""
    deadline = time.monotonic() + seconds(timeout_sec)
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(_POLL_SEC)


def in_parallel(jobs: Iterable[Callable[[], object]], timeout_sec: float = 120) -> list:
    """Runs each job in a thread of its own; their results, or the first failure."""
    jobs = list(jobs)
    deadline = time.monotonic() + seconds(timeout_sec)
    with ThreadPoolExecutor(len(jobs)) as pool:
        futures = [pool.submit(job) for job in jobs]
        return [future.result(deadline - time.monotonic()) for future in futures]
