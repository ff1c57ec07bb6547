"""How much of the same requests each server answers from its memory."""
import pathlib
import sys
from typing import NamedTuple

from .errors import BenchError
from .loadgen import run_for_json
from .machine import Cores
from .server import Flags, Program, Server
from .tables import markdown_table

FLAGS = Flags(memory_mb=64)
TRACES = ["zipf", "zipf-mixed", "scan", "shift", "one-hit", "size-shift"]
# Only where all items are of one size does the textbook's LRU hold as many as the engine.
ONE_SIZE_TRACES = ["zipf", "scan", "shift", "one-hit"]
DEFAULT_RATE = 100_000
QUICK_REQUESTS = 400_000
TIMEOUT_SEC = 900
# A replay that takes so much longer than its rate says has met another passage of time than the
# servers' clocks were meant to see.
MAX_DELAY = 1.05


class Plan(NamedTuple):
    """How the traces are replayed."""

    seed: int
    rate: int  # requests a second; 0 for as fast as it goes
    requests: int | None  # instead of each trace's own length

    def trace_arguments(self) -> list[str]:
        arguments = ["--seed", str(self.seed)]
        return arguments + (["--requests", str(self.requests)] if self.requests else [])

    def __str__(self) -> str:
        pace = f"{self.rate:,} requests a second" if self.rate else "as fast as it goes"
        return f"seed {self.seed}, {pace}"


