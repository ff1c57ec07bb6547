"""The tables of the comparison."""
import statistics

from .compare import Comparison, Series
from .tables import markdown_table


def quartiles(values: list[float]) -> tuple[float, float]:
    if len(values) < 2:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def cpu_cells(series: Series) -> list[str]:
    cpu_us = series.cpu_us()
    low, high = quartiles(cpu_us)
    return [f"{min(cpu_us):.2f}", f"{statistics.median(cpu_us):.2f} ({low:.2f} to {high:.2f})"]


def ratio_cells(series: Series, to: Series) -> list[str]:
    low, high = quartiles([mine / theirs for mine, theirs in zip(series.cpu_us(), to.cpu_us())])
    of_medians = statistics.median(series.cpu_us()) / statistics.median(to.cpu_us())
    return [
        f"**{series.least_cpu_us() / to.least_cpu_us():.2f}**",
        f"{of_medians:.2f} ({low:.2f} to {high:.2f})",
    ]


def cpu_table(comparisons: list[Comparison]) -> str:
    """CPU time of a request."""
    head = ["workload"]
    for series in comparisons[0].contestants():
        head += [f"{series.program.name}: least µs/request", "median (quartiles)"]
    head += ["rounds", "discarded"]
    rows = []
    for comparison in comparisons:
        contestants = comparison.contestants()
        rows.append(
            [
                comparison.workload.title,
                *(cell for series in contestants for cell in cpu_cells(series)),
                str(comparison.complete_rounds()),
                ", ".join(str(series.discarded) for series in contestants),
            ]
        )
    return markdown_table(head, rows)


def ratio_table(comparisons: list[Comparison]) -> str:
    """How the contestants' CPU times relate."""

    def pairs(comparison: Comparison) -> list[tuple[Series, Series]]:
        baseline, candidate = comparison.servers()
        floor = comparison.floor
        against_floor = [(candidate, floor), (floor, baseline)] if floor else []
        return [(candidate, baseline), *against_floor]

    head = ["workload"]
    for series, to in pairs(comparisons[0]):
        head += [f"{series.program.name} / {to.program.name}: of least", "of medians (quartiles)"]
    rows = [
        [c.workload.title, *(cell for pair in pairs(c) for cell in ratio_cells(*pair))]
        for c in comparisons
    ]
    return markdown_table(head, rows)


def client_table(comparisons: list[Comparison]) -> str:
    """What the clients saw: medians over the rounds, and the sum of errors. The floor is left out:
    it pauses on purpose."""
    rows = []
    for comparison in comparisons:
        for series in comparison.servers():
            asked = series.median_of("keys_asked") > 0
            rows.append(
                [
                    comparison.workload.title,
                    series.program.name,
                    f"{series.median_of('requests_per_second'):,.0f}",
                    f"{series.median_of('latency_us', 'p50'):,.0f}",
                    f"{series.median_of('latency_us', 'p99'):,.0f}",
                    f"{series.median_of('latency_us', 'p99.9'):,.0f}",
                    f"{series.median_of('hit_ratio'):.4f}" if asked else "",
                    f"{series.median_of('server_busy'):.0%}",
                    str(series.errors()),
                ]
            )
    head = ["workload", "server", "requests/s", "p50 µs", "p99 µs", "p99.9 µs", "hit ratio"]
    return markdown_table([*head, "server busy", "errors"], rows)


def error_notes(comparisons: list[Comparison]) -> str:
    """What was said where the answer was an error."""
    notes = [
        f"* {series.program.name}, {comparison.workload.title}: `{text}`"
        for comparison in comparisons
        for series in comparison.contestants()
        for text in sorted(series.error_texts())
    ]
    return "".join(f"\n{note}" for note in notes)
