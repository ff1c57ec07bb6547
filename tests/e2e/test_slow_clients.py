"""Large values on their way in and out share the memory: whoever is slow gives way to those who
wait, and no store fails."""

import contextlib
import threading
import time

import pytest

from binary import is_plain
from bounds import in_parallel, seconds, wait_until
from client import Client
from connections import allow_descriptors, busy_readers
from filling import fill
from promise import assert_rss_within_promise
from values import make_value, random_bytes, version_of

KILOBYTE = 1 << 10
MEGABYTE = 1 << 20

#: For so long a client may be slow while others wait for the memory that it holds; it is looked at
#: once a second.
PATIENCE_SEC = 5
LOOK_SEC = 2

#: Pages that the heads and tails of large values may leave with their slab classes.
CHUNK_PAGES = 16

TOO_SLOW = b"SERVER_ERROR value came too slowly while others waited for memory\r\n"


def store(client: Client, key: bytes, value: bytes) -> None:
    client.send(b"set %b 0 0 %d\r\n" % (key, len(value)), value, b"\r\n")
    client.expect(b"STORED\r\n")


def free_pages(stats: dict[str, str]) -> int:
    return int(stats["slab_global_page_pool"])


def claims(client: Client) -> tuple[int, int]:
    """Bytes claimed by uploads, and bytes of pinned values."""
    stats = client.stats()
    return int(stats["uploads_bytes"]), int(stats["pinned_bytes"])


def nothing_is_held(client: Client) -> bool:
    return claims(client) == (0, 0)


def reader_of(server, key: bytes) -> Client:
    """A connection that asks for `key` and reads no more of the reply than its first byte."""
    client = server.connect(receive_buffer_bytes=4096, timeout_sec=60)
    client.send(b"get %b\r\n" % key)
    client.expect(b"V")
    return client


# Many uploads at once


def test_eight_clients_upload_16_mb_at_once(start):
    """Two thirds of the memory would not hold two of them, and small items have all of it: they
    take turns, and all are stored."""
    memory_mib, client_count, rounds = 64, 8, 3
    server = start("-m", str(memory_mib), "-I", "20m")
    size = 16 * MEGABYTE
    with server.connect(timeout_sec=60) as client:
        fill(client, memory_mib * MEGABYTE, value_bytes=100)
        assert int(client.stats()["evictions"]) > 0

    def upload(number: int) -> None:
        key = b"k%d" % number
        with server.connect(timeout_sec=120) as client:
            for version in range(rounds):
                store(client, key, make_value(key, version, size))
                value = client.get(key)
                assert value is None or version_of(key, value) == version

    in_parallel(
        [lambda number=number: upload(number) for number in range(client_count)], timeout_sec=300
    )
    with server.connect(timeout_sec=60) as client:
        for number in range(client_count):
            key = b"k%d" % number
            value = client.get(key)
            assert value is None or version_of(key, value) == rounds - 1
        assert nothing_is_held(client)
        assert int(client.stats()["store_no_memory"]) == 0
    assert_rss_within_promise(server, memory_mib, client_count + 1)


def test_uploads_of_half_the_memory_take_turns(start):
    server = start("-m", "64", "-I", "32m")
    size = 31 * MEGABYTE

    def upload(number: int) -> None:
        key = b"k%d" % number
        with server.connect(timeout_sec=120) as client:
            for version in range(3):
                store(client, key, make_value(key, version, size))
                value = client.get(key)
                assert value is None or version_of(key, value) == version

    in_parallel([lambda number=number: upload(number) for number in range(4)], timeout_sec=300)


# A slow upload


