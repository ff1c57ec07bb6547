"""The tables of hit ratios, from reports as the replayer writes them."""
import pathlib
import unittest

from . import hits
from .errors import BenchError
from .server import Program


def count(requests: int, found: int) -> dict:
    return {"requests": requests, "hits": found, "hit_ratio": found / requests}


def report(windows: list[dict], value_size: str = "500", seconds: float = 1.0, **more) -> dict:
    requests = sum(w["requests"] for w in windows)
    total = count(requests, sum(w["hits"] for w in windows))
    return {
        "trace": {
            "name": "zipf",
            "alpha": 0.99,
            "keys": 1_000_000,
            "value_size": value_size,
            "requests": requests,
            "seed": 1,
        },
        "total": total,
        "phases": [total],
        "windows": windows,
        "items": 1234,
        "refused_sets": 0,
        "errors": {},
        "seconds": seconds,
        **more,
    }


def replay(name: str, contents: dict) -> hits.Replay:
    return hits.Replay(Program(name, pathlib.Path(name)), contents)


def comparison(first: dict, second: dict) -> hits.Comparison:
    return hits.Comparison("zipf", replay("one", first), replay("two", second))


class HitsTest(unittest.TestCase):
    def test_the_second_half_begins_in_the_middle_of_the_windows(self):
        windows = [count(100, 10), count(100, 20), count(100, 60), count(50, 45)]
        self.assertEqual(replay("one", report(windows)).second_half(), 105 / 150)
        self.assertEqual(replay("one", report(windows[:1])).second_half(), 0.1)

    def test_a_row_tells_the_difference_in_points(self):
        row = hits.trace_table(
            [comparison(report([count(1000, 700)]), report([count(1000, 735)]))]
        ).splitlines()[-1]
        self.assertIn("| 0.7000 | 0.7350 | +3.50 |", row)
        self.assertIn("alpha 0.99, 1,000,000 keys, values of 500 B, 1,000 requests", row)
        self.assertIn("| 1,234 | 1,234 | 0 and 0 |", row)

    def test_a_difference_too_small_to_see_has_no_minus(self):
        self.assertEqual(hits.points(0.500004, 0.5), "+0.00")
        self.assertEqual(hits.points(0.5001, 0.5), "-0.01")

    def test_phases_have_rows_of_their_own_with_their_sizes(self):
        sides = [
            report([count(200, 20)], "100,300:3000", phases=[count(100, a), count(100, b)])
            for a, b in ((5, 15), (15, 5))
        ]
        rows = hits.phase_table([comparison(*sides)]).splitlines()
        self.assertIn("phase 1: values of 100 B | 0.0500 | 0.1500 | +10.00 |", rows[-2])
        self.assertIn("phase 2: values of 300:3000 B | 0.1500 | 0.0500 | -10.00 |", rows[-1])

    def test_traces_of_one_phase_have_no_table_of_phases(self):
        one = report([count(10, 5)])
        self.assertEqual(hits.phase_table([comparison(one, one)]), "")

    def test_plain_lru_is_compared_with_the_textbook(self):
        engine, textbook = report([count(1000, 497)]), report([count(1000, 500)])
        row = hits.plain_lru_table([hits.PlainLru("scan", engine, textbook)]).splitlines()[-1]
        self.assertEqual(row, "| `scan` | 1,234 | 0.5000 | 0.4970 | -0.30 |")
        self.assertEqual(hits.plain_lru_table([]), "")

    def test_refused_sets_are_told_with_what_the_server_said(self):
        bad = report([count(10, 5)], errors={"SERVER_ERROR no": 3}, refused_sets=3)
        notes = hits.error_notes([comparison(report([count(10, 5)]), bad)])
        self.assertEqual(notes, "* two, `zipf`: 3 times `SERVER_ERROR no`")

    def test_a_replay_that_fell_behind_its_rate_is_no_result(self):
        on_time, late = (report([count(1000, 5)], seconds=s) for s in (10.4, 10.6))
        hits.require_pace([comparison(on_time, on_time)], 100)
        hits.require_pace([comparison(late, late)], 0)
        with self.assertRaises(BenchError):
            hits.require_pace([comparison(on_time, late)], 100)


if __name__ == "__main__":
    unittest.main()
