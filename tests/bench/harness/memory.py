"""How many items each server keeps within the same memory, by the size of the values."""
import math
import re
import sys
from typing import NamedTuple

from .errors import BenchError
from .loadgen import LoadGenerator
from .machine import Cores
from .server import Flags, Memory, Program, Server
from .tables import markdown_table

FILL_TIMEOUT_SEC = 900
MAX_KEYS = 100_000_000
LONGEST_KEY_BYTES = 250
ITEM_OVERHEAD_BYTES = 59  # what both servers add to key and value against -I
MOST_KEYS_PER_GET = 100
MIB = 1 << 20

# The fill ends when the server has evicted this share of the items that it holds.
EVICTED_SHARE = 1 / 8
EVICTED_SHARE_TEXT = "an eighth as many items as it held"
TTL_SEC = 86_400

FIXED_SIZES = [10, 50, 100, 500, 1000, 4000, 9000, 12_000, 17_000, 22_000, 33_000, 43_000, 60_000]
FIXED_SIZES += [100_000, 500_000, 1_048_000]
SIZES_WITH_TTL = (10, 100, 1000)


class Values(NamedTuple):
    """The values of one row: what to call them, and how the load generator is to make them."""

    title: str
    sizes: str
    ttl_sec: int = 0

    def largest_bytes(self) -> int:
        """The largest size: the last number of the description, whatever its shape."""
        last = self.sizes.rpartition(":")[2]
        if not re.fullmatch(r"[1-9][0-9]{0,8}", last, re.ASCII):
            raise BenchError(f"--value-size: '{self.sizes}' does not end with a size in bytes")
        return int(last)


def flags_for(rows: list[Values], memory_mb: int) -> Flags:
    """The flags of all rows: -I is the least in whole megabytes that takes every value."""
    largest = max(values.largest_bytes() for values in rows)
    item_limit_mb = math.ceil((largest + LONGEST_KEY_BYTES + ITEM_OVERHEAD_BYTES) / MIB)
    return Flags(memory_mb=memory_mb, item_limit=f"{item_limit_mb}m")


# The value sizes of the ETC pool at Facebook: Atikoglu and others, "Workload analysis of a
# large-scale key-value store", SIGMETRICS 2012.
ETC_LIKE = Values("ETC-like", "pareto:214.476:0.348238:8:500000")
TWITTER_LIKE = Values("Twitter-like", "lognormal:230:1.3:8:500000")
MIXES_TEXT = (
    "The ETC-like mix is a generalised Pareto distribution of scale 214.476 and shape 0.348238:"
    " half of its values have at most 168 bytes, one in a hundred more than 2400. The Twitter-like"
    " mix is log-normal, with a median of 230 bytes and a sigma of 1.3: one value in a hundred has"
    " more than 4700. Both are cut at 8 and 500,000 bytes."
)


def all_values() -> list[Values]:
    """The rows of the whole table."""
    rows = []
    for size in FIXED_SIZES:
        rows.append(Values(f"{size:,}", str(size)))
        if size in SIZES_WITH_TTL:
            rows.append(rows[-1]._replace(ttl_sec=TTL_SEC))
    return [*rows, ETC_LIKE, TWITTER_LIKE]


class Fill(NamedTuple):
    """How a server is filled, whatever the values."""

    flags: Flags
    key_length: str
    max_keys: int
    evictions: int | None  # where the fill ends; by default at EVICTED_SHARE

    def end(self) -> list[str]:
        if self.evictions is None:
            return ["--evicted-share", str(EVICTED_SHARE)]
        return ["--evictions", str(self.evictions)]

    def end_text(self) -> str:
        if self.evictions is None:
            return EVICTED_SHARE_TEXT
        return f"{self.evictions:,} items"


class Kept(NamedTuple):
    """What a server still held after the fill. Counted by asking for every key, not taken from
    the server's statistics."""

    items: int
    item_bytes: int  # keys and values
    memory: Memory
    errors: int
    error_texts: dict[str, int]


