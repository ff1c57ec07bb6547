"""The very bytes that memtier_benchmark sends with -P memcache_text, and what it understands.

It takes nothing but VALUE, END and STORED: any other answer hangs its run.
"""

import threading

import pytest

from bounds import wait_until
from values import random_bytes

DATA = random_bytes(32).replace(b"\r", b"x").replace(b"\n", b"x")


def set_request(number: int, data: bytes = DATA, exptime: int = 0) -> bytes:
    return b"set memtier-%d 0 %d %d\r\n%b\r\n" % (number, exptime, len(data), data)


def value_reply(number: int, data: bytes = DATA) -> bytes:
    return b"VALUE memtier-%d 0 %d\r\n%b\r\n" % (number, len(data), data)


def test_one_set_to_ten_gets(c):
    for number in range(1, 200):
        c.ask(set_request(number), b"STORED\r\n")
        for _ in range(10):
            c.ask(b"get memtier-%d\r\n" % number, value_reply(number) + b"END\r\n")
    c.ask(b"get memtier-1000\r\n", b"END\r\n")


@pytest.mark.parametrize("depth", [2, 32, 500])
def test_a_pipeline(c, depth):
    for start in range(1, 3 * depth, depth):
        numbers = range(start, start + depth)
        c.send(b"".join(set_request(n) + b"get memtier-%d\r\n" % n for n in numbers))
        c.expect(b"".join(b"STORED\r\n" + value_reply(n) + b"END\r\n" for n in numbers))


@pytest.mark.parametrize("key_count", [10, 100, 1000])
def test_a_multi_key_get(c, key_count):
    stored = range(1, key_count + 1, 2)
    c.send(b"".join(set_request(number) for number in stored))
    c.expect(b"STORED\r\n" * len(stored))
    keys = b"".join(b" memtier-%d" % number for number in range(1, key_count + 1))
    c.ask(b"get" + keys + b"\r\n", b"".join(value_reply(n) for n in stored) + b"END\r\n")


def test_values_of_a_data_size_range(c):
    sizes = [1, 100, 4096, 20000, 300000]
    for number, size in enumerate(sizes):
        data = random_bytes(size, seed=number)
        c.ask(set_request(number, data, exptime=60), b"STORED\r\n")
        c.ask(b"get memtier-%d\r\n" % number, value_reply(number, data) + b"END\r\n")


def test_a_set_is_always_stored_while_eviction_is_on(start):
    """Four times the memory, pipelined: any answer but STORED would hang the run."""
    server = start("-m", "16")
    data = random_bytes(10000)
    with server.connect() as client:
        requests = [set_request(number, data) for number in range(6400)]
        sender = threading.Thread(target=lambda: [client.send(request) for request in requests])
        sender.start()
        client.expect(b"STORED\r\n" * len(requests))
        sender.join()
        assert int(client.stats()["evictions"]) > 0


def test_a_run_ends_with_resets(server, c):
    """memtier_benchmark closes with SO_LINGER 0, whatever is still on its way."""
    data = random_bytes(500000)
    c.ask(set_request(1, data), b"STORED\r\n")
    for pending in (b"", b"get memtier-1\r\n" * 20, b"get memt", b"set memtier-2 0 0 32\r\nxyz"):
        clients = [server.connect() for _ in range(20)]
        for client in clients:
            client.send(b"get memtier-0\r\n" + pending)
        for client in clients:
            client.reset()
    wait_until(lambda: c.stats()["curr_connections"] == "1", "all reset connections are gone")
    c.ask(b"get memtier-1\r\n", value_reply(1, data) + b"END\r\n")
