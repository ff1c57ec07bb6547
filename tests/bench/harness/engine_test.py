"""How the engine's benchmarks are read and printed."""
import json
import os
import pathlib
import unittest

from . import engine
from .errors import BenchError


def report(*runs: dict) -> str:
    return json.dumps({"benchmarks": runs})


def run(operation: str, items: int, threads: int, cpu_time: float, **others) -> dict:
    name = f"{operation}/items:{items}/threads:{threads}"
    return {
        "name": name,
        "run_name": name,
        "run_type": "iteration",
        "cpu_time": cpu_time,
        **others,
    }


class OperationsTest(unittest.TestCase):
    def test_the_least_and_the_median_of_the_repetitions_are_printed(self):
        runs = [run("get_hit", 1_000_000, 1, time) for time in (90.0, 70.0, 80.0)]
        runs += [run("get_hit", 1_000_000, 2, time) for time in (100.0, 110.0, 120.0)]
        table = engine.operations_table(engine.read_figures(report(*runs)))
        self.assertEqual(
            table.splitlines()[-1], "| get hit | 1,000,000 | **70** | 80 | **100** | 110 |"
        )

    def test_what_a_filter_left_out_leaves_its_cells_empty(self):
        runs = [run("set", 10, 1, 5.0), run("get_hit", 10, 2, 6.0)]
        lines = engine.operations_table(engine.read_figures(report(*runs))).splitlines()
        self.assertEqual(lines[2], "| set | 10 | **5** | 5 |  |  |")
        self.assertEqual(lines[3], "| get hit | 10 |  |  | **6** | 6 |")

    def test_aggregates_are_no_repetitions(self):
        runs = [run("set", 10, 1, 5.0), {**run("set", 10, 1, 1.0), "run_type": "aggregate"}]
        self.assertEqual(
            engine.read_figures(report(*runs)), {engine.Setting("set", 10, 1): [5.0]}
        )

    def test_a_failed_operation_is_no_figure(self):
        failed = run("set", 10, 1, 0.0, error_occurred=True, error_message="a set was refused")
        with self.assertRaisesRegex(BenchError, "a set was refused"):
            engine.read_figures(report(failed))

    def test_a_filter_that_matches_nothing_is_told(self):
        for nothing in ("", "\n", report()):
            with self.assertRaisesRegex(BenchError, "--filter"):
                engine.read_figures(nothing)


class ProgramTest(unittest.TestCase):
    def test_what_a_program_prints_is_its_table(self):
        self.assertEqual(engine.measure_holds(pathlib.Path("/bin/pwd")), os.getcwd())

    def test_a_program_that_fails_has_measured_nothing(self):
        with self.assertRaisesRegex(BenchError, "exit code 1"):
            engine.measure_holds(pathlib.Path("/bin/false"))


if __name__ == "__main__":
    unittest.main()