class Row(NamedTuple):
    """Both servers with the same values."""

    values: Values
    baseline: Kept
    candidate: Kept


def fill_and_count(
    program: Program, values: Values, fill: Fill, generator: LoadGenerator, cores: Cores
) -> Kept:
    data = ["--key-length", fill.key_length, "--value-size", values.sizes, "--verify"]
    with Server(program, fill.flags, cores.server) as server:
        store = ["--keys", str(fill.max_keys), "--ttl", str(values.ttl_sec)]
        store += ["--preload", "evict", *fill.end()]
        filled = generator.run(server, [*data, *store], FILL_TIMEOUT_SEC)["preload"]
        memory = server.memory()
        keys_set = filled["sets"]
        # A number that divides the keys, so that each is asked for exactly once.
        keys_per_get = math.gcd(keys_set, MOST_KEYS_PER_GET)
        read = ["--keys", str(keys_set), "--pattern", "sequential", "--ratio", "1:0"]
        read += ["--connections", "4", "--multiget", str(keys_per_get)]
        read += ["--requests", str(keys_set // keys_per_get)]
        found = generator.run(server, [*data, *read], FILL_TIMEOUT_SEC)["load"]
    texts: dict[str, int] = {}
    for report in (filled, found):
        for text, count in report["errors"]["texts"].items():
            texts[text] = texts.get(text, 0) + count
    return Kept(
        found["hits"],
        found["hit_key_bytes"] + found["hit_value_bytes"],
        memory,
        filled["errors"]["total"] + found["errors"]["total"],
        texts,
    )


def measure(
    rows: list[Values],
    programs: tuple[Program, Program],
    fill: Fill,
    generator: LoadGenerator,
    cores: Cores,
) -> list[Row]:
    """Fills one server after the other with the values of each row."""
    results = []
    for values in rows:
        ttl = f" with a TTL of {values.ttl_sec} s" if values.ttl_sec else ""
        print(f"memory: values of {values.title} bytes{ttl}", file=sys.stderr)
        kept = (fill_and_count(program, values, fill, generator, cores) for program in programs)
        results.append(Row(values, *kept))
    return results


def both(row: Row, cell) -> list[str]:
    return [cell(row.baseline), cell(row.candidate)]


def memory_table(programs: tuple[Program, Program], rows: list[Row]) -> str:
    """A row for each kind of values, the servers side by side."""
    names = [program.name for program in programs]
    head = ["value bytes", "TTL", *(f"{name}: items" for name in names), "ratio of items"]
    for what in ("key + value MiB", "RSS MiB", "key + value / RSS", "errors"):
        head += [f"{name}: {what}" for name in names]
    table = [
        [
            row.values.title,
            f"{row.values.ttl_sec:,} s" if row.values.ttl_sec else "none",
            *both(row, lambda kept: f"{kept.items:,}"),
            f"**{row.candidate.items / max(row.baseline.items, 1):.3f}**",
            *both(row, lambda kept: f"{kept.item_bytes / MIB:.1f}"),
            *both(row, lambda kept: f"{kept.memory.rss_bytes / MIB:.1f}"),
            *both(row, lambda kept: f"{kept.item_bytes / kept.memory.rss_bytes:.3f}"),
            *both(row, lambda kept: str(kept.errors)),
        ]
        for row in rows
    ]
    return markdown_table(head, table) + error_notes(names, rows)


def error_notes(names: list[str], rows: list[Row]) -> str:
    """What the servers said where they answered with errors."""
    notes = [
        f"* {name}, values of {row.values.title} bytes: {count} times `{text}`"
        for row in rows
        for name, kept in zip(names, (row.baseline, row.candidate))
        for text, count in sorted(kept.error_texts.items())
    ]
    return "\n\n" + "\n".join(notes) if notes else ""
