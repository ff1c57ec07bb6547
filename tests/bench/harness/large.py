"""Whether large values still find room once memory is full of small ones."""
import hashlib
import random
from typing import NamedTuple

from .loadgen import LoadGenerator
from .machine import Cores
from .server import Flags, Memory, Program, Server
from .tables import markdown_table

FLAGS = Flags(memory_mb=512, item_limit="50m")
FILL = ["--keys", "2000000", "--value-size", "1000", "--preload", "evict", "--evictions", "50000"]
FILL_TIMEOUT_SEC = 300
REPLY_TIMEOUT_SEC = 60
VALUE_BYTES = [400_000, 1_000_000, 5_000_000, 10_000_000, 25_000_000, 49_000_000]
MIB = 1 << 20
RSS_LIMIT_BYTES = int(1.03 * FLAGS.memory_mb * MIB) + 24 * MIB


class Outcome(NamedTuple):
    """Of the sets of one size: how many were stored, and how many came back unchanged."""

    stored: int
    intact: int


class Result(NamedTuple):
    program: Program
    outcomes: dict[int, Outcome]
    memory: Memory
    replies: dict[str, int]  # what was said instead of STORED


class Client:
    """One connection that sets a value and reads it back."""

    def __init__(self, server: Server):
        self._socket = server.connect(REPLY_TIMEOUT_SEC)
        self._input = self._socket.makefile("rb")

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self._input.close()
        self._socket.close()

    def set(self, key: str, value: bytes) -> str:
        """The server's reply line."""
        self._socket.sendall(f"set {key} 0 0 {len(value)}\r\n".encode())
        self._socket.sendall(value)
        self._socket.sendall(b"\r\n")
        return self._input.readline().decode().strip()

    def get(self, key: str) -> bytes | None:
        """The value, or nothing where the key is not found."""
        self._socket.sendall(f"get {key}\r\n".encode())
        head = self._input.readline().split()
        if not head or head[0] != b"VALUE":
            return None
        value_bytes = int(head[3])
        value = self._input.read(value_bytes)
        closing = self._input.read(len(b"\r\nEND\r\n"))
        return value if closing == b"\r\nEND\r\n" else None


def value_for(key: str, value_bytes: int) -> bytes:
    """A value that differs between keys in every stretch of it."""
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    return random.Random(seed).randbytes(value_bytes)


def store_and_read(
    server: Server, value_bytes: int, count: int, replies: dict[str, int]
) -> Outcome:
    stored = intact = 0
    for number in range(count):
        key = f"large-{value_bytes}-{number}"
        value = value_for(key, value_bytes)
        # A connection of its own: an error may leave the rest of a value behind on the old one.
        with Client(server) as client:
            try:
                reply = client.set(key, value)
            except OSError as error:
                reply = f"connection lost: {error.strerror}"
            if reply != "STORED":
                replies[reply] = replies.get(reply, 0) + 1
                continue
            stored += 1
            intact += client.get(key) == value
    return Outcome(stored, intact)


def try_large_values(
    program: Program, count: int, generator: LoadGenerator, cores: Cores
) -> Result:
    replies: dict[str, int] = {}
    with Server(program, FLAGS, cores.server) as server:
        generator.run(server, FILL, FILL_TIMEOUT_SEC)
        outcomes = {
            value_bytes: store_and_read(server, value_bytes, count, replies)
            for value_bytes in VALUE_BYTES
        }
        return Result(program, outcomes, server.memory(), replies)


def large_table(results: list[Result], count: int) -> str:
    head = ["server"] + [f"{value_bytes / 1e6:g} MB" for value_bytes in VALUE_BYTES]
    head += ["RSS MiB", "peak RSS MiB", f"within {RSS_LIMIT_BYTES / MIB:.0f} MiB"]
    rows = []
    for result in results:
        cells = [
            f"{outcome.stored} stored, {outcome.intact} intact of {count}"
            for outcome in result.outcomes.values()
        ]
        rows.append(
            [
                result.program.name,
                *cells,
                f"{result.memory.rss_bytes / MIB:.1f}",
                f"{result.memory.peak_rss_bytes / MIB:.1f}",
                "yes" if result.memory.peak_rss_bytes <= RSS_LIMIT_BYTES else "no",
            ]
        )
    notes = "".join(
        f"\n* {result.program.name} answered {times} times: `{reply}`"
        for result in results
        for reply, times in sorted(result.replies.items())
    )
    return markdown_table(head, rows) + ("\n" + notes if notes else "")
