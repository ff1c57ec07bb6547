"""Runs the load generator, or another program like it, and reads its report."""
import json
import pathlib

from . import machine
from .errors import BenchError
from .server import Server


def run_for_json(command: list[str], core: int | None, timeout_sec: float) -> dict:
    """Runs a program on one core, or on any; the object that it prints."""
    result = machine.run_on(core, command, timeout_sec)
    try:
        return json.loads(result.stdout)
    except ValueError:
        said = (result.stderr or result.stdout).strip().splitlines()
        reason = said[0] if said else f"exit code {result.returncode}"
        raise BenchError(f"{pathlib.Path(command[0]).name} failed: {reason}") from None


class LoadGenerator:
    """The load generator's program, pinned to one core or to none."""

    def __init__(self, path: pathlib.Path, core: int | None):
        self._path = path
        self._core = core

    def run(self, server: Server, arguments: list[str], timeout_sec: float) -> dict:
        """The report on one run against the server: an object with "preload" and "load"."""
        command = [str(self._path), "--json", *server.measuring_arguments(), *arguments]
        report = run_for_json(command, self._core, timeout_sec)
        for part in report.values():
            if part["failure"]:
                raise BenchError(f"{server.program.name}: {part['failure']}: {' '.join(command)}")
        return report
