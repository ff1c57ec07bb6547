"""The commands of scripts/bench that play rounds of both servers by turns."""
import argparse
import math

from . import latency, memtier, threads, tls, workloads
from .compare import Comparison, Plan, compare_workload
from .compare_tables import client_table, cpu_table, error_notes, ratio_table
from .errors import BenchError
from .server import Flags
from .setup import Setup

QUICK_SECONDS = 0.3
QUICK_ROUNDS = 2


def plan_of(arguments: argparse.Namespace) -> Plan:
    if arguments.output and (arguments.workload or arguments.quick):
        raise BenchError("--output takes the whole table only: leave out --workload and --quick")
    return Plan(
        rounds=QUICK_ROUNDS if arguments.quick else arguments.rounds,
        seconds=QUICK_SECONDS if arguments.quick else arguments.seconds,
        warmup_seconds=arguments.warmup,
        min_busy=arguments.min_busy,
        max_discards=arguments.rounds,
        floor_memory=arguments.floor_memory,
    )


def require_rounds(comparisons: list[Comparison], plan: Plan, text: str) -> None:
    """Fails, and shows the text all the same, where a workload was given up."""
    incomplete = [c.workload.name for c in comparisons if c.complete_rounds() < plan.rounds]
    if incomplete:
        print(text)
        raise BenchError(f"too few valid rounds of {', '.join(incomplete)}")


def tables(comparisons: list[Comparison]) -> list[str]:
    played = [c for c in comparisons if c.complete_rounds() > 0]
    if not played:
        raise BenchError("no valid round of any workload")
    notes = error_notes(played)
    return [cpu_table(played), ratio_table(played), client_table(played) + "\n" + notes]


def compare(arguments: argparse.Namespace) -> str:
    plan = plan_of(arguments)
    tool = memtier.require_memtier() if arguments.memtier else None
    setup = Setup(arguments, ("floor",))
    floor = setup.floor(arguments, spins=True)
    comparisons = [
        compare_workload(workload, setup.programs, floor, setup.generator, setup.cores, plan)
        for workload in workloads.select(arguments.workload)
    ]
    method = (
        f"{plan}; flags `{Flags()}` (`-m 256` for sets with eviction, `-I 32m` for 20 MB). The"
        f" floor takes large values from {plan.floor_place()}."
    )
    text = "\n\n".join([f"{setup.provenance()} {method}", *tables(comparisons)])
    if tool is not None:
        seconds = max(1, math.ceil(plan.seconds))
        measurements = [
            memtier.measure(tool, program, pipeline, seconds, setup.cores)
            for pipeline in memtier.PIPELINES
            for program in setup.programs
        ]
        print(memtier.memtier_table(measurements), end="\n\n")
    require_rounds(comparisons, plan, text)
    return text


def compare_over_tls(arguments: argparse.Namespace) -> str:
    plan = plan_of(arguments)
    setup = Setup(arguments)
    with tls.certificate() as directory:
        comparisons = [
            compare_workload(workload, setup.programs, None, setup.generator, setup.cores, plan)
            for workload in tls.workloads(directory, arguments.workload)
        ]
    method = (
        f"{plan}; flags `{Flags()} -Z`. TLS 1.3 with {tls.CIPHER} and one certificate on P-256;"
        " handshakes are not part of the rounds."
    )
    text = "\n\n".join([f"{setup.provenance()} {method}", *tables(comparisons)])
    require_rounds(comparisons, plan, text)
    return text


def compare_threads(arguments: argparse.Namespace) -> str:
    plan = plan_of(arguments)
    setup = Setup(arguments)
    pairs = threads.measure_all(setup.programs, setup.generator, plan, arguments.workload)
    method = f"{plan}; flags `{Flags()}` and the same with `-t 2`, on any core."
    return f"{setup.provenance()} {method}\n\n{threads.threads_table(pairs)}"


def compare_latencies(arguments: argparse.Namespace) -> str:
    setup = Setup(arguments, ("floor",))
    programs = (*setup.programs, setup.floor(arguments, spins=False))
    plan = latency.Plan(
        arguments.rounds, arguments.seconds, arguments.warmup, max_discards=arguments.rounds
    )
    comparisons = latency.compare_latencies(programs, setup.generator, setup.cores, plan)
    what = (
        f"{plan.rounds} rounds of {plan.seconds:g} s each, by turns, at half the rate that"
        f" {setup.programs[0].name} reaches; flags `{Flags()}`."
    )
    tables = f"{latency.latency_table(comparisons)}\n\n{latency.ratio_table(comparisons)}"
    return f"{setup.provenance()} {what}\n\n{tables}"
