"""What a second worker costs: CPU time per request of each server with one worker and with two,
where server and load generator share the same two cores."""
import contextlib
import statistics
import sys
from typing import NamedTuple

from .compare import PRELOAD_TIMEOUT_SEC, Plan, Series, play_valid_round
from .compare_tables import cpu_cells
from .errors import BenchError
from .loadgen import LoadGenerator
from .server import Program, Server
from .tables import markdown_table
from .workloads import Workload, select

WORKLOADS = ["get-heavy", "pipelined", "zipf"]
WORKERS = (1, 2)


class Pair(NamedTuple):
    """One server in one workload."""

    workload: Workload
    one: Series
    two: Series

    def ratios(self) -> tuple[float, float]:
        """What two workers take of what one does: by the least figures, and by the medians."""
        least = self.two.least_cpu_us() / self.one.least_cpu_us()
        return least, statistics.median(self.two.cpu_us()) / statistics.median(self.one.cpu_us())


def measure(
    workload: Workload, programs: tuple[Program, Program], generator: LoadGenerator, plan: Plan
) -> list[Pair]:
    """Rounds of all servers by turns. They may run on any core, the generator on its own."""
    pairs = [Pair(workload, Series(program), Series(program)) for program in programs]
    with contextlib.ExitStack() as running:
        turns = []
        for pair in pairs:
            for count, series in zip(WORKERS, (pair.one, pair.two)):
                flags = workload.flags._replace(workers=count)
                server = running.enter_context(Server(series.program, flags, None))
                generator.run(server, [*workload.data, *workload.preload], PRELOAD_TIMEOUT_SEC)
                turns.append((server, series))
        for number in range(plan.rounds):
            print(f"{workload.name}: round {number + 1} of {plan.rounds}", file=sys.stderr)
            for server, series in turns:
                if not play_valid_round(generator, server, workload, plan, series):
                    raise BenchError(f"too few valid rounds of {workload.name}")
    return pairs


def measure_all(
    programs: tuple[Program, Program],
    generator: LoadGenerator,
    plan: Plan,
    names: list[str] | None,
) -> list[Pair]:
    return [
        pair
        for workload in select(names or WORKLOADS)
        for pair in measure(workload, programs, generator, plan)
    ]


def threads_table(pairs: list[Pair]) -> str:
    head = ["workload", "server", "1 worker: least µs/request", "median (quartiles)"]
    head += ["2 workers: least µs/request", "median (quartiles)", "2 / 1: of least", "of medians"]
    rows = []
    for pair in pairs:
        of_least, of_medians = pair.ratios()
        rows.append(
            [
                pair.workload.title,
                pair.one.program.name,
                *cpu_cells(pair.one),
                *cpu_cells(pair.two),
                f"**{of_least:.2f}**",
                f"{of_medians:.2f}",
            ]
        )
    return markdown_table(head, rows)
