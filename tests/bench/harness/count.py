"""What a request costs in things that can be counted, and the limits that hold them.

Instructions, system calls, locks and allocations do not depend on the mood of the machine as times
do. Each workload runs twice against a fresh server, with few requests and with many; the difference
is what the further requests cost, without what starting, filling and connecting did.
"""
import pathlib
import shutil
import sys
import tempfile
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from . import callgrind, syscalls
from .loadgen import LoadGenerator
from .server import Flags, Program, Server
from .tables import markdown_table

RUN_TIMEOUT_SEC = 120
KEYS = ["--keys", "10000", "--key-length", "20:40", "--value-size", "100"]
# Enough for the buffers of all connections to have found their size.
WARM_UP_BURSTS = 400
# Under strace a server is fast enough for so many of each workload, under callgrind it is not.
TRACED_BURSTS = 20_000
# What happens once a second whatever the load, and how differently the preload arrives each time,
# in shares of what is counted.
NOISE = 0.02

Observed = TypeVar("Observed")


class Workload(NamedTuple):
    """What one row counts, and the most instructions that an operation may take.

    A request consists of `operations`: 100 in a get of 100 keys. The load generator sends a burst
    of `pipeline` requests on a connection and the next when all is answered, so that a burst is one
    event for the server: a socket that became readable.
    """

    name: str
    title: str
    load: list[str]
    instruction_limit: int
    data: list[str] = KEYS
    preload: list[str] = ["--preload", "all"]
    flags: Flags = Flags(memory_mb=64, max_connections=256)
    connections: int = 50
    pipeline: int = 1
    operations: int = 1
    profiled_bursts: int = 2000

    def arguments(self, bursts: int) -> list[str]:
        arguments = [*self.data, *self.preload, *self.load, "--no-spin"]
        arguments += ["--connections", str(self.connections), "--pipeline", str(self.pipeline)]
        return [*arguments, "--requests", str(bursts * self.pipeline)]


GETS = ["--ratio", "1:0"]
SETS = ["--ratio", "0:1"]

WORKLOADS = [
    Workload("get", "get, 50 connections", GETS, 1200, profiled_bursts=20_000),
    Workload("get-alone", "get, one connection", GETS, 1310, connections=1, profiled_bursts=20_000),
    Workload("get-pipelined", "get, pipelined by 32", GETS, 615, pipeline=32),
    Workload(
        "multiget",
        "multi-get of 100",
        [*GETS, "--multiget", "100"],
        610,
        operations=100,
        profiled_bursts=600,
    ),
    Workload(
        "meta",
        "32 quiet meta gets and mn",
        [*GETS, "--multiget", "32", "--dialect", "meta"],
        975,
        operations=32,
    ),
    Workload(
        "binary",
        "32 quiet binary gets and noop",
        [*GETS, "--multiget", "32", "--dialect", "binary"],
        715,
        operations=32,
    ),
    Workload("set", "set, 50 connections", SETS, 1535, profiled_bursts=20_000),
    Workload("set-pipelined", "set, pipelined by 32", SETS, 1000, pipeline=32),
    Workload(
        "set-evict",
        "set with eviction, pipelined by 32",
        SETS,
        3015,
        data=["--keys", "400000", "--key-length", "20:40", "--value-size", "100"],
        preload=["--preload", "evict", "--evictions", "5000"],
        flags=Flags(memory_mb=8, max_connections=256),
        pipeline=32,
    ),
]


