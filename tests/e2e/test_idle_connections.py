"""Connections that ask for nothing leave the server asleep."""

import contextlib
import re
from pathlib import Path

from bounds import wait_until
from connections import allow_descriptors
from server import Server

CONNECTIONS = 1000
WORKERS = 2
#: So often the main thread wakes, once a second, while the workers must not.
TICKS = 3


def threads(server: Server, name: str) -> list[str]:
    """What the kernel tells of the server's threads of that name."""
    tasks = Path(f"/proc/{server.process.pid}/task").iterdir()
    states = [(task / "status").read_text(encoding="ascii") for task in tasks]
    return [state for state in states if state.startswith(f"Name:\t{name}\n")]


def wakeups(server: Server, name: str) -> int:
    """How often they have gone to sleep so far, and so are woken."""
    return sum(
        int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)$", state, re.MULTILINE)[1])
        for state in threads(server, name)
    )


def all_asleep(server: Server) -> bool:
    workers = threads(server, "quarry-worker")
    assert len(workers) == WORKERS
    return all(re.search(r"^State:\tS ", state, re.MULTILINE) for state in workers)


def test_a_thousand_idle_connections_wake_no_worker(start):
    allow_descriptors(CONNECTIONS + 100)
    server = start("-t", str(WORKERS), "-c", str(CONNECTIONS + 100))
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.connect()) for _ in range(CONNECTIONS)]
        for client in clients:
            client.ask(b"mn\r\n", b"MN\r\n")
        wait_until(lambda: all_asleep(server), "the workers have nothing to do")
        before = wakeups(server, "quarry-worker")
        ticks = wakeups(server, "quarryd") + TICKS
        wait_until(lambda: wakeups(server, "quarryd") >= ticks, "some seconds have passed")
        assert wakeups(server, "quarry-worker") == before
        for client in clients:
            client.ask(b"mn\r\n", b"MN\r\n")
        assert wakeups(server, "quarry-worker") > before
