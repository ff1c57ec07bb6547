"""A second opinion: memtier_benchmark, where it is installed and asked for.

It sleeps between its turns, so its figures charge wake-ups to the server and are not published.
"""
import pathlib
import re
import shutil
import time
from typing import NamedTuple

from . import machine
from .errors import BenchError
from .machine import Cores
from .server import Flags, Program, Server
from .tables import markdown_table

KEY_COUNT = 1_000_000
CONNECTIONS = 50
PIPELINES = (1, 32)
TIMEOUT_SEC = 300
SCHEDULER_CLOCK = 2  # the kernel's code for the CPU clock that the scheduler keeps for a process
# It draws its own keys and therefore needs its own preload; and without distinct seeds all its
# clients would ask for the same keys in the same order.
PRELOAD = ["-c", "1", "--pipeline", "32", "--ratio", "1:0", "--key-pattern", "P:P", "-n", "allkeys"]
LOAD = ["-c", str(CONNECTIONS), "--ratio", "1:9", "--key-pattern", "R:R", "--distinct-client-seed"]


class Measurement(NamedTuple):
    program: Program
    pipeline: int
    requests_per_second: float
    cpu_us_per_request: float


def require_memtier() -> pathlib.Path:
    found = shutil.which("memtier_benchmark")
    if found is None:
        raise BenchError("--memtier: memtier_benchmark is not installed")
    return pathlib.Path(found)


def process_cpu_seconds(pid: int) -> float:
    """CPU time of all threads of a process: its clock's number is made of the inverted pid."""
    return time.clock_gettime((~pid << 3) | SCHEDULER_CLOCK)


def run_memtier(memtier: pathlib.Path, server: Server, core: int, arguments: list[str]) -> str:
    command = [str(memtier), "-s", "127.0.0.1", "-p", str(server.port), "-P", "memcache_text"]
    command += ["-t", "1", "--data-size", "100", "--key-maximum", str(KEY_COUNT)]
    command += ["--hide-histogram", *arguments]
    result = machine.run_on(core, command, TIMEOUT_SEC)
    if result.returncode != 0:
        raise BenchError(f"memtier_benchmark failed: {' '.join(command)}")
    return result.stdout


def measure(
    memtier: pathlib.Path, program: Program, pipeline: int, seconds: int, cores: Cores
) -> Measurement:
    with Server(program, Flags(), cores.server) as server:
        run_memtier(memtier, server, cores.client, PRELOAD)
        load = [*LOAD, "--pipeline", str(pipeline), "--test-time", str(seconds)]
        cpu_before = process_cpu_seconds(server.pid)
        output = run_memtier(memtier, server, cores.client, load)
        cpu_seconds = process_cpu_seconds(server.pid) - cpu_before
    totals = re.search(r"^Totals\s+([\d.]+)", output, re.M)
    if totals is None:
        raise BenchError("memtier_benchmark printed no line of totals")
    rate = float(totals.group(1))
    return Measurement(program, pipeline, rate, cpu_seconds * 1e6 / max(rate * seconds, 1))


def memtier_table(measurements: list[Measurement]) -> str:
    rows = [
        [
            f"memtier_benchmark, 90:10, 100 B, pipeline {m.pipeline}",
            m.program.name,
            f"{m.requests_per_second:,.0f}",
            f"{m.cpu_us_per_request:.2f}",
        ]
        for m in measurements
    ]
    return markdown_table(["workload", "server", "requests/s", "CPU µs/request"], rows)
