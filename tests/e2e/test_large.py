"""Values of every size up to the largest: at each border, over a full memory, replaced under their
readers, and left half sent."""

import threading

import pytest

from binary import is_plain
from bounds import in_parallel, wait_until
from filling import fill
from promise import assert_rss_within_promise
from replies import BAD_CHUNK, TOO_LARGE
from values import make_value, random_bytes, version_of

KILOBYTE = 1 << 10
MEGABYTE = 1 << 20
ITEM_OVERHEAD_BYTES = 59

#: The largest value that fits the default limit, under the key `k`.
LARGEST = MEGABYTE - ITEM_OVERHEAD_BYTES - len(b"k")

BORDERS = sorted(
    border + step
    for border in (128, 1 << 10, 2 << 10, 4 << 10, 4032, 6144, 8 << 10, 10240, 16 << 10, 16384 - 64)
    + (32 << 10, 64 << 10, 128 << 10, 192 << 10, 512 << 10)
    for step in (-61, -60, -59, -20, -1, 0, 1, 20)
)


def store(client, key: bytes, value: bytes, command: bytes = b"set") -> None:
    client.send(b"%b %b 0 0 %d\r\n" % (command, key, len(value)), value, b"\r\n")
    client.expect(b"STORED\r\n")


# Every size


@pytest.mark.parametrize("size", [0, 1, 2, 10, 100, *BORDERS, LARGEST - 1, LARGEST])
def test_a_value_of_any_size_is_read_back(c, size):
    value = random_bytes(size)
    store(c, b"k", value)
    assert c.get(b"k") == value
    c.ask(b"mg k s v\r\n", b"VA %d s%d\r\n" % (size, size))
    assert c.read(size) == value
    c.expect(b"\r\n")


def test_sizes_one_after_another_under_one_key(c):
    for size in [0, LARGEST, 5, 70000, 4096, 4097, 0, 300000, 10]:
        value = random_bytes(size, seed=size)
        store(c, b"k", value)
        assert c.get(b"k") == value


def test_values_of_many_sizes_lie_side_by_side(c):
    values = {b"k%d" % size: random_bytes(size, seed=size) for size in range(0, 260000, 6007)}
    for key, value in values.items():
        store(c, key, value)
    for key, value in values.items():
        assert c.get(key) == value


@pytest.mark.parametrize("limit_mib", [1, 2, 8, 50])
def test_the_largest_value_under_each_limit(start, limit_mib):
    server = start("-I", f"{limit_mib}m", "-m", "1024")
    with server.connect() as client:
        value = random_bytes(limit_mib * MEGABYTE - ITEM_OVERHEAD_BYTES - len(b"key"))
        store(client, b"key", value)
        assert client.get(b"key") == value
        client.send(b"set key 0 0 %d\r\n" % (len(value) + 1), value, b"x\r\n")
        client.expect(TOO_LARGE)
        client.ask(b"get key\r\n", b"END\r\n")


def test_several_large_values_in_one_get(c):
    values = [random_bytes(size, seed=size) for size in (900000, 0, 10000, LARGEST - 1, 70000)]
    for number, value in enumerate(values):
        store(c, b"k%d" % number, value)
    c.send(b"get k0 k1 k2 k3 k4\r\n")
    for number, value in enumerate(values):
        c.expect(b"VALUE k%d 0 %d\r\n" % (number, len(value)))
        assert c.read(len(value)) == value
        c.expect(b"\r\n")
    c.expect(b"END\r\n")


@pytest.mark.parametrize("size", [3000, 4096, 20000])
@pytest.mark.parametrize("command", [b"get", b"gats 0"])
def test_a_short_line_may_have_a_long_reply(c, command, size):
    value = random_bytes(size)
    c.send(b"ms k %d E77\r\n" % size, value, b"\r\n")
    c.expect(b"HD\r\n")
    c.send(command + b" k" * 1000 + b"\r\n")
    unique = b" 77" if command == b"gats 0" else b""
    reply = b"VALUE k 0 %d%b\r\n%b\r\n" % (size, unique, value)
    for _ in range(1000):
        assert c.read(len(reply)) == reply
    c.expect(b"END\r\n")


def test_a_pipeline_of_meta_gets_with_values_of_many_sizes(c):
    sizes = [0, 5, 1000, 4095, 4097, 16384, 17000, 70000]
    values = [random_bytes(size, seed=size) for size in sizes]
    for number, value in enumerate(values):
        store(c, b"k%d" % number, value)
    orders = [n * 7 % len(sizes) for n in range(1000)]
    requests = b"".join(b"mg k%d v k Oabc\r\nmg gone q v\r\n" % n for n in orders)
    sender = threading.Thread(target=c.send, args=(requests,))
    sender.start()
    for number in orders:
        c.expect(b"VA %d kk%d Oabc\r\n" % (sizes[number], number))
        assert c.read(sizes[number]) == values[number]
        c.expect(b"\r\n")
    sender.join()


