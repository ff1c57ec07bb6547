"""The very bytes that memtier_benchmark sends, over every transport that it can take.

With -P memcache_text it takes nothing but VALUE, END and STORED: any other answer hangs its run.
With -P memcache_binary it sends opaque 0 always, so that only the order says which reply is whose.
"""

import struct

import packets
import pytest

from bounds import wait_until
from packets import Reply, ask, read_reply, refusal, request, store
from transports import TRANSPORTS, open_door
from values import random_bytes

DATA = random_bytes(32).replace(b"\r", b"x").replace(b"\n", b"x")
NO_FLAGS = struct.pack(">I", 0)


def set_request(number: int, data: bytes = DATA, exptime: int = 0) -> bytes:
    return b"set memtier-%d 0 %d %d\r\n%b\r\n" % (number, exptime, len(data), data)


def value_reply(number: int, data: bytes = DATA) -> bytes:
    return b"VALUE memtier-%d 0 %d\r\n%b\r\n" % (number, len(data), data)


@pytest.fixture(name="transport", scope="module", params=TRANSPORTS)
def fixture_transport(request):
    return request.param


@pytest.fixture(name="door", scope="module")
def fixture_door(transport, start_for_module, tmp_path_factory):
    return open_door(transport, start_for_module, tmp_path_factory.mktemp("door"))


@pytest.fixture(name="m")
def fixture_m(door):
    """A connection to a server that holds no items at first. In the end nothing that the server
    has sent is left over."""
    with door.connect() as client:
        client.ask(b"flush_all\r\n", b"OK\r\n")
        yield client
        client.nothing_more()


# -P memcache_text


def test_one_set_to_ten_gets(m):
    for number in range(1, 200):
        m.ask(set_request(number), b"STORED\r\n")
        for _ in range(10):
            m.ask(b"get memtier-%d\r\n" % number, value_reply(number) + b"END\r\n")
    m.ask(b"get memtier-1000\r\n", b"END\r\n")


@pytest.mark.parametrize("depth", [2, 32, 500])
def test_a_pipeline(m, depth):
    for start in range(1, 3 * depth, depth):
        numbers = range(start, start + depth)
        m.send(b"".join(set_request(n) + b"get memtier-%d\r\n" % n for n in numbers))
        m.expect(b"".join(b"STORED\r\n" + value_reply(n) + b"END\r\n" for n in numbers))


@pytest.mark.parametrize("key_count", [10, 100, 1000])
def test_a_multi_key_get(m, key_count):
    stored = range(1, key_count + 1, 2)
    m.send(b"".join(set_request(number) for number in stored))
    m.expect(b"STORED\r\n" * len(stored))
    keys = b"".join(b" memtier-%d" % number for number in range(1, key_count + 1))
    m.ask(b"get" + keys + b"\r\n", b"".join(value_reply(n) for n in stored) + b"END\r\n")


def test_values_of_a_data_size_range(m):
    sizes = [1, 100, 4096, 20000, 300000]
    for number, size in enumerate(sizes):
        data = random_bytes(size, seed=number)
        m.ask(set_request(number, data, exptime=60), b"STORED\r\n")
        m.ask(b"get memtier-%d\r\n" % number, value_reply(number, data) + b"END\r\n")


def test_a_set_is_always_stored_while_eviction_is_on(transport, start, tmp_path):
    """Four times the memory, pipelined: any answer but STORED would hang the run."""
    depth, data = 64, random_bytes(10000)
    with open_door(transport, start, tmp_path, "-m", "16").connect() as client:
        for first in range(0, 100 * depth, depth):
            client.send(b"".join(set_request(first + i, data) for i in range(depth)))
            client.expect(b"STORED\r\n" * depth)
        assert int(client.stats()["evictions"]) > 0


def test_a_run_ends_with_resets(door, m):
    """memtier_benchmark closes with SO_LINGER 0, whatever is still on its way."""
    data = random_bytes(500000)
    m.ask(set_request(1, data), b"STORED\r\n")
    for pending in (b"", b"get memtier-1\r\n" * 20, b"get memt", b"set memtier-2 0 0 32\r\nxyz"):
        clients = [door.connect() for _ in range(20)]
        for client in clients:
            client.send(b"get memtier-0\r\n" + pending)
        for client in clients:
            client.reset()
    wait_until(lambda: m.stats()["curr_connections"] == "1", "all reset connections are gone")
    m.ask(b"get memtier-1\r\n", value_reply(1, data) + b"END\r\n")


# -P memcache_binary


def exchange_packets(client, depth: int) -> None:
    """Sets and gets in three pipelines of `depth` each, and a get in vain."""
    for start in range(1, 3 * depth, depth):
        keys = [b"memtier-%d" % number for number in range(start, start + depth)]
        client.send(b"".join(store(packets.SET, k, DATA) + request(packets.GET, k) for k in keys))
        for _ in keys:
            stored = read_reply(client)
            assert stored == Reply(packets.SET, cas=stored.cas)
            found = Reply(packets.GET, extras=NO_FLAGS, value=DATA, cas=stored.cas)
            assert read_reply(client) == found
    missing = ask(client, request(packets.GET, b"memtier-0"))
    assert missing == refusal(packets.GET, packets.NOT_FOUND)


@pytest.mark.parametrize("depth", [1, 32, 500])
def test_packets(door, depth):
    with door.connect() as client:
        exchange_packets(client, depth)


def test_packets_of_values_of_a_data_size_range(door):
    with door.connect() as client:
        for number, size in enumerate([1, 100, 4096, 20000, 300000]):
            key, data = b"memtier-%d" % number, random_bytes(size, seed=number)
            stored = ask(client, store(packets.SET, key, data, exptime=60))
            assert stored == Reply(packets.SET, cas=stored.cas)
            assert ask(client, request(packets.GET, key)).value == data


def test_packets_of_a_client_that_logs_in(transport, start, tmp_path):
    """-a ann:secret: SASL PLAIN at once, without asking which mechanisms there are."""
    users = tmp_path / "users"
    users.write_text("ann:secret\n", encoding="ascii")
    door = open_door(transport, start, tmp_path, "-S", "-Y", str(users))
    with door.connect() as client:
        login = request(packets.SASL_AUTH, b"PLAIN", b"\0ann\0secret")
        assert ask(client, login) == Reply(packets.SASL_AUTH, value=b"Authenticated")
        exchange_packets(client, 32)
    with door.connect() as client:
        wrong = request(packets.SASL_AUTH, b"PLAIN", b"\0ann\0wrong")
        assert ask(client, wrong) == refusal(packets.SASL_AUTH, packets.AUTH_ERROR)
