"""The table of one worker and two."""
import pathlib
import unittest

from . import threads, workloads
from .compare import Series
from .server import Flags, Program


def series(cpu_us: list[float]) -> Series:
    result = Series(Program("quarryd", pathlib.Path("quarryd")))
    result.rounds = [{"server_cpu_us_per_request": each} for each in cpu_us]
    return result


class ThreadsTest(unittest.TestCase):
    def test_a_row_ends_with_what_two_workers_take_of_what_one_does(self):
        pair = threads.Pair(workloads.WORKLOADS[0], series([4.0, 6.0]), series([5.0, 5.0]))
        row = threads.threads_table([pair]).splitlines()[-1]
        self.assertTrue(row.endswith("| **1.25** | 1.00 |"), row)

    def test_the_number_of_workers_is_a_flag_of_both_servers(self):
        self.assertIn("-t 2 ", " ".join(Flags(workers=2).arguments(11211)))
        self.assertIn("-t 1 ", str(Flags()))
