"""The binary protocol on the wire of a real server."""

import struct

import packets
import pytest
from binary import is_plain
from bounds import in_parallel
from packets import Reply, ask, count, read_reply, refusal, request, store, touch
from values import make_value, random_bytes, version_of


@pytest.fixture
def b(server, c):
    """A connection for packets to the shared server, which holds no items at first."""
    with server.connect() as client:
        yield client


def flags(number: int) -> bytes:
    return struct.pack(">I", number)


# Commands


def test_both_protocols_share_a_port_and_a_cache(b, c):
    reply = ask(b, store(packets.SET, b"k", b"value", flags=7, opaque=1))
    assert reply == Reply(packets.SET, opaque=1, cas=c.cas_of(b"k"))
    c.ask(b"get k\r\n", b"VALUE k 7 5\r\nvalue\r\nEND\r\n")
    c.ask(b"set k 9 0 2\r\nv2\r\n", b"STORED\r\n")
    hit = ask(b, request(packets.GET, b"k"))
    assert hit == Reply(packets.GET, extras=flags(9), value=b"v2", cas=c.cas_of(b"k"))


def test_a_conversation_byte_by_byte(b):
    conversation = [
        (store(packets.SETQ, b"k", b"10", flags=3), None),
        (request(packets.GETKQ, b"gone", opaque=1), None),
        (request(packets.GETKQ, b"k", opaque=2), (packets.GETKQ, 0, b"k", b"10")),
        (count(packets.INCREMENT, b"k", 5), (packets.INCREMENT, 0, b"", struct.pack(">Q", 15))),
        (request(packets.APPENDQ, b"k", b"0"), None),
        (request(0x77, b"key", b"value", b"extras"), (0x77, 0x81, b"", b"Unknown command")),
        (touch(packets.GAT, b"k", 0), (packets.GAT, 0, b"", b"150")),
        (request(packets.GETK, b"gone"), (packets.GETK, 1, b"gone", b"")),
        (request(packets.DELETEQ, b"k"), None),
        (request(packets.DELETEQ, b"k"), (packets.DELETEQ, 1, b"", b"Not found")),
        (request(packets.VERSION), (packets.VERSION, 0, b"", b"1.6.45")),
    ]
    for packet, _ in conversation:
        b.send(*(packet[i : i + 1] for i in range(len(packet))))
    for _, expected in conversation:
        if expected:
            reply = read_reply(b)
            assert (reply.opcode, reply.status, reply.key, reply.value) == expected
    packets.nothing_more(b)


def test_a_key_may_hold_any_byte(b, c):
    key = bytes(range(256))[:250]
    assert ask(b, store(packets.SET, key, b"v")).status == packets.OK
    assert ask(b, request(packets.GETK, key)).key == key
    b.send(request(packets.GETK, key[::-1]))
    assert read_reply(b) == Reply(packets.GETK, packets.NOT_FOUND, key=key[::-1])
    assert ask(b, store(packets.SET, b"a b\r\n", b"v")).status == packets.OK
    c.ask(b"mg YSBiDQo= b k v\r\n", b"VA 1 kYSBiDQo= b\r\nv\r\n")


def test_stat_gives_what_stats_gives(b, server):
    for group in ["", "settings", "items", "slabs", "sizes"]:
        pairs = packets.stats(b, group.encode())
        assert [name.decode() for name in pairs] == list(server.stats(group))
    assert packets.stats(b, b"settings")[b"binding_protocol"] == b"auto-negotiate"
    assert packets.stats(b, b"reset") == {}
    assert ask(b, request(packets.STAT, b"bogus")) == refusal(packets.STAT, packets.NOT_FOUND)
    packets.nothing_more(b)


# Values


@pytest.mark.parametrize("size", [0, 4096, 4097, 100_000, 1_048_000])
def test_values_of_every_size(b, c, size):
    value = random_bytes(size)
    assert ask(b, store(packets.SET, b"k", value)).status == packets.OK
    assert ask(b, request(packets.GET, b"k")).value == value
    assert c.get(b"k") == value


def test_a_value_of_forty_megabytes(start):
    server = start("-m", "128", "-I", "50m")
    value = random_bytes(40 << 20)
    with server.connect(timeout_sec=60) as client:
        assert ask(client, store(packets.SET, b"k", value)).status == packets.OK
        assert ask(client, request(packets.GET, b"k")).value == value


def test_clients_of_both_protocols_write_large_values_at_once(start):
    server = start("-m", "64", "-I", "10m")

    def work(number: int) -> None:
        with server.connect(timeout_sec=60) as text, server.connect(timeout_sec=60) as binary:
            for version in range(10):
                key = b"k%d" % ((number + version) % 3)
                value = make_value(key, version, 3 << 20)
                if (number + version) % 2:
                    text.set(key, value)
                else:
                    assert ask(binary, store(packets.SET, key, value)).status == packets.OK
                found = text.get(key)
                assert found is None or version_of(key, found) < 10
                reply = ask(binary, request(packets.GET, key))
                assert reply.status == packets.NOT_FOUND or version_of(key, reply.value) < 10

    in_parallel([lambda number=number: work(number) for number in range(4)])


def test_a_value_over_the_limit_is_refused_and_swallowed(b, c):
    c.set(b"k", b"old")
    too_large = bytes(1_048_576)
    assert ask(b, store(packets.ADD, b"k", too_large)) == refusal(packets.ADD, packets.TOO_LARGE)
    assert c.get(b"k") == b"old"
    assert ask(b, store(packets.SETQ, b"k", too_large)) == refusal(packets.SETQ, packets.TOO_LARGE)
    assert c.get(b"k") is None
    packets.nothing_more(b)


