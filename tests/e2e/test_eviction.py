"""A full memory: whatever is evicted, each get is a miss or exactly right, and the limit holds."""

import random

import pytest

from binary import is_plain
from bounds import in_parallel
from promise import assert_rss_within_promise
from replies import NO_MEMORY
from values import MIN_BYTES, make_value, random_bytes, version_of

MEGABYTE = 1 << 20
KEY_COUNT = 20000

#: Sizes that fall into many slab classes, medium items and large ones.
SIZES = [MIN_BYTES, 200, 500, 1000, 3000, 6000, 7000, 12000, 30000, 70000, 200000]
WEIGHTS = [8, 8, 8, 8, 8, 4, 4, 4, 2, 1, 1]

BATCHES = 400 if is_plain() else 160
BATCH_REQUESTS = 25


class Writer:
    """One client that sets, deletes, appends and gets keys that all clients share."""

    def __init__(self, server, number: int):
        self._client = server.connect(timeout_sec=30)
        self._random = random.Random(number)
        self._number = number
        self.hits = 0
        self.gets = 0

    def run(self) -> None:
        with self._client:
            for batch in range(BATCHES):
                self._set_some(batch)
                self._get_some()
                self._client.ask(b"delete k%d noreply\r\nmn\r\n" % self._any_key(), b"MN\r\n")

    def _any_key(self) -> int:
        """The lower, the likelier."""
        return int(KEY_COUNT * self._random.random() ** 3)

    def _set_some(self, batch: int) -> None:
        requests = []
        for _ in range(BATCH_REQUESTS):
            key = b"k%d" % self._any_key()
            [size] = self._random.choices(SIZES, WEIGHTS)
            value = make_value(key, batch * 16 + self._number, size + self._random.randrange(100))
            requests.append(b"set %b 0 0 %d\r\n%b\r\n" % (key, len(value), value))
        self._client.send(b"".join(requests))
        self._client.expect(b"STORED\r\n" * BATCH_REQUESTS)

    def _get_some(self) -> None:
        keys = [b"k%d" % self._any_key() for _ in range(BATCH_REQUESTS)]
        self._client.send(b"get " + b" ".join(keys) + b"\r\n")
        self.gets += len(keys)
        wanted = iter(keys)
        while (head := self._client.line()) != b"END":
            _, key, flags, byte_count = head.split(b" ")
            assert key in wanted, "a key that was not asked for, or out of order"
            assert flags == b"0"
            version_of(key, self._client.read(int(byte_count)))
            self._client.expect(b"\r\n")
            self.hits += 1


def test_under_pressure_every_get_is_a_miss_or_exactly_right(start):
    server = start("-m", "64", "-t", "4")
    writers = [Writer(server, number) for number in range(4)]
    in_parallel([writer.run for writer in writers])
    stats = server.stats()
    assert int(stats["evictions"]) > 0
    assert int(stats["bytes"]) <= 64 * MEGABYTE
    assert int(stats["store_no_memory"]) == 0
    hits = sum(writer.hits for writer in writers)
    assert 0.2 < hits / sum(writer.gets for writer in writers) < 1
    assert_rss_within_promise(server, 64, len(writers))


