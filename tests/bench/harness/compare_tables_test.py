"""The comparison's tables, with the floor and without it."""
import pathlib
import unittest

from . import compare_tables, workloads
from .compare import Comparison, Series
from .server import Program


def series(name: str, cpu_us: list[float]) -> Series:
    result = Series(Program(name, pathlib.Path(name)))
    result.rounds = [
        {"server_cpu_us_per_request": each, "errors": {"total": 0, "texts": {}}} for each in cpu_us
    ]
    return result


MEMCACHED = series("memcached", [8.0, 10.0])
QUARRYD = series("quarryd", [4.0, 7.0])
FLOOR = series("floor", [2.0, 2.5])
WITH_FLOOR = Comparison(workloads.WORKLOADS[0], MEMCACHED, QUARRYD, FLOOR)
WITHOUT_FLOOR = Comparison(workloads.WORKLOADS[0], MEMCACHED, QUARRYD)


class RatioTest(unittest.TestCase):
    def test_the_ratio_of_least_figures_comes_first_and_that_of_medians_behind_it(self):
        self.assertEqual(
            compare_tables.ratio_cells(QUARRYD, MEMCACHED), ["**0.50**", "0.61 (0.55 to 0.65)"]
        )

    def test_each_is_set_against_each_other_where_there_is_a_floor(self):
        lines = compare_tables.ratio_table([WITH_FLOOR]).splitlines()
        for pair in ("quarryd / memcached", "quarryd / floor", "floor / memcached"):
            self.assertIn(f"{pair}: of least", lines[0])
        for ratio in ("**0.50**", "**2.00**", "**0.25**"):
            self.assertIn(ratio, lines[2])

    def test_without_a_floor_there_is_one_pair(self):
        self.assertEqual(compare_tables.ratio_table([WITHOUT_FLOOR]).count(": of least"), 1)

    def test_a_workload_is_complete_when_the_floor_has_its_rounds_too(self):
        short_floor = series("floor", [2.0])
        self.assertEqual(WITH_FLOOR.complete_rounds(), 2)
        self.assertEqual(WITH_FLOOR._replace(floor=short_floor).complete_rounds(), 1)


class FloorArgumentsTest(unittest.TestCase):
    def test_only_large_values_are_spread_over_memory(self):
        by_name = {workload.name: workload for workload in workloads.WORKLOADS}
        self.assertEqual(by_name["get-heavy"].floor_arguments(memory=True), ())
        self.assertEqual(
            by_name["set-1mb"].floor_arguments(memory=True),
            ("--value-size", "1000000", "--memory-mb", "200"),
        )
        self.assertEqual(
            by_name["set-1mb"].floor_arguments(memory=False), ("--value-size", "1000000")
        )