def test_a_value_over_the_limit_is_dropped_by_a_set_with_a_cas_and_kept_by_a_replace(b, c):
    too_large = bytes(1_048_576)
    c.set(b"k", b"old")
    cas = c.cas_of(b"k")
    for opcode, value in [(packets.REPLACE, b"old"), (packets.SET, None)]:
        assert ask(b, store(opcode, b"k", too_large, cas=cas)) == refusal(opcode, packets.TOO_LARGE)
        assert c.get(b"k") == value


# Bad input


@pytest.mark.parametrize(
    "bad, status",
    [
        (request(packets.GET), packets.INVALID),
        (request(packets.GET, b"k" * 251), packets.INVALID),
        (request(packets.GET, b"k", b"v"), packets.INVALID),
        (request(packets.SET, b"k", b"v"), packets.INVALID),
        (request(packets.INCREMENT, b"k", extras=b"12345678"), packets.INVALID),
        (request(packets.TOUCH, b"k"), packets.INVALID),
        (request(packets.NOOP, b"k"), packets.INVALID),
        (request(packets.VERSION, value=b"v"), packets.INVALID),
        (request(packets.QUIT, value=b"v"), packets.INVALID),
        (request(packets.FLUSH, extras=b"12345678"), packets.INVALID),
        (packets.header(packets.GET, 2, 0, 1), packets.UNKNOWN),
        (packets.header(packets.SET, 1, 8, 8), packets.UNKNOWN),
        (packets.header(packets.SET, 1, 8, (1 << 30) + 1), packets.INVALID),
        (packets.header(0x55, 1, 8, 0xFFFFFFFF), packets.INVALID),
    ],
)
def test_a_packet_of_the_wrong_shape_is_answered_and_ends_the_connection(b, c, bad, status):
    c.set(b"k", b"kept")
    b.send(request(packets.NOOP) + bad + request(packets.DELETE, b"k"))
    assert read_reply(b) == Reply(packets.NOOP)
    assert read_reply(b) == refusal(bad[1], status)
    b.closed()
    assert c.get(b"k") == b"kept"


@pytest.mark.parametrize("opcode", [packets.VERBOSITY, 0x1F, 0x25, 0x30, 0x3C, 0xFF])
@pytest.mark.parametrize("parts", [(b"", b"", b""), (b"key", b"v" * 20_000, b"ext")])
def test_an_unknown_opcode_is_skipped_exactly(b, opcode, parts):
    for _ in range(3):
        b.send(request(opcode, *parts))
        assert read_reply(b) == refusal(opcode, packets.UNKNOWN)
    packets.nothing_more(b)


@pytest.mark.parametrize("opcode", [packets.SASL_MECHANISMS, packets.SASL_AUTH, packets.SASL_STEP])
def test_authentication_is_unknown_without_it(b, opcode):
    parts = () if opcode == packets.SASL_MECHANISMS else (b"PLAIN", b"\0user\0password")
    assert ask(b, request(opcode, *parts)) == refusal(opcode, packets.UNKNOWN)
    packets.nothing_more(b)


def test_another_magic_closes_without_a_reply(b):
    packets.nothing_more(b)
    b.send(b"version\r\n" * 3)
    b.closed()


@pytest.mark.parametrize(
    "rest", [b"\x80", request(packets.SET, b"k")[:23], store(packets.SET, b"k", b"new")[:-1]]
)
def test_an_unfinished_packet_is_not_carried_out(b, c, rest):
    c.set(b"k", b"kept")
    b.send(rest)
    b.finish_sending()
    b.closed()
    assert c.get(b"k") == b"kept"


# One protocol alone


def test_a_binary_port_closes_on_text(start):
    server = start("-B", "binary")
    with server.connect() as client:
        packets.nothing_more(client)
    with server.connect() as client:
        client.send(b"version\r\n" * 3)
        client.closed()


def test_a_text_port_reads_packets_as_text(start):
    server = start("-B", "ascii")
    with server.connect() as client:
        client.ask(request(packets.VERSION) + b"\r\n", b"ERROR\r\n")
        client.nothing_more()


# What is not read


@pytest.mark.parametrize(
    "requests",
    [
        request(packets.GETKQ, b"small") * 2000,
        request(packets.GETQ, b"large") * 2000,
        request(0x77, b"key") * 2000,
        store(packets.ADDQ, b"small", b"v") * 2000,
        request(packets.STAT) * 2000,
    ],
    ids=["hits", "large hits", "unknown opcodes", "refused adds", "stats"],
)
def test_a_flood_of_requests_whose_replies_nobody_reads(start, requests):
    """The server stops reading; its memory stays as it is, and others are served."""
    server = start("-m", "64", "-t", "1")
    with server.connect() as other, server.connect(timeout_sec=1) as flood:
        other.set(b"small", random_bytes(1000))
        other.set(b"large", random_bytes(900_000))
        before = server.rss_peak_bytes()
        with pytest.raises(TimeoutError):
            for _ in range((256 << 20) // len(requests)):
                flood.socket.sendall(requests)
        for _ in range(100):
            assert other.ask_line(b"mn\r\n") == b"MN"
        if is_plain():  # a sanitizer keeps what has been freed
            assert server.rss_peak_bytes() - before < 8 << 20