def store_all(client, prefix: bytes, count: int, value: bytes) -> None:
    """Sets <prefix>-0 and so on; each must be stored."""
    per_send = max(1, 200000 // len(value))
    for first in range(0, count, per_send):
        numbers = range(first, min(first + per_send, count))
        client.send(
            b"".join(
                b"set %b-%d 0 0 %d\r\n%b\r\n" % (prefix, number, len(value), value)
                for number in numbers
            )
        )
        client.expect(b"STORED\r\n" * len(numbers))


def test_sizes_that_shift_are_all_stored(start):
    """Memory that is full of one size takes another, and a third, and the first again."""
    server = start("-m", "64")
    with server.connect() as client:
        for size in (2000, 5000, 60000, 900000, 10, 2000):
            value = random_bytes(size)
            count = min(96 * MEGABYTE // (size + 60), 100000)
            store_all(client, b"s%d" % size, count, value)
            assert client.get(b"s%d-%d" % (size, count - 1)) == value
        assert_rss_within_promise(server, 64, 1)


@pytest.mark.parametrize(
    "old_size, size", [(2000, 1000), (2000, 5000), (2000, 20000), (2000, 60000), (200, 300000)]
)
def test_a_new_size_finds_room_in_a_memory_full_of_another(start, old_size, size):
    """Of more of it than fits, at least the newest sixteenth of the memory is there in the end."""
    server = start("-m", "64")
    with server.connect() as client:
        store_all(client, b"old", 75 * MEGABYTE // (old_size + 60), random_bytes(old_size))
        assert int(client.stats()["evictions"]) > 0
        value = random_bytes(size)
        count = 80 * MEGABYTE // size
        store_all(client, b"new", count, value)
        newest = range(count - 4 * MEGABYTE // size, count)
        lost = [number for number in newest if client.get(b"new-%d" % number) != value]
        assert not lost, f"{len(lost)} of the newest {len(newest)} are gone"


def test_what_is_read_again_and_again_outlives_what_is_not(start):
    """Two and a half times the memory passes by, while a hundred keys are read now and then."""
    server = start("-m", "64")
    value = random_bytes(1000)
    with server.connect() as client:
        store_all(client, b"hot", 100, value)
        for batch in range(160):
            store_all(client, b"cold-%d" % batch, 1000, value)
            kept = [number for number in range(100) if client.get(b"hot-%d" % number) == value]
            assert len(kept) >= 90, f"after {batch} batches"
        assert int(client.stats()["evictions"]) > 0
        assert client.get(b"cold-0-0") is None


def test_the_memory_stays_within_the_promise_with_tiny_items(start):
    """Where headers and index weigh the most."""
    server = start("-m", "64")
    with server.connect() as client:
        for batch in range(600 if is_plain() else 100):
            client.send(
                b"".join(
                    b"set %d 0 0 10 noreply\r\n%010d\r\n" % (number, number)
                    for number in range(batch * 2500, batch * 2500 + 2500)
                )
            )
        client.nothing_more()
        stats = client.stats()
        if is_plain():
            assert int(stats["evictions"]) > 0
        assert_rss_within_promise(server, 64, 1)


class TestWithoutEviction:
    @pytest.fixture
    def full(self, start):
        """A client of a server under -M whose memory is full, and the number of items in it."""
        server = start("-m", "64", "-M")
        with server.connect() as client:
            value = random_bytes(50000)
            for number in range(2000):
                client.send(b"set k%d 0 0 50000\r\n" % number, value, b"\r\n")
                if (reply := client.line()) != b"STORED":
                    assert reply + b"\r\n" == NO_MEMORY
                    break
            yield client, number, value
            assert_rss_within_promise(server, 64, 1)

    def test_a_full_memory_refuses(self, full):
        client, count, value = full
        assert 800 < count < 1400
        stats = client.stats()
        assert stats["evictions"] == "0"
        assert stats["curr_items"] == str(count)
        assert int(stats["store_no_memory"]) > 0
        for number in range(count):
            assert client.get(b"k%d" % number) == value

    def test_a_deletion_makes_room(self, full):
        client, count, value = full
        for number in range(10):
            client.ask(b"delete k%d\r\n" % number, b"DELETED\r\n")
        for number in range(5):
            client.set(b"new-%d" % number, value)
            assert client.get(b"new-%d" % number) == value

    def test_a_refused_set_is_swallowed_and_removes_the_old_item(self, full):
        client, count, value = full
        assert client.get(b"k0") == value
        body = b"flush_all\r\n" * 80000
        client.send(b"set k0 0 0 %d\r\n" % len(body), body, b"\r\n")
        client.expect(NO_MEMORY)
        client.ask(b"get k0\r\n", b"END\r\n")
        assert client.get(b"k%d" % (count - 1)) == value

    @pytest.mark.parametrize("command", [b"add", b"append", b"replace"])
    def test_another_refused_store_keeps_the_old_item(self, full, command):
        client, count, value = full
        key = b"new" if command == b"add" else b"k0"
        body = b"flush_all\r\n" * 80000
        client.send(b"%b %b 0 0 %d\r\n" % (command, key, len(body)), body, b"\r\n")
        client.expect(NO_MEMORY)
        assert client.get(b"k0") == value

    def test_a_refused_small_set_removes_the_old_item(self, full):
        client, count, value = full
        number = 0
        while client.ask_line(b"set small-%d 0 0 9\r\n%09d\r\n" % (number, number)) == b"STORED":
            number += 1
        client.ask(b"set k0 0 0 9\r\n123456789\r\n", NO_MEMORY)
        client.ask(b"get k0\r\n", b"END\r\n")
        assert client.get(b"k1") == value
