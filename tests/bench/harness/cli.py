"""The command line of scripts/bench."""
import argparse
import pathlib
import re
import signal
import sys
from collections.abc import Callable

from . import build, connections, engine, hits, large, machine, memory, threads, tls, workloads
from .compare_cli import compare, compare_latencies, compare_over_tls, compare_threads
from .errors import BenchError
from .setup import Setup, build_engine_program, measured_today
from .tables import update_section

DEBIAN_MEMCACHED = pathlib.Path("/usr/bin/memcached")
ALL_OPERATIONS = "."
COMMANDS = ("compare", "tls", "threads", "latency", "connections", "memory", "large", "hits")
COMMANDS += ("engine", "growth", "holds")


def fill(arguments: argparse.Namespace) -> str:
    if arguments.output and arguments.value_size:
        raise BenchError("--output takes the whole table only: leave out --value-size")
    if arguments.ttl and not arguments.value_size:
        raise BenchError("--ttl goes with --value-size: the table has its own")
    rows = [memory.Values(size, size, arguments.ttl) for size in arguments.value_size or []]
    rows = rows or memory.all_values()
    fill_plan = memory.Fill(
        memory.flags_for(rows, arguments.memory_mb),
        arguments.key_length,
        arguments.max_keys,
        arguments.evictions,
    )
    setup = Setup(arguments)
    results = memory.measure(rows, setup.programs, fill_plan, setup.generator, setup.cores)
    what = (
        f"Flags `{fill_plan.flags}`; keys of {fill_plan.key_length.replace(':', ' to ')} bytes,"
        f" as many as it took until the server had evicted {fill_plan.end_text()}."
    )
    text = f"{setup.provenance()} {what}\n\n{memory.memory_table(setup.programs, results)}"
    return text if arguments.value_size else f"{memory.MIXES_TEXT}\n\n{text}"


def try_large(arguments: argparse.Namespace) -> str:
    setup = Setup(arguments)
    results = [
        large.try_large_values(program, arguments.count, setup.generator, setup.cores)
        for program in setup.programs
    ]
    what = f"Flags `{large.FLAGS}`, filled with values of 1 KB until the server evicted."
    return f"{setup.provenance()} {what}\n\n{large.large_table(results, arguments.count)}"


