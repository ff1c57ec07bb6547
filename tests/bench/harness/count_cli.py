"""The command line of scripts/count."""
import argparse
import os
import pathlib
import sys

from . import build, count, machine
from .cli import add_common_options, end_on_signal
from .errors import BenchError
from .loadgen import LoadGenerator
from .server import Program
from .setup import measured_today
from .tables import update_section

PACKAGE_GROUPS = ["build", "test", "count"]


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/count",
        description="Counts what a request costs quarryd in instructions, system calls, locks and"
        " allocations, and fails where that is more than it may be.",
    )
    parser.add_argument(
        "--workload",
        action="append",
        choices=[workload.name for workload in count.WORKLOADS],
        help="one workload instead of all; repeatable",
    )
    parser.add_argument(
        "--quarryd", type=pathlib.Path, metavar="PATH", help="instead of building one"
    )
    parser.add_argument(
        "--keep",
        type=pathlib.Path,
        metavar="DIRECTORY",
        help="leave callgrind's files there, for callgrind_annotate",
    )
    add_common_options(parser)
    return parser


def run(arguments: argparse.Namespace) -> tuple[str, list[str]]:
    """The table and the faults."""
    if arguments.output and arguments.workload:
        raise BenchError("--output takes the whole table only: leave out --workload")
    if not arguments.no_build:
        build.run_step(["scripts/setup", *PACKAGE_GROUPS], "installing packages")
        targets = ["loadgen"] if arguments.quarryd else ["quarryd", "loadgen"]
        print(f"building {' and '.join(targets)} in {arguments.build_dir}", file=sys.stderr)
        build.build(arguments.build_dir, targets)
    quarryd = build.require_program(
        arguments.quarryd or arguments.build_dir / build.QUARRYD, "quarryd", build.ADVICE
    )
    loadgen = build.require_program(
        arguments.build_dir / build.LOADGEN, "the load generator", build.ADVICE
    )
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    # callgrind's file belongs to whom the server begins as, so the server must not change that.
    stay_root = ("-u", "root") if os.geteuid() == 0 else ()
    program, generator = Program("quarryd", quarryd, stay_root), LoadGenerator(loadgen, None)
    counts = [
        count.count_workload(program, workload, generator, arguments.keep)
        for workload in count.WORKLOADS
        if not arguments.workload or workload.name in arguments.workload
    ]
    text = f"{measured_today()}: {program.version()}; {machine.describe()}."
    return f"{text}\n\n{count.count_table(counts)}", [f for c in counts for f in c.faults()]


def main(argv: list[str]) -> int:
    end_on_signal()
    arguments = make_parser().parse_args(argv)
    try:
        text, faults = run(arguments)
        print(text)
        if arguments.output:
            update_section(arguments.output, "count", text)
    except BenchError as error:
        print(f"count: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("count: interrupted", file=sys.stderr)
        return 130
    for fault in faults:
        print(f"count: {fault}", file=sys.stderr)
    return 1 if faults else 0
