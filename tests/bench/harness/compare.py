"""Interleaved rounds of every workload against both servers and the floor."""
import contextlib
import statistics
import sys
import time
from typing import NamedTuple

from .loadgen import LoadGenerator
from .machine import Cores
from .server import Program, Server
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
    floor_memory: bool  # spread the floor's large values over memory

    def __str__(self) -> str:
        return (
            f"{self.rounds} rounds of {self.seconds:g} s each, by turns, with the server busy for"
            f" at least {self.min_busy:.0%}"
        )

    def floor_place(self) -> str:
        return "as much memory as they take" if self.floor_memory else "the processor's cache"


class Series:
    """The rounds of one server in one workload."""

    def __init__(self, program: Program):
        self.program = program
        self.rounds: list[dict] = []
        self.discarded = 0
        self.preload_errors = 0

    def cpu_us(self) -> list[float]:
        return [r["server_cpu_us_per_request"] for r in self.rounds]

    def least_cpu_us(self) -> float:
        return min(self.cpu_us())

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
    """All contestants in one workload."""

    workload: Workload
    baseline: Series
    candidate: Series
    floor: Series | None = None

    def contestants(self) -> tuple[Series, ...]:
        return self.servers() + ((self.floor,) if self.floor else ())

    def servers(self) -> tuple[Series, Series]:
        """Those that keep what they are told."""
        return self.baseline, self.candidate

    def complete_rounds(self) -> int:
        """How many rounds all contestants finished."""
        return min(len(series.rounds) for series in self.contestants())


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
        if report["server_busy"] >= plan.min_busy and report["requests"] > 0:
            series.rounds.append(report)
            return True
        series.discarded += 1
        time.sleep(PAUSE_AFTER_DISCARD_SEC)
    return False


def compare_workload(
    workload: Workload,
    programs: tuple[Program, Program],
    floor: Program | None,
    generator: LoadGenerator,
    cores: Cores,
    plan: Plan,
) -> Comparison:
    """Starts all contestants, fills those that can be filled, and plays their rounds by turns."""
    comparison = Comparison(workload, *(Series(program) for program in programs))
    if floor is not None:
        shaped = floor._replace(extra_arguments=workload.floor_arguments(plan.floor_memory))
        comparison = comparison._replace(floor=Series(shaped))
    with contextlib.ExitStack() as running:
        turns = [
            (running.enter_context(Server(series.program, workload.flags, cores.server)), series)
            for series in comparison.contestants()
        ]
        for server, series in turns:
            if series.program.keeps_values:
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