class Replay(NamedTuple):
    """One server's report on one trace."""

    program: Program
    report: dict

    def hit_ratio(self) -> float:
        return self.report["total"]["hit_ratio"]

    def second_half(self) -> float:
        """The hit ratio of the windows behind the middle of the trace, where memory is full."""
        windows = self.report["windows"]
        later = windows[len(windows) // 2 :]
        return sum(w["hits"] for w in later) / sum(w["requests"] for w in later)

    def is_late(self, rate: int) -> bool:
        requests = self.report["total"]["requests"]
        return rate > 0 and self.report["seconds"] > MAX_DELAY * requests / rate


class PlainLru(NamedTuple):
    """The engine's plain LRU mode and a textbook LRU of as many items, both without a server."""

    trace: str
    engine: dict
    textbook: dict


class Comparison(NamedTuple):
    """Both servers in one trace."""

    trace: str
    baseline: Replay
    candidate: Replay

    def sides(self) -> tuple[Replay, Replay]:
        return self.baseline, self.candidate


def replay(
    replayer: pathlib.Path, program: Program, trace: str, plan: Plan, cores: Cores
) -> Replay:
    """Replays the trace against a server that has just been started."""
    with Server(program, FLAGS, cores.server) as server:
        print(f"{trace}: {program.name}", file=sys.stderr)
        command = [str(replayer), "--json", "--target", "server", "--port", str(server.port)]
        command += ["--trace", trace, *plan.trace_arguments(), "--rate", str(plan.rate)]
        return Replay(program, run_for_json(command, cores.client, TIMEOUT_SEC))


def compare_traces(
    replayer: pathlib.Path,
    traces: list[str],
    programs: tuple[Program, Program],
    plan: Plan,
    cores: Cores,
) -> list[Comparison]:
    return [
        Comparison(trace, *(replay(replayer, program, trace, plan, cores) for program in programs))
        for trace in traces
    ]


def compare_with_textbook(
    replayer: pathlib.Path, traces: list[str], plan: Plan, cores: Cores
) -> list[PlainLru]:
    results = []
    for trace in (trace for trace in ONE_SIZE_TRACES if trace in traces):
        print(f"{trace}: plain LRU", file=sys.stderr)
        command = [str(replayer), "--json", "--trace", trace, *plan.trace_arguments()]
        engine = run_for_json(
            [*command, "--memory-mb", str(FLAGS.memory_mb), "--lru-mode", "flat"],
            cores.client,
            TIMEOUT_SEC,
        )
        textbook = run_for_json(
            [*command, "--target", "lru", "--lru-items", str(max(engine["items"], 1))],
            cores.client,
            TIMEOUT_SEC,
        )
        results.append(PlainLru(trace, engine, textbook))
    return results


def require_pace(comparisons: list[Comparison], rate: int) -> None:
    """Fails where a server or the replayer did not keep up."""
    late = {c.trace for c in comparisons for side in c.sides() if side.is_late(rate)}
    if late:
        raise BenchError(
            f"{rate:,} requests a second were too many in {', '.join(sorted(late))}: a neighbour"
            " has a core, or --rate is to be lower"
        )


def points(baseline: float, candidate: float) -> str:
    difference = round(100 * (candidate - baseline), 2) + 0.0  # which turns -0.0 into 0.0
    return f"{difference:+.2f}"


def describe(report: dict) -> str:
    """The parameters of a trace."""
    trace = report["trace"]
    sizes = trace["value_size"].replace(",", ", ")
    parts = [
        f"alpha {trace['alpha']:g}",
        f"{trace['keys']:,} keys{' a phase' if len(report['phases']) > 1 else ''}",
        f"values of {sizes} B",
        f"{trace['requests']:,} requests",
    ]
    if "scan_keys" in trace:
        parts.append(f"a scan of {trace['scan_keys']:,} keys after each {trace['scan_every']:,}")
    if "shift_keys" in trace:
        parts.append(f"moved by {trace['shift_keys']:,} keys after each {trace['shift_every']:,}")
    if "one_hit_share" in trace:
        parts.append(f"{trace['one_hit_share']:.0%} for keys that never come again")
    return f"`{trace['name']}`: {', '.join(parts)}"


def trace_table(comparisons: list[Comparison]) -> str:
    names = [side.program.name for side in comparisons[0].sides()]
    head = ["trace"] + [f"{name}: hit ratio" for name in names] + ["difference in points"]
    head += [f"{name}: second half" for name in names] + ["second half: difference"]
    head += [f"{name}: items at the end" for name in names] + ["sets refused"]
    rows = []
    for c in comparisons:
        whole = [side.hit_ratio() for side in c.sides()]
        later = [side.second_half() for side in c.sides()]
        rows.append(
            [
                describe(c.baseline.report),
                *(f"{ratio:.4f}" for ratio in whole),
                points(*whole),
                *(f"{ratio:.4f}" for ratio in later),
                points(*later),
                *(f"{side.report['items']:,}" for side in c.sides()),
                " and ".join(str(side.report["refused_sets"]) for side in c.sides()),
            ]
        )
    return markdown_table(head, rows)


def phase_table(comparisons: list[Comparison]) -> str:
    """A row for each phase of the traces that have several; nothing where none has."""
    rows = []
    for c in comparisons:
        sizes = c.baseline.report["trace"]["value_size"].split(",")
        if len(sizes) < 2:
            continue
        phases = [side.report["phases"] for side in c.sides()]
        for number, (size, *counts) in enumerate(zip(sizes, *phases), start=1):
            ratios = [count["hit_ratio"] for count in counts]
            rows.append(
                [
                    f"`{c.trace}`, phase {number}: values of {size} B",
                    *(f"{ratio:.4f}" for ratio in ratios),
                    points(*ratios),
                ]
            )
    if not rows:
        return ""
    names = [side.program.name for side in comparisons[0].sides()]
    return markdown_table(
        ["phase", *(f"{name}: hit ratio" for name in names), "difference in points"], rows
    )


def plain_lru_table(results: list[PlainLru]) -> str:
    """Nothing where no trace has items of one size."""
    if not results:
        return ""
    rows = []
    for result in results:
        ratios = [report["total"]["hit_ratio"] for report in (result.textbook, result.engine)]
        rows.append(
            [
                f"`{result.trace}`",
                f"{result.engine['items']:,}",
                *(f"{ratio:.4f}" for ratio in ratios),
                points(*ratios),
            ]
        )
    head = ["trace", "items", "textbook LRU: hit ratio", "plain LRU mode: hit ratio"]
    return markdown_table([*head, "difference in points"], rows)


def error_notes(comparisons: list[Comparison]) -> str:
    """What the servers said to the sets that they refused."""
    notes = [
        f"* {side.program.name}, `{c.trace}`: {times} times `{text}`"
        for c in comparisons
        for side in c.sides()
        for text, times in sorted(side.report["errors"].items())
    ]
    return "\n".join(notes)