class Count(NamedTuple):
    """What the measured bursts of one workload did."""

    workload: Workload
    profile: callgrind.Profile
    calls: dict[str, int]

    def per_operation(self, count: int) -> float:
        workload = self.workload
        return count / (workload.profiled_bursts * workload.pipeline * workload.operations)

    def per_event(self, names: set[str]) -> float:
        return sum(self.calls.get(name, 0) for name in names) / TRACED_BURSTS

    def further_calls(self) -> dict[str, float]:
        """Calls for each event of whatever neither reads nor sends nor waits."""
        expected = syscalls.READS | syscalls.SENDS | syscalls.WAITS
        return {
            name: self.per_event({name})
            for name in self.calls
            if name not in expected and self.per_event({name}) > NOISE
        }

    def faults(self) -> list[str]:
        """Which rules are not kept, as sentences."""
        instructions = self.per_operation(self.profile.instructions)
        limit = self.workload.instruction_limit
        faults = []
        if instructions > limit:
            faults.append(f"{instructions:.0f} instructions an operation, at most {limit}")
        # Fewer than one would be locks that callgrind's names do not show.
        profile = self.profile
        rules = ((profile.locks, "locks", 1), (profile.allocations, "allocations", 0))
        for count, what, wanted in rules:
            if abs(self.per_operation(count) - wanted) > NOISE:
                faults.append(f"{self.per_operation(count):.2f} {what} an operation, not {wanted}")
        for names, what in ((syscalls.READS, "reads"), (syscalls.SENDS, "sends")):
            if abs(self.per_event(names) - 1) > NOISE:
                faults.append(f"{self.per_event(names):.2f} {what} an event, not 1")
        if self.per_event(syscalls.WAITS) > 1 + NOISE:
            faults.append(f"{self.per_event(syscalls.WAITS):.2f} waits an event, at most 1")
        faults += [f"{n:.2f} {name} an event, not 0" for name, n in self.further_calls().items()]
        return [f"{self.workload.name}: {fault}" for fault in faults]


def observe(
    observer: Callable[[pathlib.Path], tuple[str, ...]],
    read: Callable[[pathlib.Path], Observed],
    program: Program,
    workload: Workload,
    bursts: int,
    generator: LoadGenerator,
) -> Observed:
    """Runs so many bursts of a workload against a server that is watched; what was seen of it from
    start to end."""
    with tempfile.TemporaryDirectory(prefix="quarry-count-") as name:
        output = pathlib.Path(name) / "observed"
        with Server(program, workload.flags, None, observer(output)) as server:
            generator.run(server, workload.arguments(bursts), RUN_TIMEOUT_SEC)
        return read(output)


def count_workload(
    program: Program, workload: Workload, generator: LoadGenerator, keep: pathlib.Path | None
) -> Count:
    """Counts a workload's cost; where `keep` is a directory, callgrind's file on the longer run is
    left there."""
    print(f"counting {workload.name}", file=sys.stderr)

    def read_profile(output: pathlib.Path) -> callgrind.Profile:
        if keep is not None:
            shutil.copy(output, keep / f"callgrind.{workload.name}")
        return callgrind.read_profile(output)

    profiles = [
        observe(callgrind.observer, read_profile, program, workload, bursts, generator)
        for bursts in (WARM_UP_BURSTS, WARM_UP_BURSTS + workload.profiled_bursts)
    ]
    calls = [
        observe(syscalls.observer, syscalls.read_calls, program, workload, bursts, generator)
        for bursts in (WARM_UP_BURSTS, WARM_UP_BURSTS + TRACED_BURSTS)
    ]
    return Count(workload, profiles[1].since(profiles[0]), syscalls.since(calls[1], calls[0]))


def two_digits(number: float) -> str:
    return f"{max(number, 0.0):.2f}"  # below nothing is what the preload did otherwise


def count_table(counts: list[Count]) -> str:
    head = ["workload", "instructions", "at most", "locks", "allocations", "reads an event"]
    head += ["sends an event", "waits an event", "other calls an event"]
    rows = []
    for count in counts:
        further = [f"{two_digits(each)} {name}" for name, each in count.further_calls().items()]
        rows.append(
            [
                count.workload.title,
                f"{count.per_operation(count.profile.instructions):.0f}",
                str(count.workload.instruction_limit),
                two_digits(count.per_operation(count.profile.locks)),
                two_digits(count.per_operation(count.profile.allocations)),
                two_digits(count.per_event(syscalls.READS)),
                two_digits(count.per_event(syscalls.SENDS)),
                two_digits(count.per_event(syscalls.WAITS)),
                ", ".join(further) or "none",
            ]
        )
    return markdown_table(head, rows)
