"""The workloads of the comparison, one entry each."""
from typing import NamedTuple

from .server import Flags

SMALL_KEYS = ["--key-length", "20:40", "--value-size", "100"]
MILLION_KEYS = ["--keys", "1000000", *SMALL_KEYS]
THIRTY_KILOBYTES = ["--keys", "10000", "--key-length", "20:40", "--value-size", "30000"]
FLOOR_OF_THIRTY_KILOBYTES = ["--value-size", "30000"]
ONE_MEGABYTE = ["--keys", "200", "--key-length", "20:40", "--value-size", "1000000"]
FLOOR_OF_ONE_MEGABYTE = ["--value-size", "1000000"]
# Nothing else is in the memory, neither here nor above.
TWENTY_MEGABYTES = ["--keys", "20", "--key-length", "20:40", "--value-size", "20000000"]
FLOOR_OF_TWENTY_MEGABYTES = ["--value-size", "20000000"]


class Workload(NamedTuple):
    """What one row of the table measures.

    `data` describes keys and values, for the preload and the load alike; `preload` and `load` are
    the load generator's further arguments in each phase. `floor` tells the floor what its
    replies are where they are not single values of 100 bytes.
    """

    name: str
    title: str
    data: list[str]
    load: list[str]
    preload: list[str] = ["--preload", "all"]
    flags: Flags = Flags()
    floor: list[str] = []
    floor_memory_mb: int = 0  # where values are large: what all of them take together

    def floor_arguments(self, memory: bool) -> tuple[str, ...]:
        spread = ["--memory-mb", str(self.floor_memory_mb)]
        return (*self.floor, *(spread if memory and self.floor_memory_mb else []))


WORKLOADS = [
    Workload(
        name="get-heavy",
        title="90:10 get:set, 100 B, 50 connections",
        data=MILLION_KEYS,
        load=["--connections", "50", "--ratio", "9:1"],
    ),
    Workload(
        name="pipelined",
        title="the same, pipelined by 32",
        data=MILLION_KEYS,
        load=["--connections", "50", "--ratio", "9:1", "--pipeline", "32"],
    ),
    Workload(
        name="multiget",
        title="multi-get of 100 keys, 100 B",
        data=MILLION_KEYS,
        load=["--connections", "50", "--ratio", "1:0", "--multiget", "100"],
        floor=["--multiget", "100"],
    ),
    Workload(
        name="meta",
        title="32 quiet meta gets and mn, 100 B",
        data=MILLION_KEYS,
        load=["--connections", "50", "--ratio", "1:0", "--multiget", "32", "--dialect", "meta"],
    ),
    Workload(
        name="binary",
        title="32 quiet binary gets and noop, 100 B",
        data=MILLION_KEYS,
        load=["--connections", "50", "--ratio", "1:0", "--multiget", "32", "--dialect", "binary"],
    ),
    Workload(
        name="set-evict",
        title="set with eviction, 100 B, pipelined by 32",
        data=["--keys", "8000000", *SMALL_KEYS],
        preload=["--preload", "evict", "--evictions", "200000"],
        load=["--connections", "50", "--ratio", "0:1", "--pipeline", "32"],
        flags=Flags(memory_mb=256),
    ),
    Workload(
        name="get-30kb",
        title="get of 30 KB, 50 connections",
        data=THIRTY_KILOBYTES,
        load=["--connections", "50", "--ratio", "1:0"],
        floor=FLOOR_OF_THIRTY_KILOBYTES,
        floor_memory_mb=300,
    ),
    Workload(
        name="set-30kb",
        title="set of 30 KB, 50 connections",
        data=THIRTY_KILOBYTES,
        load=["--connections", "50", "--ratio", "0:1"],
        floor=FLOOR_OF_THIRTY_KILOBYTES,
        floor_memory_mb=300,
    ),
    Workload(
        name="get-1mb",
        title="get of 1 MB, 8 connections",
        data=ONE_MEGABYTE,
        load=["--connections", "8", "--ratio", "1:0"],
        floor=FLOOR_OF_ONE_MEGABYTE,
        floor_memory_mb=200,
    ),
    Workload(
        name="set-1mb",
        title="set of 1 MB, 8 connections",
        data=ONE_MEGABYTE,
        load=["--connections", "8", "--ratio", "0:1"],
        floor=FLOOR_OF_ONE_MEGABYTE,
        floor_memory_mb=200,
    ),
    Workload(
        name="get-20mb",
        title="get of 20 MB, 8 connections",
        data=TWENTY_MEGABYTES,
        load=["--connections", "8", "--ratio", "1:0"],
        flags=Flags(item_limit="32m"),
        floor=FLOOR_OF_TWENTY_MEGABYTES,
        floor_memory_mb=400,
    ),
    Workload(
        name="set-20mb",
        title="set of 20 MB, 8 connections",
        data=TWENTY_MEGABYTES,
        load=["--connections", "8", "--ratio", "0:1"],
        flags=Flags(item_limit="32m"),
        floor=FLOOR_OF_TWENTY_MEGABYTES,
        floor_memory_mb=400,
    ),
    Workload(
        name="zipf",
        title="90:10, Zipf .99, 1000 connections",
        data=MILLION_KEYS,
        load=["--connections", "1000", "--ratio", "9:1", "--pattern", "zipf:0.99"],
    ),
]


def select(names: list[str] | None) -> list[Workload]:
    """The workloads of these names, or all."""
    return [w for w in WORKLOADS if not names or w.name in names]
