"""Latencies at a rate that both servers sustain: half of what memcached is able to at most."""
import contextlib
import statistics
import sys
from typing import NamedTuple

from .compare_tables import quartiles
from .errors import BenchError
from .loadgen import LoadGenerator
from .machine import Cores
from .server import Program, Server
from .tables import markdown_table
from .workloads import Workload, select

WORKLOADS = ["get-heavy", "zipf"]
PERCENTILES = ["p50", "p99", "p99.9"]
PRELOAD_TIMEOUT_SEC = 300
ROUND_TIMEOUT_SEC = 120
SATURATION_ROUNDS = 3
SHARE_OF_SATURATION = 0.5
# A round that answered less of what was due than this met a server or a client that had no core.
LEAST_SHARE_ANSWERED = 0.98


class Plan(NamedTuple):
    rounds: int
    seconds: float
    warmup_seconds: float
    max_discards: int  # for each workload and server


class Latencies:
    """The rounds of one server in one workload."""

    def __init__(self, program: Program):
        self.program = program
        self.rounds: list[dict] = []
        self.discarded = 0

    def of(self, percentile: str) -> list[float]:
        """Microseconds, a figure for each round."""
        return [report["latency_us"][percentile] for report in self.rounds]

    def errors(self) -> int:
        return sum(report["errors"]["total"] for report in self.rounds)


class Comparison(NamedTuple):
    workload: Workload
    rate: int  # requests a second
    baseline: Latencies
    candidate: Latencies
    floor: Latencies

    def contestants(self) -> tuple[Latencies, ...]:
        return self.baseline, self.candidate, self.floor


def play_round(
    generator: LoadGenerator, server: Server, workload: Workload, plan: Plan, further: list[str]
) -> dict:
    arguments = [*workload.data, *workload.load, *further]
    arguments += ["--seconds", str(plan.seconds), "--warmup", str(plan.warmup_seconds)]
    return generator.run(server, arguments, ROUND_TIMEOUT_SEC)["load"]


def play_at_rate(
    generator: LoadGenerator,
    server: Server,
    workload: Workload,
    plan: Plan,
    rate: int,
    latencies: Latencies,
) -> None:
    further = ["--rate", str(rate), "--seed", str(len(latencies.rounds) + 1)]
    while latencies.discarded <= plan.max_discards:
        report = play_round(generator, server, workload, plan, further)
        if report["requests_per_second"] >= LEAST_SHARE_ANSWERED * rate:
            latencies.rounds.append(report)
            return
        latencies.discarded += 1
    raise BenchError(
        f"{workload.name}: {latencies.program.name} or the load generator does not keep up with"
        f" {rate:,} requests a second; has a neighbour its core?"
    )


def compare_workload(
    workload: Workload,
    programs: tuple[Program, Program, Program],
    generator: LoadGenerator,
    cores: Cores,
    plan: Plan,
) -> Comparison:
    """Finds the rate with the first server, and plays all rounds at it by turns."""
    with contextlib.ExitStack() as running:
        servers = [
            running.enter_context(Server(program, workload.flags, cores.server))
            for program in programs
        ]
        for server in servers:
            if server.program.keeps_values:
                generator.run(server, [*workload.data, *workload.preload], PRELOAD_TIMEOUT_SEC)
        saturation = statistics.median(
            play_round(generator, servers[0], workload, plan, [])["requests_per_second"]
            for _ in range(SATURATION_ROUNDS)
        )
        rate = int(saturation * SHARE_OF_SATURATION)
        comparison = Comparison(workload, rate, *(Latencies(program) for program in programs))
        for number in range(plan.rounds):
            print(f"{workload.name}: round {number + 1} of {plan.rounds}", file=sys.stderr)
            for server, latencies in zip(servers, comparison.contestants()):
                play_at_rate(generator, server, workload, plan, rate, latencies)
    return comparison


def compare_latencies(
    programs: tuple[Program, Program, Program],
    generator: LoadGenerator,
    cores: Cores,
    plan: Plan,
) -> list[Comparison]:
    """Both servers, and the floor, which sleeps here as they do."""
    return [
        compare_workload(workload, programs, generator, cores, plan)
        for workload in select(WORKLOADS)
    ]


def cell(figures: list[float]) -> str:
    low, high = quartiles(figures)
    return f"{min(figures):,.0f}; {statistics.median(figures):,.0f} ({low:,.0f} to {high:,.0f})"


def latency_table(comparisons: list[Comparison]) -> str:
    head = ["workload", "requests/s", "server"]
    head += [f"{percentile} µs: least; median (quartiles)" for percentile in PERCENTILES]
    head += ["errors", "discarded"]
    rows = [
        [
            comparison.workload.title,
            f"{comparison.rate:,}",
            latencies.program.name,
            *(cell(latencies.of(percentile)) for percentile in PERCENTILES),
            str(latencies.errors()),
            str(latencies.discarded),
        ]
        for comparison in comparisons
        for latencies in comparison.contestants()
    ]
    return markdown_table(head, rows)


def ratio_cells(mine: Latencies, theirs: Latencies) -> list[str]:
    cells = []
    for percentile in PERCENTILES:
        above, below = mine.of(percentile), theirs.of(percentile)
        of_medians = statistics.median(above) / statistics.median(below)
        cells.append(f"**{min(above) / min(below):.2f}**; {of_medians:.2f}")
    return cells


def ratio_table(comparisons: list[Comparison]) -> str:
    head = ["workload", "ratio"]
    head += [f"{percentile}: of least; of medians" for percentile in PERCENTILES]
    rows = [
        [
            comparison.workload.title,
            f"{mine.program.name} / {theirs.program.name}",
            *ratio_cells(mine, theirs),
        ]
        for comparison in comparisons
        for mine, theirs in (
            (comparison.candidate, comparison.baseline),
            (comparison.candidate, comparison.floor),
            (comparison.floor, comparison.baseline),
        )
    ]
    return markdown_table(head, rows)
