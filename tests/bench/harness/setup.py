"""What the benchmarks start from: programs that are built, and the cores that they run on."""
import argparse
import datetime
import pathlib
import shlex
import sys

from . import build, machine
from .loadgen import LoadGenerator
from .server import Program


def build_targets(arguments: argparse.Namespace, targets: list[str]) -> None:
    if not arguments.no_build:
        print(f"building {' and '.join(targets)} in {arguments.build_dir}", file=sys.stderr)
        build.build(arguments.build_dir, targets)


def build_engine_program(arguments: argparse.Namespace, path: pathlib.PurePath) -> pathlib.Path:
    build_targets(arguments, [path.name])
    return build.require_program(arguments.build_dir / path, path.name, build.ADVICE)


class Setup:
    """What the comparisons need: the two servers, the load generator, the cores."""

    def __init__(self, arguments: argparse.Namespace, further_targets: tuple[str, ...] = ()):
        self.cores = machine.choose_cores(arguments.server_core, arguments.client_core)
        baseline = build.require_program(
            arguments.memcached, "memcached", "on Debian: apt-get install memcached"
        )
        targets = ["loadgen", *further_targets] + ([] if arguments.quarryd else ["quarryd"])
        build_targets(arguments, targets)
        candidate = build.require_program(
            arguments.quarryd or arguments.build_dir / build.QUARRYD,
            "quarryd",
            "check --quarryd" if arguments.quarryd else build.ADVICE,
        )
        loadgen = build.require_program(
            arguments.build_dir / build.LOADGEN, "the load generator", build.ADVICE
        )
        self.generator = LoadGenerator(loadgen, self.cores.client)
        # Compared with itself, a program needs two names.
        second = "quarryd" if candidate != baseline else f"{baseline.name} again"
        self.programs = (
            Program(baseline.name, baseline, tuple(shlex.split(arguments.memcached_args))),
            Program(second, candidate, tuple(shlex.split(arguments.quarryd_args))),
        )

    @staticmethod
    def floor(arguments: argparse.Namespace, spins: bool) -> Program:
        """The third contestant, which further_targets must have named."""
        path = build.require_program(arguments.build_dir / build.FLOOR, "the floor", build.ADVICE)
        return Program("floor", path, keeps_values=False, spins=spins)

    def provenance(self) -> str:
        """One paragraph that says where figures come from."""
        versions = [
            f"{program.version()}{''.join(f' `{a}`' for a in program.extra_arguments)}"
            for program in self.programs
        ]
        return f"{measured_today()}: {' and '.join(versions)}; {machine.describe()}."


def measured_today() -> str:
    return f"Measured on {datetime.date.today().isoformat()}"
