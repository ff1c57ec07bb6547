"""What idle connections cost: asking, the kernel's account, the table."""
import os
import pathlib
import socket
import threading
import unittest

from . import connections, usage
from .errors import BenchError
from .server import Program

PLAN = connections.Plan(count=1000, rounds=3, idle_seconds=1.0)


class AskTest(unittest.TestCase):
    def setUp(self):
        self.client, self.server = socket.socketpair()
        self.addCleanup(self.client.close)
        self.addCleanup(self.server.close)

    def test_the_reply_may_come_in_pieces(self):
        answers = threading.Thread(
            target=lambda: [self.server.sendall(part) for part in (b"STO", b"RED\r\n")]
        )
        answers.start()
        connections.ask(self.client, b"set\r\n", b"STORED\r\n")
        answers.join()

    def test_another_reply_is_an_error(self):
        self.server.sendall(b"SERVER_ERROR out of memory\r\n")
        with self.assertRaisesRegex(BenchError, "SERVER_E"):
            connections.ask(self.client, b"set\r\n", b"STORED\r\n")

    def test_a_closed_connection_is_an_error(self):
        self.server.close()
        with self.assertRaises((BenchError, OSError)):
            connections.ask(self.client, b"set\r\n", b"STORED\r\n")


class UsageTest(unittest.TestCase):
    def test_memory_counts_once_it_has_been_written_to(self):
        before = usage.anonymous_bytes(os.getpid())
        written = bytearray(b"x") * (8 << 20)
        grown = usage.anonymous_bytes(os.getpid()) - before
        self.assertGreaterEqual(grown, len(written) - (1 << 20))

    def test_who_waits_for_another_is_woken(self):
        asks, answers = socket.socketpair()

        def answer():
            while answers.recv(1):
                answers.sendall(b"x")

        other = threading.Thread(target=answer)
        other.start()
        before = usage.usage_of(os.getpid())
        for _ in range(100):
            asks.sendall(b"x")
            asks.recv(1)
        used = usage.usage_of(os.getpid()).since(before)
        asks.close()
        other.join()
        answers.close()
        self.assertGreater(used.wakeups, 0)
        self.assertGreater(used.cpu_ns, 0)


class TableTest(unittest.TestCase):
    def test_a_row_has_medians_and_the_range_of_what_a_connection_takes(self):
        rounds = [
            connections.Round(
                each, connections.Idleness(10.0, 1.0), connections.Idleness(20.0, 2.0)
            )
            for each in (500.0, 400.0, 480.4)
        ]
        program = Program("quarryd", pathlib.Path("quarryd"))
        row = connections.connections_table(
            [connections.Series(program, "plain", PLAN, rounds)]
        ).splitlines()[-1]
        self.assertEqual(
            row,
            "| 1,000 plain | quarryd | 480 (400 to 500) | 10 (10 to 10) | 20 (20 to 20)"
            " | 1.0 | 2.0 |",
        )

    def test_the_servers_take_all_connections_and_some_more(self):
        self.assertGreater(PLAN.flags().max_connections, PLAN.count + 1)