def test_a_pipeline_of_stores_of_many_sizes(c):
    sizes = [0, 5, 4096, 4097, 9000, 10241, 65536, 200000, 3]
    values = [random_bytes(size, seed=size) for size in sizes] * 3
    requests = b"".join(
        b"set k%d 0 0 %d\r\n%b\r\nset q%d 0 0 %d noreply\r\n%b\r\nmg k%d s\r\n"
        % (n, len(value), value, n, len(value), value, n)
        for n, value in enumerate(values)
    )
    c.send(requests)
    c.expect(b"".join(b"STORED\r\nHD s%d\r\n" % len(value) for value in values))
    for number, value in enumerate(values):
        assert c.get(b"k%d" % number) == c.get(b"q%d" % number) == value


@pytest.mark.parametrize("size", [100, 4096, 4097, 100000])
def test_touching_keeps_a_value_of_any_size(c, size):
    value = random_bytes(size)
    store(c, b"k", value)
    c.ask(b"touch k 100\r\n", b"TOUCHED\r\n")
    assert 98 <= c.ttl(b"k") <= 100
    c.ask(b"gat 200 k\r\n", b"VALUE k 0 %d\r\n%b\r\nEND\r\n" % (size, value))
    assert 198 <= c.ttl(b"k") <= 200
    c.ask(b"mg k T0 v\r\n", b"VA %d\r\n%b\r\n" % (size, value))
    assert c.ttl(b"k") == -1
    c.ask(b"md k I\r\n", b"HD\r\n")
    c.ask(b"mg k v\r\n", b"VA %d X W\r\n%b\r\n" % (size, value))


def test_large_values_through_meta_commands(c):
    value = random_bytes(500000)
    c.send(b"ms k %d F7 s k Oabc\r\n" % len(value), value, b"\r\n")
    c.expect(b"HD s500000 kk Oabc\r\n")
    c.ask(b"mg k f s v\r\n", b"VA 500000 f7 s500000\r\n")
    assert c.read(len(value)) == value
    c.expect(b"\r\n")
    c.ask(b"mg k s\r\n", b"HD s500000\r\n")
    c.ask(b"md k x\r\n", b"HD\r\n")
    c.ask(b"mg k s v\r\n", b"VA 0 s0\r\n\r\n")


# Too large


