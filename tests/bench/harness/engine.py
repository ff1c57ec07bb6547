"""What the storage engine's operations cost inside one process, what the growth of its index costs
single inserts, and how long it holds its locks."""
import json
import pathlib
import statistics
import subprocess
from typing import NamedTuple

from .errors import BenchError
from .tables import markdown_table

BENCH_TIMEOUT_SEC = 1800
GROWTH_TIMEOUT_SEC = 1800
HOLDS_TIMEOUT_SEC = 1800
# As many shards as the engine chooses, and one, whose index grows to hold everything.
SHARD_COUNTS = (0, 1)


class Setting(NamedTuple):
    """One operation among so many items, carried out by so many threads at once."""

    operation: str
    items: int
    threads: int


# CPU nanoseconds of one operation, one figure for each repetition.
Figures = dict[Setting, list[float]]


def run_program(command: list[str], timeout_sec: float) -> str:
    """What the program prints; its progress goes to the error stream."""
    try:
        result = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, timeout=timeout_sec, check=False
        )
    except subprocess.TimeoutExpired:
        raise BenchError(f"no end after {timeout_sec:.0f} s: {' '.join(command)}") from None
    if result.returncode != 0:
        raise BenchError(f"exit code {result.returncode}: {' '.join(command)}")
    return result.stdout


def setting_of(run_name: str) -> Setting:
    """Reads Google Benchmark's name of a run, e.g. get_hit/items:1000000/threads:2."""
    operation, *parts = run_name.split("/")
    numbers = dict(part.split(":") for part in parts)
    return Setting(operation, int(numbers["items"]), int(numbers["threads"]))


def read_figures(report: str) -> Figures:
    """The repetitions of each setting, in the order of Google Benchmark's report: a JSON object, or
    nothing where no run was wanted."""
    figures: Figures = {}
    for run in json.loads(report)["benchmarks"] if report.strip() else []:
        if run.get("error_occurred"):
            raise BenchError(f"{run['name']}: {run['error_message']}")
        if run["run_type"] == "iteration":
            figures.setdefault(setting_of(run["run_name"]), []).append(run["cpu_time"])
    if not figures:
        raise BenchError("no operation was measured: does --filter match any?")
    return figures


def measure_operations(
    program: pathlib.Path, repetitions: int, seconds: float, name_filter: str
) -> Figures:
    command = [str(program), "--benchmark_format=json", f"--benchmark_filter={name_filter}"]
    command += [f"--benchmark_repetitions={repetitions}", f"--benchmark_min_time={seconds}"]
    return read_figures(run_program(command, BENCH_TIMEOUT_SEC))


def operations_table(figures: Figures) -> str:
    """A row for each operation among so many items, its numbers of threads side by side."""
    thread_counts = sorted({setting.threads for setting in figures})
    head = ["operation", "items"]
    for threads in thread_counts:
        name = f"{threads} thread{'s' if threads > 1 else ''}"
        head += [f"{name}: least ns", "median ns"]
    rows = []
    for operation, items in dict.fromkeys((s.operation, s.items) for s in figures):
        row = [operation.replace("_", " "), f"{items:,}"]
        for threads in thread_counts:
            times = figures.get(Setting(operation, items, threads))
            least = f"**{min(times):.0f}**" if times else ""
            row += [least, f"{statistics.median(times):.0f}" if times else ""]
        rows.append(row)
    return markdown_table(head, rows)


def measure_growth(program: pathlib.Path) -> str:
    """The program's own tables, for each number of shards."""
    parts = [
        run_program([str(program), "--shards", str(count)], GROWTH_TIMEOUT_SEC).strip()
        for count in SHARD_COUNTS
    ]
    return "\n\n".join(parts)


def measure_holds(program: pathlib.Path) -> str:
    """The program's own tables."""
    return run_program([str(program)], HOLDS_TIMEOUT_SEC).strip()