def hold_connections(arguments: argparse.Namespace) -> str:
    plan = connections.Plan(arguments.count, arguments.rounds, arguments.seconds)
    few = plan._replace(count=max(1, arguments.count // connections.PLAIN_FOR_EACH_TLS))
    setup = Setup(arguments)
    results = connections.measure(setup.programs, "plain", plan, "", setup.cores)
    with tls.certificate() as directory:
        results += connections.measure(setup.programs, "TLS", few, str(directory), setup.cores)
    what = (
        f"{plan.rounds} rounds, each with servers of its own; flags `{plan.flags()}`. Idle for"
        f" {plan.idle_seconds:g} s after one get each."
    )
    return f"{setup.provenance()} {what}\n\n{connections.connections_table(results)}"


def replay_traces(arguments: argparse.Namespace) -> str:
    if arguments.output and (arguments.trace or arguments.quick):
        raise BenchError("--output takes the whole table only: leave out --trace and --quick")
    if arguments.output and arguments.rate == 0:
        raise BenchError("--output takes what was replayed at a rate: --rate must be above 0")
    setup = Setup(arguments, ("hitratio",))
    replayer = build.require_program(
        arguments.build_dir / build.HITRATIO, "the replayer", build.ADVICE
    )
    plan = hits.Plan(
        arguments.seed,
        0 if arguments.quick else arguments.rate,
        hits.QUICK_REQUESTS if arguments.quick else None,
    )
    traces = [trace for trace in hits.TRACES if not arguments.trace or trace in arguments.trace]
    comparisons = hits.compare_traces(replayer, traces, setup.programs, plan, setup.cores)
    plain_lru = hits.compare_with_textbook(replayer, traces, plan, setup.cores)
    what = f"Flags `{hits.FLAGS}`; {plan}."
    parts = [
        f"{setup.provenance()} {what}",
        hits.trace_table(comparisons),
        hits.phase_table(comparisons),
        hits.error_notes(comparisons),
        hits.plain_lru_table(plain_lru),
    ]
    text = "\n\n".join(part for part in parts if part)
    try:
        hits.require_pace(comparisons, plan.rate)
    except BenchError:
        print(text)
        raise
    return text


def engine_operations(arguments: argparse.Namespace) -> str:
    if arguments.output and arguments.filter != ALL_OPERATIONS:
        raise BenchError("--output takes the whole table only: leave out --filter")
    program = build_engine_program(arguments, build.ENGINE_BENCH)
    figures = engine.measure_operations(
        program, arguments.repetitions, arguments.seconds, arguments.filter
    )
    what = (
        f"{measured_today()}: {machine.describe()}. {arguments.repetitions} repetitions of at least"
        f" {arguments.seconds:g} s; CPU time of one operation."
    )
    return f"{what}\n\n{engine.operations_table(figures)}"


def index_growth(arguments: argparse.Namespace) -> str:
    program = build_engine_program(arguments, build.INDEX_GROWTH)
    return f"{measured_today()}: {machine.describe()}.\n\n{engine.measure_growth(program)}"


def lock_holds(arguments: argparse.Namespace) -> str:
    program = build_engine_program(arguments, build.LOCK_HOLDS)
    return f"{measured_today()}: {machine.describe()}.\n\n{engine.measure_holds(program)}"


def whole_number(least: int) -> Callable[[str], int]:
    """A whole number of at least `least`, for argparse."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"0|[1-9][0-9]{0,11}", text, re.ASCII) or int(text) < least:
            raise argparse.ArgumentTypeError(f"'{text}' is no whole number from {least}")
        return int(text)

    return parse


def positive_seconds(text: str) -> float:
    """A decimal number above 0, for argparse."""
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", text, re.ASCII) or float(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no decimal number above 0")
    return float(text)


def add_server_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--memcached", type=pathlib.Path, default=DEBIAN_MEMCACHED, metavar="PATH")
    parser.add_argument("--memcached-args", default="", metavar="ARGS", help="further arguments")
    parser.add_argument("--quarryd", type=pathlib.Path, metavar="PATH", help="instead of building")
    parser.add_argument("--quarryd-args", default="", metavar="ARGS", help="further arguments")
    parser.add_argument("--server-core", type=int, metavar="N")
    parser.add_argument("--client-core", type=int, metavar="N")


def add_round_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rounds", type=int, default=8, metavar="N")
    parser.add_argument("--seconds", type=float, default=2.0, help="of one round")
    parser.add_argument("--warmup", type=float, default=0.3, metavar="SECONDS")
    parser.add_argument("--min-busy", type=float, default=0.9, metavar="SHARE")
    parser.add_argument("--quick", action="store_true", help="a look, not a measurement")


def add_common_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--build-dir", type=pathlib.Path, default=build.DEFAULT_BUILD_DIR, metavar="PATH"
    )
    parser.add_argument("--no-build", action="store_true", help="take what --build-dir holds")
    parser.add_argument(
        "--output",
        type=pathlib.Path,
        metavar="PATH",
        help="also replace this benchmark's section of the document, e.g. docs/benchmarks.md",
    )


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Compares quarryd with memcached on this machine."
    )
    commands = parser.add_subparsers(dest="command")
    parser.set_defaults(command="compare")

    rounds = commands.add_parser("compare", help="CPU time per request, by workload (default)")
    rounds.add_argument(
        "--floor-memory",
        action="store_true",
        help="have the floor spread large values over as much memory as they take",
    )
    rounds.add_argument("--memtier", action="store_true", help="also run memtier_benchmark")
    rounds.add_argument(
        "--workload", action="append", choices=[w.name for w in workloads.WORKLOADS]
    )
    rounds.set_defaults(run=compare)

    secured = commands.add_parser("tls", help="CPU time per request over TLS 1.3")
    secured.add_argument("--workload", action="append", choices=tls.WORKLOADS)
    secured.set_defaults(run=compare_over_tls, floor_memory=False)

    shared = commands.add_parser("threads", help="CPU time per request with one worker and two")
    shared.add_argument("--workload", action="append", choices=threads.WORKLOADS)
    shared.set_defaults(run=compare_threads, floor_memory=False)
    for command in (rounds, secured, shared):
        add_round_options(command)

    paced = commands.add_parser("latency", help="latencies at half of memcached's rate")
    paced.add_argument("--rounds", type=whole_number(1), default=32, metavar="N")
    paced.add_argument("--seconds", type=positive_seconds, default=1.0, help="of one round")
    paced.add_argument("--warmup", type=positive_seconds, default=0.3, metavar="SECONDS")
    paced.set_defaults(run=compare_latencies)

    held = commands.add_parser("connections", help="what idle connections cost")
    held.add_argument("--count", type=whole_number(1), default=10_000, metavar="N")
    held.add_argument("--rounds", type=whole_number(1), default=5, metavar="N")
    held.add_argument("--seconds", type=positive_seconds, default=5.0, help="of idleness")
    held.set_defaults(run=hold_connections)

    items = commands.add_parser("memory", help="items kept in the same memory")
    items.add_argument("--memory-mb", type=whole_number(1), default=1024, metavar="MB")
    items.add_argument("--key-length", default="20:40", metavar="MIN:MAX")
    items.add_argument(
        "--value-size",
        action="append",
        metavar="BYTES",
        help="one row instead of the whole table; also a mix as loadgen takes it; repeatable",
    )
    items.add_argument("--ttl", type=whole_number(1), default=0, metavar="SECONDS")
    items.add_argument("--max-keys", type=whole_number(1), default=memory.MAX_KEYS, metavar="N")
    items.add_argument(
        "--evictions",
        type=whole_number(1),
        metavar="N",
        help=f"where the fill ends; by default {memory.EVICTED_SHARE_TEXT}",
    )
    items.set_defaults(run=fill)

    values = commands.add_parser("large", help="large values in a memory full of small ones")
    values.add_argument("--count", type=int, default=20, help="sets of each size")
    values.set_defaults(run=try_large)

    replays = commands.add_parser("hits", help="hit ratios of replayed traces")
    replays.add_argument("--trace", action="append", choices=hits.TRACES)
    replays.add_argument("--seed", type=whole_number(0), default=1, metavar="N")
    replays.add_argument(
        "--rate",
        type=whole_number(0),
        default=hits.DEFAULT_RATE,
        metavar="N",
        help="requests a second, 0 for as fast as it goes (default %(default)s)",
    )
    replays.add_argument("--quick", action="store_true", help="a look, not a measurement")
    replays.set_defaults(run=replay_traces)

    operations = commands.add_parser("engine", help="the engine's operations in one process")
    operations.add_argument("--repetitions", type=whole_number(1), default=5, metavar="N")
    operations.add_argument("--seconds", type=positive_seconds, default=0.5, help="of each")
    operations.add_argument(
        "--filter", default=ALL_OPERATIONS, metavar="REGEX", help="e.g. get_hit/items:1000000/"
    )
    operations.set_defaults(run=engine_operations)

    growth = commands.add_parser("growth", help="single inserts while the engine's index grows")
    growth.set_defaults(run=index_growth)

    holds = commands.add_parser("holds", help="single holds of the engine's locks")
    holds.set_defaults(run=lock_holds)

    comparisons = (rounds, secured, shared, paced, held, items, values, replays)
    for command in comparisons:
        add_server_options(command)
    for command in (*comparisons, operations, growth, holds):
        add_common_options(command)
    return parser


def end_on_signal() -> None:
    """TERM ends the script as Ctrl-C does: through the context managers that end the servers."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def main(argv: list[str]) -> int:
    end_on_signal()
    named = argv and (argv[0] in COMMANDS or argv[0] in ("-h", "--help"))
    arguments = make_parser().parse_args(argv if named else ["compare", *argv])
    try:
        text = arguments.run(arguments)
        print(text)
        if arguments.output:
            update_section(arguments.output, arguments.command, text)
    except BenchError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    return 0
