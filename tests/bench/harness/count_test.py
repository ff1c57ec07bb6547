"""The rules that scripts/count holds."""
import unittest
from collections import Counter

from . import callgrind, count, syscalls
from .errors import BenchError

WORKLOAD = count.Workload("pairs", "pairs", [], 700, profiled_bursts=1000, pipeline=2)
GOOD_PROFILE = callgrind.Profile(instructions=1_400_000, locks=2000, allocations=0)
EVENTS = count.TRACED_BURSTS
GOOD_CALLS = {"recvfrom": EVENTS, "sendto": EVENTS, "epoll_wait": EVENTS // 2}


def faults(profile: callgrind.Profile = GOOD_PROFILE, **calls: int) -> list[str]:
    return count.Count(WORKLOAD, profile, GOOD_CALLS | calls).faults()


class RulesTest(unittest.TestCase):
    def test_what_is_at_its_limits_has_no_fault(self):
        self.assertEqual(faults(), [])

    def test_an_instruction_too_many_is_a_fault(self):
        profile = GOOD_PROFILE._replace(instructions=1_402_000)
        self.assertEqual(faults(profile), ["pairs: 701 instructions an operation, at most 700"])

    def test_a_second_lock_is_a_fault_and_so_is_none(self):
        for locks in (4000, 0):
            self.assertEqual(len(faults(GOOD_PROFILE._replace(locks=locks))), 1)

    def test_an_allocation_for_each_request_is_a_fault(self):
        self.assertEqual(len(faults(GOOD_PROFILE._replace(allocations=2000))), 1)

    def test_a_second_read_send_or_wait_for_an_event_is_a_fault(self):
        for name in ("readv", "sendmsg", "epoll_pwait"):
            self.assertEqual(len(faults(**{name: EVENTS})), 1, name)

    def test_any_other_call_is_a_fault(self):
        self.assertEqual(faults(epoll_ctl=EVENTS // 2), ["pairs: 0.50 epoll_ctl an event, not 0"])

    def test_what_happens_once_a_second_is_none(self):
        profile = GOOD_PROFILE._replace(locks=2010, allocations=3)
        self.assertEqual(faults(profile, epoll_ctl=2, getrusage=1), [])


class SystemCallsTest(unittest.TestCase):
    TABLE = "  calls syscall\n------- --------\n   1000 recvfrom\n      2 mmap\n   1002 total\n"

    def test_the_table_is_read_without_its_head_and_its_sum(self):
        self.assertEqual(syscalls.parse_calls(self.TABLE), Counter(recvfrom=1000, mmap=2))

    def test_no_table_is_refused(self):
        with self.assertRaises(BenchError):
            syscalls.parse_calls("strace: ptrace: Operation not permitted\n")

    def test_the_difference_names_what_differs(self):
        later, earlier = Counter(recvfrom=9, mmap=2, sendto=4), Counter(recvfrom=4, mmap=2)
        self.assertEqual(syscalls.since(later, earlier), {"recvfrom": 5, "sendto": 4})
