"""How many items each server keeps within the same memory."""
import math
from typing import NamedTuple

from .loadgen import LoadGenerator
from .machine import Cores
from .server import Flags, Memory, Program, Server
from .tables import markdown_table

FILL_TIMEOUT_SEC = 900
KEYS_PER_GET = 100
MIB = 1 << 20


class Data(NamedTuple):
    """What the server is filled with."""

    memory_mb: int
    key_length: str
    value_size: str
    max_keys: int
    evictions: int  # the fill ends when the server has evicted so many items

    def arguments(self, key_count: int) -> list[str]:
        arguments = ["--keys", str(key_count), "--key-length", self.key_length]
        return [*arguments, "--value-size", self.value_size, "--verify"]


class Kept(NamedTuple):
    """What a server still held after the fill. Counted by asking for every key, not taken from
    the server's statistics."""

    program: Program
    keys_set: int
    items: int
    item_bytes: int  # keys and values
    memory: Memory
    errors: int


def fill_and_count(
    program: Program, data: Data, generator: LoadGenerator, cores: Cores
) -> Kept:
    with Server(program, Flags(memory_mb=data.memory_mb), cores.server) as server:
        fill = ["--preload", "evict", "--evictions", str(data.evictions)]
        filled = generator.run(
            server, [*data.arguments(data.max_keys), *fill], FILL_TIMEOUT_SEC
        )["preload"]
        memory = server.memory()
        keys_set = filled["sets"]
        read = ["--pattern", "sequential", "--ratio", "1:0", "--connections", "4"]
        read += ["--multiget", str(KEYS_PER_GET)]
        read += ["--requests", str(math.ceil(keys_set / KEYS_PER_GET))]
        found = generator.run(server, [*data.arguments(keys_set), *read], FILL_TIMEOUT_SEC)["load"]
        # The last request wraps around and asks some of the first keys again: the oldest, which
        # were evicted long ago wherever anything was evicted.
        return Kept(
            program,
            keys_set,
            found["hits"],
            found["hit_key_bytes"] + found["hit_value_bytes"],
            memory,
            filled["errors"]["total"] + found["errors"]["total"],
        )


def memory_table(results: list[Kept]) -> str:
    """The servers side by side, with what each keeps more than the first."""
    head = ["server", "keys set", "items kept", f"against {results[0].program.name}"]
    head += ["key + value MiB", "RSS MiB", "peak RSS MiB", "key + value / RSS", "errors"]
    rows = [
        [
            kept.program.name,
            f"{kept.keys_set:,}",
            f"{kept.items:,}",
            f"{kept.items / max(results[0].items, 1) - 1:+.1%}",
            f"{kept.item_bytes / MIB:.1f}",
            f"{kept.memory.rss_bytes / MIB:.1f}",
            f"{kept.memory.peak_rss_bytes / MIB:.1f}",
            f"{kept.item_bytes / kept.memory.rss_bytes:.3f}",
            str(kept.errors),
        ]
        for kept in results
    ]
    return markdown_table(head, rows)
