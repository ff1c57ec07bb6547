"""cache_memlimit: the memory limit of a running server."""

import threading

import pytest

from binary import is_plain
from bounds import wait_until
from test_eviction import MEGABYTE, store_all
from values import random_bytes

OUT_OF_BOUNDS = b"MEMLIMIT_ADJUST_FAILED out of bounds or unable to adjust\r\n"


def limit_of(client) -> int:
    general = int(client.stats()["limit_maxbytes"])
    assert general == int(client.stats("settings")["maxbytes"])
    return general


@pytest.mark.parametrize(
    "line, reply",
    [
        (b"cache_memlimit\r\n", b"ERROR\r\n"),
        (b"cache_memlimit many\r\n", b"ERROR\r\n"),
        (b"cache_memlimit 64k\r\n", b"ERROR\r\n"),
        (b"cache_memlimit 7\r\n", b"MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m\r\n"),
        (
            b"cache_memlimit 67108864000\r\n",
            b"MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes\r\n",
        ),
        (b"cache_memlimit 999999999\r\n", OUT_OF_BOUNDS),
    ],
)
def test_a_limit_that_cannot_be_is_refused(server, line, reply):
    with server.connect() as client:
        before = limit_of(client)
        client.ask(line, reply)
        assert limit_of(client) == before


def test_less_than_twice_the_item_limit_is_refused(start):
    server = start("-m", "64", "-I", "20m")
    with server.connect() as client:
        client.ask(b"cache_memlimit 39\r\n", OUT_OF_BOUNDS)
        client.ask(b"cache_memlimit 40\r\n", b"OK\r\n")
        assert limit_of(client) == 40 * MEGABYTE


def test_a_higher_limit_holds_more_and_a_lower_one_gives_memory_back(start):
    """Shrinks while another client goes on storing: nothing is refused, nothing is wrong."""
    server = start("-m", "64")
    value = random_bytes(1000)
    with server.connect() as client:
        store_all(client, b"a", 100000, value)
        held_in_64 = int(client.stats()["curr_items"])
        client.ask(b"cache_memlimit 256\r\n", b"OK\r\n")
        store_all(client, b"b", 300000, value)
        held_in_256 = int(client.stats()["curr_items"])
        assert held_in_256 > 3.5 * held_in_64
        rss_at_256 = server.rss_bytes()

        over = threading.Event()

        def go_on_storing():
            with server.connect() as other:
                while not over.is_set():
                    store_all(other, b"c", 2000, value)

        storing = threading.Thread(target=go_on_storing)
        storing.start()
        try:
            client.ask(b"cache_memlimit 64\r\n", b"OK\r\n")
            wait_until(
                lambda: int(client.stats()["curr_items"]) <= held_in_64 * 1.1,
                "the surplus is evicted",
                30,
            )
        finally:
            over.set()
            storing.join()
        if is_plain():
            wait_until(
                lambda: server.rss_bytes() <= (1.03 * 64 + 24) * MEGABYTE,
                "the memory is the system's again",
            )
            assert rss_at_256 > 200 * MEGABYTE
        newest = [client.get(b"c-%d" % number) for number in range(2000)]
        assert set(newest) <= {value, None}
        # A page that is given back takes along what nobody has read since it was stored.
        assert newest.count(value) > 1900
        wait_until(
            lambda: int(client.stats("slabs")["total_malloced"]) <= 64 * MEGABYTE,
            "no page is left to give back",
        )
        store_all(client, b"c", 2000, value)
        assert all(client.get(b"c-%d" % number) == value for number in range(2000))
        assert int(client.stats()["store_no_memory"]) == 0
        store_all(client, b"d", 100000, value)
        assert client.get(b"d-99999") == value
