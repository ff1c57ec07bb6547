"""What is read from callgrind's files."""
import unittest

from . import callgrind
from .errors import BenchError

HEAD = ["version: 1\n", "creator: callgrind-3.19.0\n", "events: Ir\n", "\n"]
ONE_GET = [
    "fn=(1) quarry::Engine::Get(quarry::HashedKey const&)\n",
    "20 12\n",
    "cob=(3) /lib/x86_64-linux-gnu/libc.so.6\n",
    "cfn=(7) pthread_mutex_lock@@GLIBC_2.2.5\n",
    "calls=3 120\n",
    "21 90\n",
    "cfn=(8) pthread_mutex_unlock@@GLIBC_2.2.5\n",
    "calls=3 60\n",
    "22 60\n",
    "cfn=(11) quarry::Mutex::Lock()\n",
    "calls=2 12\n",
    "23 12\n",
    "cfn=(12) quarry::Mutex::Unlock()\n",
    "calls=2 12\n",
    "24 12\n",
]


class ProfileTest(unittest.TestCase):
    def test_it_sums_the_calls_of_locks_and_allocations_by_name_and_by_number(self):
        profile = callgrind.parse_profile(
            [
                *HEAD,
                *ONE_GET,
                "fn=(2) operator new(unsigned long)\n",
                "cfn=(9) malloc\n",
                "calls=2 50\n",
                "5 80\n",
                "fn=(4) quarry::Engine::Set(quarry::HashedKey const&)\n",
                "cfn=(7)\n",
                "calls=4 120\n",
                "7 12\n",
                "cfn=(9)\n",
                "calls=1 50\n",
                "8 40\n",
                "totals: 1234\n",
            ]
        )
        self.assertEqual(profile, callgrind.Profile(instructions=1234, locks=9, allocations=3))

    def test_an_unlock_is_no_lock_and_a_free_no_allocation(self):
        for name in (
            "quarry::Mutex::Unlock()",
            "quarry::MutexLock::MutexLock(quarry::Mutex&)",
            "pthread_mutex_unlock",
            "pthread_rwlock_unlock",
            "free",
            "malloc_usable_size",
        ):
            lines = [*HEAD, "fn=(1) main\n", f"cfn=(2) {name}\n", "calls=5 1\n", "totals: 9\n"]
            self.assertEqual(callgrind.parse_profile(lines), callgrind.Profile(9, 0, 0), name)

    def test_a_file_without_a_total_is_refused(self):
        with self.assertRaises(BenchError):
            callgrind.parse_profile([*HEAD, *ONE_GET])

    def test_the_difference_of_two_profiles_is_what_the_later_did_more(self):
        later, earlier = callgrind.Profile(900, 30, 5), callgrind.Profile(400, 10, 5)
        self.assertEqual(later.since(earlier), callgrind.Profile(500, 20, 0))
