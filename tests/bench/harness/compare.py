"""Interleaved rounds of every workload against both servers, and their table."""
import statistics
import sys
import time
from typing import NamedTuple

from .loadgen import LoadGenerator
from .machine import Cores
from .server import Program, Server
from .tables import markdown_table
from .workloads import Workload

PRELOAD_TIMEOUT_SEC = 300
ROUND_TIMEOUT_SEC = 120
PAUSE_AFTER_DISCARD_SEC = 1.0


class Plan(NamedTuple):
    """How many rounds, how long, and which ones count."""

    rounds: int
    seconds: float
    warmup_seconds: float
    min_busy: float  # a round whose server spent less of it on the CPU is discarded
    max_discards: int  # for each workload and server


class Series:
    """The rounds of one server in one workload."""

    def __init__(self, program: Program):
        self.program = program
        self.rounds: list[dict] = []
        self.discarded = 0
        self.preload_errors = 0

    def cpu_us(self) -> list[float]:
        return [r["server_cpu_us_per_request"] for r in self.rounds]

    def median_of(self, *path: str) -> float:
        values = []
        for report in self.rounds:
            for name in path:
                report = report[name]
            values.append(report)
        return statistics.median(values)

    def errors(self) -> int:
        return self.preload_errors + sum(r["errors"]["total"] for r in self.rounds)

    def error_texts(self) -> set[str]:
        return {text for r in self.rounds for text in r["errors"]["texts"]}


class Comparison(NamedTuple):
    """Both servers in one workload."""

    workload: Workload
    baseline: Series
    candidate: Series

    def pairs(self) -> int:
        """How many rounds both servers finished."""
        return min(len(self.baseline.rounds), len(self.candidate.rounds))


def quartiles(values: list[float]) -> tuple[float, float]:
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def play_round(
    generator: LoadGenerator, server: Server, workload: Workload, plan: Plan, seed: int
) -> dict:
    arguments = [*workload.data, *workload.load, "--seed", str(seed)]
    arguments += ["--seconds", str(plan.seconds), "--warmup", str(plan.warmup_seconds)]
    return generator.run(server, arguments, ROUND_TIMEOUT_SEC)["load"]


def play_valid_round(
    generator: LoadGenerator, server: Server, workload: Workload, plan: Plan, series: Series
) -> bool:
    """Adds one round to the series, repeating it where the server was not busy enough; false where
    that happened too often."""
    seed = len(series.rounds) + 1
    while series.discarded <= plan.max_discards:
        report = play_round(generator, server, workload, plan, seed)
        if report["server_busy"] >= plan.min_busy:
            series.rounds.append(report)
            return True
        series.discarded += 1
        time.sleep(PAUSE_AFTER_DISCARD_SEC)
    return False


def compare_workload(
    workload: Workload,
    programs: tuple[Program, Program],
    generator: LoadGenerator,
    cores: Cores,
    plan: Plan,
) -> Comparison:
    """Starts both servers, fills both, and plays their rounds by turns."""
    comparison = Comparison(workload, *(Series(program) for program in programs))
    with (
        Server(programs[0], workload.flags, cores.server) as baseline,
        Server(programs[1], workload.flags, cores.server) as candidate,
    ):
        turns = ((baseline, comparison.baseline), (candidate, comparison.candidate))
        for server, series in turns:
            report = generator.run(
                server, [*workload.data, *workload.preload], PRELOAD_TIMEOUT_SEC
            )
            series.preload_errors = report["preload"]["errors"]["total"]
        for number in range(plan.rounds):
            print(f"{workload.name}: round {number + 1} of {plan.rounds}", file=sys.stderr)
            if not all(
                play_valid_round(generator, server, workload, plan, series)
                for server, series in turns
            ):
                print(
                    f"{workload.name}: given up; the server was not busy: a neighbour has its core,"
                    " or the load generator is too slow (see --min-busy)",
                    file=sys.stderr,
                )
                break
    return comparison


def cpu_cells(series: Series) -> list[str]:
    cpu_us = series.cpu_us()
    low, high = quartiles(cpu_us)
    return [f"{min(cpu_us):.2f}", f"{statistics.median(cpu_us):.2f} ({low:.2f} to {high:.2f})"]


def ratio_cells(comparison: Comparison) -> list[str]:
    baseline, candidate = comparison.baseline.cpu_us(), comparison.candidate.cpu_us()
    low, high = quartiles([c / b for b, c in zip(baseline, candidate)])
    of_medians = statistics.median(candidate) / statistics.median(baseline)
    return [
        f"**{min(candidate) / min(baseline):.2f}**",
        f"{of_medians:.2f} ({low:.2f} to {high:.2f})",
    ]


def cpu_table(comparisons: list[Comparison]) -> str:
    """CPU time of the servers and its ratios."""
    first = comparisons[0]
    head = ["workload"]
    for series in (first.baseline, first.candidate):
        head += [f"{series.program.name}: least µs/request", "median (quartiles)"]
    head += ["ratio of least", "ratio of medians (quartiles of rounds)", "rounds", "discarded"]
    rows = [
        [
            c.workload.title,
            *cpu_cells(c.baseline),
            *cpu_cells(c.candidate),
            *ratio_cells(c),
            str(c.pairs()),
            f"{c.baseline.discarded} and {c.candidate.discarded}",
        ]
        for c in comparisons
        if c.pairs() > 0
    ]
    return markdown_table(head, rows)


def client_table(comparisons: list[Comparison]) -> str:
    """What the clients saw: medians over the rounds, and the sum of errors."""
    rows = []
    for comparison in comparisons:
        if comparison.pairs() == 0:
            continue
        for series in (comparison.baseline, comparison.candidate):
            asked = series.median_of("keys_asked") > 0
            rows.append(
                [
                    comparison.workload.title,
                    series.program.name,
                    f"{series.median_of('requests_per_second'):,.0f}",
                    f"{series.median_of('latency_us', 'p50'):,.0f}",
                    f"{series.median_of('latency_us', 'p99'):,.0f}",
                    f"{series.median_of('latency_us', 'p99.9'):,.0f}",
                    f"{series.median_of('hit_ratio'):.4f}" if asked else "",
                    f"{series.median_of('server_busy'):.0%}",
                    str(series.errors()),
                ]
            )
    head = ["workload", "server", "requests/s", "p50 µs", "p99 µs", "p99.9 µs", "hit ratio"]
    return markdown_table([*head, "server busy", "errors"], rows)


def error_notes(comparisons: list[Comparison]) -> str:
    """What the servers said where they answered with errors."""
    notes = [
        f"* {series.program.name}, {comparison.workload.title}: `{text}`"
        for comparison in comparisons
        for series in (comparison.baseline, comparison.candidate)
        for text in sorted(series.error_texts())
    ]
    return "".join(f"\n{note}" for note in notes)