class TestWhileAnUploadStalls:
    @pytest.fixture
    def server(self, start):
        return start("-m", "64", "-I", "31m")

    @pytest.fixture
    def stalled(self, server):
        """A client that has announced 30 MB and sends one byte a second."""
        with server.connect(timeout_sec=60) as client:
            client.set(b"slow", b"old")
            client.send(b"set slow 0 0 %d\r\n" % (30 * MEGABYTE), b"x")
            wait_until(lambda: int(server.stats()["uploads_bytes"]) > 0, "it has begun")
            ended = threading.Event()

            def trickle():
                with contextlib.suppress(OSError):
                    while not ended.wait(1):
                        client.socket.sendall(b"x")

            sender = threading.Thread(target=trickle)
            sender.start()
            yield client
            ended.set()
            sender.join()

    def test_others_wait_no_longer_than_the_time_of_patience(self, server, stalled):
        value = make_value(b"k", 1, 30 * MEGABYTE)
        with server.connect(timeout_sec=PATIENCE_SEC + LOOK_SEC + 5) as client:
            begin = time.monotonic()
            store(client, b"k", value)
            waited_sec = time.monotonic() - begin
            assert waited_sec < seconds(PATIENCE_SEC + LOOK_SEC + 5)
            assert client.get(b"k") == value
        stalled.expect(TOO_SLOW)
        wait_until(lambda: b"upload ended" in server.stderr(), "the log tells it")
        with server.connect() as client:
            assert client.get(b"slow") is None
            assert nothing_is_held(client)

    def test_small_stores_and_uploads_do_not_wait_at_all(self, server, stalled):
        with server.connect() as waiting, server.connect() as client:
            waiting.send(b"set k 0 0 %d\r\n" % (30 * MEGABYTE), b"x")
            for number in range(20):
                store(client, b"k%d" % number, random_bytes(KILOBYTE, seed=number))
                store(client, b"l%d" % number, random_bytes(900 * KILOBYTE, seed=number))
            assert b"upload ended" not in server.stderr()

    def test_the_rest_of_an_ended_upload_is_dropped_and_its_connection_goes_on(
        self, server
    ):
        body = b"flush_all\r\n" * (30 * MEGABYTE // 11)
        with server.connect(timeout_sec=60) as slow, server.connect(timeout_sec=60) as client:
            slow.send(b"set slow 0 0 %d\r\n" % len(body), body[: 5 * MEGABYTE])
            store(client, b"k", make_value(b"k", 1, 30 * MEGABYTE))
            slow.expect(TOO_SLOW)
            slow.send(body[5 * MEGABYTE :], b"\r\n")
            slow.nothing_more()
            assert version_of(b"k", client.get(b"k")) == 1

    def test_a_value_without_its_end_is_ended_as_well(self, server):
        body = bytes(30 * MEGABYTE)
        with server.connect(timeout_sec=60) as slow, server.connect(timeout_sec=60) as client:
            slow.send(b"set slow 0 0 %d\r\n" % len(body), body, b"\r")
            store(client, b"k", make_value(b"k", 1, 30 * MEGABYTE))
            slow.expect(TOO_SLOW)
            slow.send(b"\n")
            slow.nothing_more()


def test_a_slow_upload_goes_on_while_nobody_waits(start):
    server = start("-m", "64", "-I", "31m")
    size = 20 * MEGABYTE
    value = make_value(b"slow", 1, size)
    with server.connect(timeout_sec=60) as slow, server.connect(timeout_sec=60) as client:
        slow.send(b"set slow 0 0 %d\r\n" % size, value[:1000])
        for second in range(PATIENCE_SEC + 3):
            # Others store as well, and find room beside it.
            store(client, b"k%d" % second, random_bytes(500 * KILOBYTE, seed=second))
            time.sleep(1)
        slow.send(value[1000:], b"\r\n")
        slow.expect(b"STORED\r\n")
        assert client.get(b"slow") == value


# Readers that never read


class TestWhileReadersNeverRead:
    @pytest.fixture
    def server(self, start):
        return start("-m", "64", "-I", "30m")

    def test_stores_of_every_size_go_on(self, server):
        size = 30 * MEGABYTE - KILOBYTE
        with server.connect(timeout_sec=60) as client:
            for key in (b"a", b"b"):
                store(client, key, make_value(key, 1, size))
            readers = [reader_of(server, b"b"), server.connect(receive_buffer_bytes=4096)]
            readers[1].send(b"get a\r\n")
            for number in range(2000):
                store(client, b"k%d" % number, random_bytes(KILOBYTE, seed=number))
            for number in range(4):
                value = make_value(b"c", number, size)
                store(client, b"c", value)
                found = client.get(b"c")
                assert found is None or found == value
                store(client, b"k", random_bytes(KILOBYTE, seed=number))
                assert client.get(b"k") == random_bytes(KILOBYTE, seed=number)
            for reader in readers:
                reader.close()
            wait_until(lambda: nothing_is_held(client), "the readers' memory is given back")

    def test_many_readers_of_values_of_every_size_do_not_stop_stores(self, server):
        sizes = [7, 30, 70, 300, 900, 3000, 9000]
        with server.connect(timeout_sec=60) as client:
            readers = []
            for number in range(60):
                key = b"r%d" % number
                store(client, key, random_bytes(sizes[number % 7] * KILOBYTE, seed=number))
                reader = server.connect(receive_buffer_bytes=4096)
                reader.send(b"get %b\r\n" % key * 50)
                readers.append(reader)
            for number in range(8):
                store(client, b"large", make_value(b"large", number, 29 * MEGABYTE))
                for size in sizes[:5]:
                    store(client, b"k%d" % size, random_bytes(size * KILOBYTE))
            assert int(client.stats()["store_no_memory"]) == 0
            for reader in readers:
                reader.reset()
            wait_until(lambda: nothing_is_held(client), "the readers' memory is given back")

    def test_a_reader_that_waits_gets_its_replies_in_order(self, server):
        size = 28 * MEGABYTE
        with server.connect(timeout_sec=60) as client:
            for key in (b"a", b"b"):
                store(client, key, make_value(key, 1, size))
            found = [key for key in (b"a", b"b") if client.ask_line(b"mg %b s\r\n" % key) != b"EN"]
            assert found == [b"a", b"b"]
            reader = reader_of(server, b"a")
            with server.connect(timeout_sec=60) as waiting:
                waiting.send(b"set x 0 0 1\r\n1\r\nget x b x\r\nincr x 1\r\nget b\r\nget x\r\n")
                waiting.expect(b"STORED\r\nVALUE x 0 1\r\n1\r\n")
                wait_until(lambda: b"closed: slow to read" in server.stderr(), "one is closed")
                waiting.expect(b"VALUE b 0 %d\r\n" % size)
                assert version_of(b"b", waiting.read(size)) == 1
                waiting.expect(b"\r\nVALUE x 0 1\r\n1\r\nEND\r\n2\r\n")
                waiting.expect(b"VALUE b 0 %d\r\n" % size)
                assert version_of(b"b", waiting.read(size)) == 1
                waiting.expect(b"\r\nEND\r\nVALUE x 0 1\r\n2\r\nEND\r\n")
                waiting.nothing_more()
            reader.close()

    def test_a_value_that_waits_to_be_read_may_be_replaced_meanwhile(self, server):
        size = 28 * MEGABYTE
        with server.connect(timeout_sec=60) as client:
            for key in (b"a", b"b"):
                store(client, key, make_value(key, 1, size))
            reader = reader_of(server, b"a")
            with server.connect(timeout_sec=60) as waiting:
                waiting.send(b"get b\r\nmn\r\n")
                client.set(b"b", b"short")
                waiting.expect(b"VALUE b 0 5\r\nshort\r\nEND\r\nMN\r\n")
            reader.close()

    def test_a_reader_is_left_alone_while_nobody_waits(self, server):
        size = 28 * MEGABYTE
        with server.connect(timeout_sec=60) as client:
            value = make_value(b"a", 1, size)
            store(client, b"a", value)
            reader = reader_of(server, b"a")
            for number in range(PATIENCE_SEC + 3):
                store(client, b"k%d" % number, random_bytes(900 * KILOBYTE))
                time.sleep(1)
            reader.expect(b"ALUE a 0 %d\r\n" % size)
            assert reader.read(size) == value
            reader.expect(b"\r\nEND\r\n")
            reader.close()


# Many readers of one value


def test_fifty_readers_of_one_value_that_is_being_replaced(start):
    """The memory holds three versions at most. Every other reader takes its value in small pieces,
    so that a version goes on being sent while others have come after it."""
    memory_mib = 128
    server = start("-m", str(memory_mib), "-I", "41m")
    size = 40 * MEGABYTE
    reader_count = 50 if is_plain() else 10
    done = threading.Event()
    with server.connect(timeout_sec=120) as client:
        store(client, b"k", make_value(b"k", 0, size))
        before = client.stats()

        def write() -> int:
            version = 0
            while version == 0 or not done.is_set():
                version += 1
                store(client, b"k", make_value(b"k", version, size))
            return version

        def read(reads: int, receive_buffer_bytes: int | None = None) -> None:
            newest = 0
            with server.connect(
                timeout_sec=120, receive_buffer_bytes=receive_buffer_bytes
            ) as reader:
                for _ in range(reads):
                    version = version_of(b"k", reader.get(b"k"))
                    assert version >= newest, "an older value came back"
                    newest = version

        def read_all() -> None:
            try:
                in_parallel(
                    [lambda: read(2), lambda: read(1, 64 * KILOBYTE)] * (reader_count // 2),
                    timeout_sec=300,
                )
            finally:
                done.set()

        newest, _ = in_parallel([write, read_all], timeout_sec=300)
        wait_until(lambda: nothing_is_held(client), "everything is given back")
        assert version_of(b"k", client.get(b"k")) == newest
        after = client.stats()
        assert after["bytes"] == before["bytes"]
        assert free_pages(after) >= free_pages(before) - CHUNK_PAGES
    assert_rss_within_promise(server, memory_mib, reader_count + 1)


# Replies that nobody takes


@pytest.mark.parametrize("size", [1000, 4096])
def test_a_thousand_readers_that_never_read_keep_the_memory_limit(start, size):
    """Each asks for far more than its socket takes; all that they leave lying stays within 16 KB
    for each of them, and nothing of it is lost or mixed up."""
    memory_mib, count, keys = 64, 1000, 16
    allow_descriptors(count + 100)
    server = start("-m", str(memory_mib), "-c", "2000")
    with server.connect(timeout_sec=60) as client:
        total = memory_mib * MEGABYTE // size
        for begin in range(0, total, 1000):
            some = range(begin, min(begin + 1000, total))
            client.send(
                b"".join(
                    b"set k%d 0 0 %d noreply\r\n%b\r\n" % (n, size, b"%08d" % n * (size // 8))
                    for n in some
                )
            )
        client.nothing_more()
        numbers = [total - 1 - number for number in range(keys)]
        line = b"get %b\r\n" % b" ".join(b"k%d" % number for number in numbers)
        reply = b"".join(
            b"VALUE k%d 0 %d\r\n%b\r\n" % (number, size, b"%08d" % number * (size // 8))
            for number in numbers
        )
        lines = 400
        readers = [server.connect(receive_buffer_bytes=4096) for _ in range(count)]
        sent = [0] * count
        for _ in range(8):
            for index, reader in enumerate(readers):
                reader.socket.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    sent[index] += reader.socket.send((line * lines)[sent[index] :])
        client.nothing_more()
        wait_until(lambda: busy_readers(client) > count // 2, "most replies are unsent")
        assert_rss_within_promise(server, memory_mib, count + 1)
        for reader, sent_bytes in list(zip(readers, sent))[::100]:
            reader.socket.settimeout(seconds(30))
            for _ in range(sent_bytes // len(line)):
                reader.expect(reply + b"END\r\n")
        for reader in readers:
            reader.reset()


# Those that leave


@pytest.mark.parametrize("leave", [Client.close, Client.reset])
def test_clients_that_leave_give_everything_back_at_once(start, leave):
    server = start("-m", "64", "-I", "30m")
    with server.connect(timeout_sec=60) as client:
        value = make_value(b"k", 1, 20 * MEGABYTE)
        store(client, b"k", value)
        before = client.stats()
        leaving = [server.connect(receive_buffer_bytes=4096) for _ in range(9)]
        for number, each in enumerate(leaving):
            if number % 3 == 0:
                each.send(b"get k\r\n")
            elif number % 3 == 1:
                each.send(b"set u%d 0 0 %d\r\n" % (number, 9 * MEGABYTE), bytes(MEGABYTE))
            else:
                each.send(b"set w%d 0 0 %d\r\n" % (number, 25 * MEGABYTE))
        wait_until(lambda: all(claims(client)), "values are on their way in and out")
        for each in leaving:
            leave(each)
        wait_until(lambda: nothing_is_held(client), "all is given back", timeout_sec=4)
        assert client.get(b"k") == value
        assert free_pages(client.stats()) >= free_pages(before) - CHUNK_PAGES
