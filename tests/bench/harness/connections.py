"""What an idle connection costs: memory of the server in user space, CPU time, wake-ups."""
import contextlib
import resource
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

from .errors import BenchError
from .machine import Cores
from .server import Flags, Program, Server
from .tables import markdown_table
from .usage import anonymous_bytes, usage_of

TIMEOUT_SEC = 10
SPARE_DESCRIPTORS = 100
PLAIN_FOR_EACH_TLS = 10  # a handshake takes the client long
KEY = "key-of-every-connection"
VALUE = b"v" * 100
SET = f"set {KEY} 0 0 {len(VALUE)}\r\n".encode() + VALUE + b"\r\n"
GET = f"get {KEY}\r\n".encode()
FOUND = f"VALUE {KEY} 0 {len(VALUE)}\r\n".encode() + VALUE + b"\r\nEND\r\n"


class Plan(NamedTuple):
    """How many connections, how often, and how long they are watched."""

    count: int
    rounds: int
    idle_seconds: float

    def flags(self, certificate: str = "") -> Flags:
        return Flags(
            memory_mb=64,
            max_connections=self.count + SPARE_DESCRIPTORS,
            certificate=certificate,
        )


class Idleness(NamedTuple):
    """A second without requests."""

    cpu_us: float
    wakeups: float


class Round(NamedTuple):
    """One server, started for this round, with all connections and before them with one."""

    bytes_each: float
    one: Idleness
    all: Idleness


class Series(NamedTuple):
    program: Program
    connections: str  # of what kind
    plan: Plan
    rounds: list[Round]


def allow_descriptors(count: int) -> None:
    """Lets this process, and the servers that it starts, have so many descriptors."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count:
        raise BenchError(f"{count} descriptors are needed, and the hard limit is {hard}")
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def ask(connection: socket.socket, request: bytes, reply: bytes) -> None:
    """Has one request answered, as it should be."""
    connection.sendall(request)
    received = b""
    while len(received) < len(reply):
        part = connection.recv(len(reply) - len(received))
        if not part:
            break
        received += part
    if received != reply:
        raise BenchError(f"the server answered {received[:80]!r} to {request!r}")


@contextlib.contextmanager
def idle_connections(server: Server, count: int) -> Iterator[None]:
    """So many connections, each of which has had one request answered."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            connection = stack.enter_context(server.connect(TIMEOUT_SEC))
            ask(connection, GET, FOUND)
        yield


def watch(server: Server, seconds: float) -> Idleness:
    """What the server does while nobody asks."""
    before, begin = usage_of(server.pid), time.monotonic()
    time.sleep(seconds)
    used, elapsed = usage_of(server.pid).since(before), time.monotonic() - begin
    return Idleness(used.cpu_ns / 1000 / elapsed, used.wakeups / elapsed)


def play_round(program: Program, plan: Plan, certificate: str, cores: Cores) -> Round:
    with (
        Server(program, plan.flags(certificate), cores.server) as server,
        server.connect(TIMEOUT_SEC) as first,
    ):
        ask(first, SET, b"STORED\r\n")
        ask(first, GET, FOUND)
        one = watch(server, plan.idle_seconds)
        bytes_before = anonymous_bytes(server.pid)
        with idle_connections(server, plan.count):
            # Whoever gives back buffers after a while has had that while when memory is looked at.
            everyone = watch(server, plan.idle_seconds)
            bytes_each = (anonymous_bytes(server.pid) - bytes_before) / plan.count
        return Round(bytes_each, one, everyone)


def measure(
    programs: tuple[Program, Program], connections: str, plan: Plan, certificate: str, cores: Cores
) -> list[Series]:
    """Rounds of the servers by turns, each with a server of its own."""
    allow_descriptors(plan.count + SPARE_DESCRIPTORS)
    results = [Series(program, connections, plan, []) for program in programs]
    for number in range(plan.rounds):
        print(f"connections, {connections}: round {number + 1} of {plan.rounds}", file=sys.stderr)
        for series in results:
            series.rounds.append(play_round(series.program, plan, certificate, cores))
    return results


def spread(figures: list[float]) -> str:
    return f"{statistics.median(figures):,.0f} ({min(figures):,.0f} to {max(figures):,.0f})"


def connections_table(results: list[Series]) -> str:
    head = ["connections", "server", "bytes each: median (least to most)"]
    for what in ("CPU µs a second", "wake-ups a second"):
        head += [f"{what}, one connection", "all"]
    rows = [
        [
            f"{series.plan.count:,} {series.connections}",
            series.program.name,
            spread([each.bytes_each for each in series.rounds]),
            spread([each.one.cpu_us for each in series.rounds]),
            spread([each.all.cpu_us for each in series.rounds]),
            f"{statistics.median(each.one.wakeups for each in series.rounds):.1f}",
            f"{statistics.median(each.all.wakeups for each in series.rounds):.1f}",
        ]
        for series in results
    ]
    return markdown_table(head, rows)