@pytest.mark.parametrize("byte_count", [LARGEST + 1, MEGABYTE, 5 * MEGABYTE])
def test_a_set_too_large_is_swallowed_and_removes_the_old_item(c, byte_count):
    c.set(b"k", b"old")
    body = (b"flush_all\r\n" * (byte_count // 11 + 1))[:byte_count]
    c.set(b"other", b"kept")
    c.send(b"set k 0 0 %d\r\n" % byte_count, body, b"\r\n")
    c.expect(TOO_LARGE)
    c.ask(b"get k other\r\n", b"VALUE other 0 4\r\nkept\r\nEND\r\n")


@pytest.mark.parametrize("flags", [b"", b" MR", b" C50", b" C51", b" C50 MR"])
def test_an_ms_too_large_is_swallowed_and_removes_the_old_item(c, flags):
    c.ask(b"ms k 3 E50\r\nold\r\n", b"HD\r\n")
    c.send(b"ms k %d%b\r\n" % (MEGABYTE, flags), b"x" * MEGABYTE, b"\r\n")
    c.expect(TOO_LARGE)
    c.ask(b"mg k\r\n", b"EN\r\n")


@pytest.mark.parametrize(
    "line",
    [
        b"add k 0 0 %d",
        b"replace k 0 0 %d",
        b"append k 0 0 %d",
        b"cas k 0 0 %d 5",
        b"ms k %d ME",
        b"ms k %d MA",
        b"ms k %d MP",
    ],
)
def test_other_stores_too_large_keep_the_old_item(c, line):
    c.set(b"k", b"old")
    c.send(line % MEGABYTE + b"\r\n", b"x" * MEGABYTE, b"\r\n")
    c.expect(TOO_LARGE)
    assert c.get(b"k") == b"old"


def test_any_two_bytes_end_a_block_that_is_too_large(c):
    c.send(b"set k 0 0 %d\r\n" % MEGABYTE, b"x" * MEGABYTE, b"yz")
    c.expect(TOO_LARGE)


def test_a_large_body_of_another_length_is_a_bad_chunk(c):
    c.set(b"k", b"old")
    c.send(b"set k 0 0 500000\r\n", b"x" * 500000, b"yz")
    c.expect(BAD_CHUNK)
    assert c.get(b"k") == b"old"


@pytest.mark.parametrize(
    "line, reply, value",
    [
        (b"add k 0 0 500000", b"NOT_STORED\r\n", b"old"),
        (b"cas k 0 0 500000 1", b"EXISTS\r\n", b"old"),
        (b"replace gone 0 0 500000", b"NOT_STORED\r\n", b"old"),
        (b"append gone 0 0 500000", b"NOT_STORED\r\n", b"old"),
        (b"cas gone 0 0 500000 1", b"NOT_FOUND\r\n", b"old"),
        (b"replace k 0 0 500000", b"STORED\r\n", b"x" * 500000),
        (b"append k 0 0 500000", b"STORED\r\n", b"old" + b"x" * 500000),
        (b"prepend k 0 0 500000", b"STORED\r\n", b"x" * 500000 + b"old"),
    ],
)
def test_a_large_store_has_its_conditions(c, line, reply, value):
    c.ask(b"ms k 3 E77\r\nold\r\n", b"HD\r\n")
    c.send(line + b"\r\n", b"x" * 500000, b"\r\n")
    c.expect(reply)
    assert c.get(b"k") == value
    c.ask(b"get gone\r\n", b"END\r\n")


# append and prepend


def test_appending_and_prepending_across_every_border(c):
    value = b""
    store(c, b"k", value)
    for number, size in enumerate([100, 6000, 50, 3000, 60000, 1, 70000, 8000, 300000, 2]):
        piece = random_bytes(size, seed=number)
        if number % 2:
            value = piece + value
            store(c, b"k", piece, b"prepend")
        else:
            value = value + piece
            store(c, b"k", piece, b"append")
        assert c.get(b"k") == value


def test_many_small_appends_make_a_large_value(c):
    pieces = [b"%05d," % number for number in range(5000)]
    store(c, b"k", b"")
    for start in range(0, len(pieces), 500):
        some = pieces[start : start + 500]
        c.send(b"".join(b"append k 0 0 6\r\n%b\r\n" % piece for piece in some))
        c.expect(b"STORED\r\n" * len(some))
    assert c.get(b"k") == b"".join(pieces)


@pytest.mark.parametrize("command", [b"append", b"prepend"])
@pytest.mark.parametrize("old_bytes, new_bytes", [(1000000, 60000), (60000, 1000000)])
def test_appending_past_the_limit_keeps_the_old_value(c, command, old_bytes, new_bytes):
    old = random_bytes(old_bytes)
    store(c, b"k", old)
    c.send(b"%b k 0 0 %d\r\n" % (command, new_bytes), b"x" * new_bytes, b"\r\n")
    c.expect(TOO_LARGE)
    assert c.get(b"k") == old


@pytest.mark.parametrize("command", [b"append", b"prepend"])
def test_appending_exactly_up_to_the_limit(c, command):
    store(c, b"k", b"x" * (LARGEST - 7))
    store(c, b"k", b"1234567", command)
    assert len(c.get(b"k")) == LARGEST
    c.ask(command + b" k 0 0 1\r\n8\r\n", TOO_LARGE)
    assert len(c.get(b"k")) == LARGEST


# Over a memory full of small values

MEMORY_MIB, SETS_PER_SIZE = (512, 20) if is_plain() else (128, 4)


class TestAfterAFillWithSmallValues:
    @pytest.fixture(scope="class")
    def full(self, start_for_module):
        server = start_for_module("-m", str(MEMORY_MIB), "-I", "50m")
        with server.connect() as client:
            fill(client, int(MEMORY_MIB * 1.2) * MEGABYTE)
            assert int(client.stats()["evictions"]) > 0
        return server

    @pytest.mark.parametrize("megabytes", [0.4, 1, 5, 10, 25, 49])
    def test_every_large_set_is_stored_and_intact(self, full, megabytes):
        size = int(megabytes * MEGABYTE)
        block = random_bytes(size + SETS_PER_SIZE, seed=size)
        with full.connect() as client:
            for number in range(SETS_PER_SIZE):
                value = block[number : number + size]
                store(client, b"large-%d" % number, value)
                assert client.get(b"large-%d" % number) == value

    def test_the_newest_large_values_are_still_there(self, full):
        """Eviction need not be exact, but it takes old items first."""
        size = 10 * MEGABYTE
        count = MEMORY_MIB // 2 // 10
        block = random_bytes(size + count)
        with full.connect() as client:
            for number in range(count):
                store(client, b"kept-%d" % number, block[number : number + size])
            values = [client.get(b"kept-%d" % number) for number in range(count)]
            assert values[-1] is not None
            for number, value in enumerate(values):
                assert value is None or value == block[number : number + size]
            assert values.count(None) <= count // 5

    def test_small_values_are_stored_again_afterwards(self, full):
        with full.connect() as client:
            fill(client, 4 * MEGABYTE)
            assert client.get(b"fill-4095") is not None

    @pytest.mark.skipif(not is_plain(), reason="sanitizers and emulators need memory of their own")
    def test_the_memory_stayed_within_the_promise(self, full):
        assert_rss_within_promise(full, MEMORY_MIB, 1)


# Under its readers


@pytest.mark.parametrize("size", [3000, 50000, 900000])
def test_readers_see_whole_values_while_they_are_replaced(server, c, size):
    versions = 60
    done = threading.Event()

    def write():
        try:
            with server.connect() as client:
                for version in range(1, versions):
                    store(client, b"k", make_value(b"k", version, size + version % 7 * 500))
        finally:
            done.set()

    def read():
        newest = 0
        with server.connect() as client:
            while not done.is_set():
                version = version_of(b"k", client.get(b"k"))
                assert version >= newest, "an older value came back"
                newest = version

    store(c, b"k", make_value(b"k", 0, size))
    in_parallel([write, read, read, read])
    assert version_of(b"k", c.get(b"k")) == versions - 1


def test_a_value_being_sent_survives_its_deletion(server, c):
    value = random_bytes(LARGEST)
    with server.connect(receive_buffer_bytes=4096) as slow:
        for change in (b"delete k\r\n", b"set k 0 0 1\r\nx\r\n", b"flush_all\r\n", b"md k I\r\n"):
            store(c, b"k", value)
            slow.send(b"get k\r\n")
            slow.expect(b"VALUE k 0 %d\r\n" % LARGEST)
            c.ask_line(change)
            store(c, b"2", random_bytes(LARGEST, seed=1))
            assert slow.read(LARGEST) == value
            slow.expect(b"\r\nEND\r\n")


def test_a_value_being_sent_does_not_change_when_it_is_appended_to(server, c):
    value = random_bytes(800000)
    store(c, b"k", value)
    with server.connect(receive_buffer_bytes=4096) as slow:
        slow.send(b"get k\r\n")
        slow.expect(b"VALUE k 0 800000\r\n")
        for _ in range(50):
            store(c, b"k", b"a" * 1000, b"append")
            store(c, b"k", b"p" * 1000, b"prepend")
        assert slow.read(800000) == value
        slow.expect(b"\r\nEND\r\n")
    assert c.get(b"k") == b"p" * 50000 + value + b"a" * 50000


# Uploads


def test_uploads_that_do_not_fit_together_are_all_stored(start):
    server = start("-m", "128", "-I", "50m")
    size = 40 * MEGABYTE

    def upload(number: int) -> None:
        key = b"k%d" % number
        value = make_value(key, number, size)
        with server.connect(timeout_sec=60) as client:
            for _ in range(2):
                store(client, key, value)

    in_parallel([lambda number=number: upload(number) for number in range(5)])
    with server.connect() as client:
        found = [number for number in range(5) if client.get(b"k%d" % number) is not None]
        assert found, "none of the values is there"
        for number in found:
            assert version_of(b"k%d" % number, client.get(b"k%d" % number)) == number


@pytest.mark.parametrize("sent_bytes", [0, 100000, 30 * MEGABYTE])
def test_abandoned_uploads_give_their_memory_back(start, sent_bytes):
    server = start("-m", "128", "-I", "50m")
    size = 49 * MEGABYTE
    with server.connect(timeout_sec=30) as client:
        client.set(b"k", b"old")
        for _ in range(12):
            with server.connect(timeout_sec=30) as leaving:
                leaving.send(b"set k 0 0 %d\r\n" % size, bytes(sent_bytes))
        wait_until(lambda: client.stats()["curr_connections"] == "1", "the others are gone")
        assert client.get(b"k") == b"old"
        value = random_bytes(size)
        store(client, b"k", value)
        assert client.get(b"k") == value


def test_a_set_during_a_slow_upload_is_overwritten_by_it(server, c):
    """The order of two stores is the order in which they were completed."""
    with server.connect() as slow:
        slow.send(b"set k 0 0 500000\r\n", b"x" * 250000)
        c.set(b"k", b"quick")
        assert c.get(b"k") == b"quick"
        slow.send(b"x" * 250000, b"\r\n")
        slow.expect(b"STORED\r\n")
    assert c.get(b"k") == b"x" * 500000


def test_the_conditions_of_an_upload_are_those_of_its_end(server, c):
    with server.connect() as slow:
        slow.send(b"add k 0 0 500000\r\n", b"x" * 250000)
        c.set(b"k", b"quick")
        slow.send(b"x" * 250000, b"\r\n")
        slow.expect(b"NOT_STORED\r\n")
    assert c.get(b"k") == b"quick"
