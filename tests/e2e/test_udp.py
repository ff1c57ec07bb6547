"""UDP: off unless asked for, framed as memcached's, and of no use to amplify anything."""

import socket
import struct

import packets
import pytest

from bounds import seconds, wait_until
from program import asks, free_port, program, run
from values import random_bytes


class UdpClient:
    """Sends datagrams to one server, and puts replies together."""

    def __init__(self, address):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.settimeout(seconds(10))
        self.socket.connect(address)
        self._last_id = 0

    def __enter__(self) -> "UdpClient":
        return self

    def __exit__(self, *_) -> None:
        self.socket.close()

    def send(self, payload: bytes, *, total: int = 1, sequence: int = 0, reserved: int = 0) -> int:
        """Sends a request; its id."""
        self._last_id = (self._last_id + 1) % 65536
        header = struct.pack(">4H", self._last_id, sequence, total, reserved)
        self.socket.send(header + payload)
        return self._last_id

    def receive(self, request_id: int) -> list[bytes]:
        """The datagrams of the next reply, which must be to `request_id`, in order."""
        parts = {}
        while True:
            datagram = self.socket.recv(65536)
            found_id, sequence, total, reserved = struct.unpack(">4H", datagram[:8])
            assert (found_id, reserved) == (request_id, 0)
            assert sequence < total and sequence not in parts
            parts[sequence] = datagram
            if len(parts) == total:
                return [parts[number] for number in range(total)]

    def ask(self, payload: bytes, **header) -> bytes:
        return b"".join(part[8:] for part in self.receive(self.send(payload, **header)))


@pytest.fixture(name="served", scope="module")
def fixture_served(tmp_path_factory):
    """The address of a server, the same for TCP and UDP."""
    port = free_port()
    with program(
        tmp_path_factory.mktemp("udp"), "-p", str(port), "-U", str(port), "-l", "127.0.0.1"
    ) as server:
        server.await_line("ready")
        yield ("127.0.0.1", port)
        assert server.end() == 0


@pytest.fixture(name="u")
def fixture_u(served):
    with UdpClient(served) as client:
        assert client.ask(b"flush_all\r\n") == b"OK\r\n"
        yield client


def test_there_is_no_udp_unless_it_is_asked_for(server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", server.port))  # nobody has it
    assert server.stats("settings")["udpport"] == "0"


def test_requests_are_answered(u):
    assert u.ask(b"set k 5 0 3\r\nabc\r\n") == b"STORED\r\n"
    assert u.ask(b"get k none\r\n") == b"VALUE k 5 3\r\nabc\r\nEND\r\n"
    assert u.ask(b"mg k v\r\n") == b"VA 3\r\nabc\r\n"
    assert u.ask(b"bogus\r\n") == b"ERROR\r\n"


def test_udp_and_tcp_share_one_cache(u, served):
    assert asks(served, b"set k 0 0 1\r\nx\r\n") == b"STORED\r\n"
    assert u.ask(b"get k\r\n") == b"VALUE k 0 1\r\nx\r\nEND\r\n"


def has_version_6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_version_6(), reason="this machine has no IPv6")
def test_version_6_is_served_as_well(tmp_path):
    port = free_port()
    with program(tmp_path, "-p", str(port), "-U", str(port), "-l", "::1") as server:
        server.await_line("ready")
        with UdpClient(("::1", port)) as client:
            assert client.ask(b"mn\r\n") == b"MN\r\n"
        assert server.end() == 0


def test_a_long_reply_comes_in_several_datagrams(u, served):
    value = random_bytes(3000)
    asks(served, b"set k 0 0 3000\r\n" + value + b"\r\n")
    parts = u.receive(u.send(b"get k\r\n"))
    assert [len(part) for part in parts] == [1400, 1400, 8 + 16 + 3000 + 7 - 2 * 1392]
    assert b"".join(part[8:] for part in parts) == b"VALUE k 0 3000\r\n" + value + b"\r\nEND\r\n"


@pytest.mark.parametrize("byte_count", [1361, 1362, 1363, 7000, 60_000, 100_000])
def test_values_of_every_size_come_whole(u, served, byte_count):
    value = random_bytes(byte_count)
    with socket.create_connection(served) as tcp:
        tcp.sendall(b"set k 0 0 %d\r\n%b\r\n" % (byte_count, value))
        assert tcp.recv(100) == b"STORED\r\n"
    assert u.ask(b"get k\r\n") == b"VALUE k 0 %d\r\n%b\r\nEND\r\n" % (byte_count, value)


def test_a_reply_that_is_made_in_several_turns_comes_whole(u, served):
    with socket.create_connection(served) as tcp:
        for first in range(0, 2000, 500):
            keys = range(first, first + 500)
            tcp.sendall(b"".join(b"ms %0100d 1 q\r\nx\r\n" % key for key in keys) + b"mn\r\n")
            assert tcp.recv(100) == b"MN\r\n"
    listed = u.ask(b"lru_crawler mgdump all\r\n")
    assert listed.startswith(b"OK\r\n") and listed.endswith(b"EN\r\n")
    assert listed.count(b"mg 0") == 2000


def test_a_value_that_is_too_large_is_not_copied(start):
    size = 19_000_000
    port = free_port()
    server = start("-m", "64", "-I", "20m", "-l", "127.0.0.1", "-U", str(port))
    with server.connect() as c:
        c.set(b"k", random_bytes(size))
    with UdpClient(("127.0.0.1", port)) as client:
        assert client.ask(b"version\r\n").startswith(b"VERSION")
        before = server.rss_bytes()
        assert client.ask(b"get k\r\n") == b"SERVER_ERROR too large for UDP\r\n"
        assert server.rss_bytes() < before + size // 4


def test_packets_whose_replies_are_too_large_are_answered_with_a_packet(u, served):
    value = random_bytes(900_000)
    with socket.create_connection(served) as tcp:
        tcp.sendall(b"set k 0 0 900000\r\n" + value + b"\r\n")
        assert tcp.recv(100) == b"STORED\r\n"
    get = packets.request(packets.GET, b"k", opaque=5)
    error = packets.refusal(packets.GET, packets.TOO_LARGE, opaque=5)
    assert u.ask(get * 2) == packets.encode(error)
    assert u.ask(b"get k k\r\n") == b"SERVER_ERROR too large for UDP\r\n"


def test_a_large_value_is_stored_from_one_datagram(u):
    value = random_bytes(60_000)
    assert u.ask(b"set k 0 0 60000\r\n" + value + b"\r\n") == b"STORED\r\n"
    assert u.ask(b"get k\r\n") == b"VALUE k 0 60000\r\n" + value + b"\r\nEND\r\n"


def test_many_commands_in_one_datagram_are_all_carried_out(u):
    settings = b"verbosity 0 noreply\r\nlru mode segmented\r\n" * 30
    assert u.ask(settings + b"set k 0 0 1\r\na\r\n") == b"OK\r\n" * 30 + b"STORED\r\n"
    assert u.ask(b"get k\r\n") == b"VALUE k 0 1\r\na\r\nEND\r\n"


def test_each_datagram_chooses_its_protocol(u):
    noop = b"\x80\x0a" + bytes(10) + b"abcd" + bytes(8)
    assert u.ask(noop) == b"\x81\x0a" + bytes(10) + b"abcd" + bytes(8)
    assert u.ask(b"mn\r\n") == b"MN\r\n"


def test_sequence_and_reserved_are_not_looked_at(u):
    assert u.ask(b"mn\r\n", sequence=7, reserved=9) == b"MN\r\n"


@pytest.mark.parametrize(
    "ignored",
    [
        struct.pack(">4H", 1, 0, 1, 0),
        b"\0\1",
        b"",
        struct.pack(">4H", 1, 0, 2, 0) + b"version\r\n",
        struct.pack(">4H", 1, 0, 0, 0) + b"version\r\n",
        struct.pack(">4H", 1, 0, 1, 0) + b"version",
        struct.pack(">4H", 1, 0, 1, 0) + b"set k 0 0 10\r\nabc",
        struct.pack(">4H", 1, 0, 1, 0) + b"set k 0 0 50000\r\n" + b"x" * 20_000,
        struct.pack(">4H", 1, 0, 1, 0) + b"set k 0 0 1 noreply\r\nx\r\n",
        struct.pack(">4H", 1, 0, 1, 0) + b"quit\r\n",
    ],
)
def test_what_is_no_request_is_dropped_and_disturbs_no_other(u, ignored):
    u.socket.send(ignored)
    request_id = u.send(b"mn\r\n")
    assert u.receive(request_id)[0][8:] == b"MN\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"set k 0 0 7\r\nget k\r\n\r\nget k\r\n",
        b"set k 0 0 1\r\n5\r\nincr k 2\r\n",
        b"get none\r\n",
        b"delete none\r\n",
        b"mn\r\n",
        b"mg none v\r\n",
        b"version\r\n",
        b"stats\r\n",
        b"unknown\r\n",
        b"get\r\n",
        packets.request(0x0B),
        packets.request(0x00, key=b"none"),
    ],
)
def test_a_reply_gets_no_reply(u, request_bytes):
    """Two servers that answered each other's replies would never come to an end."""
    request_id = u.send(request_bytes)
    for reply in u.receive(request_id):
        u.socket.send(reply)
    request_id = u.send(b"mn\r\n")
    assert u.receive(request_id)[0][8:] == b"MN\r\n"


def test_the_udp_port_is_told_and_listed(tmp_path):
    path = tmp_path / "ports"
    with program(
        tmp_path, "-p", "-1", "-U", "-1", "-l", "127.0.0.1", MEMCACHED_PORT_FILENAME=str(path)
    ) as server:
        wait_until(path.exists, "the port file appears")
        server.await_line("ready")
        lines = dict(line.split(": ") for line in path.read_text(encoding="ascii").splitlines())
        udp_port = int(lines["UDP INET"])
        with UdpClient(("127.0.0.1", udp_port)) as client:
            assert b"STAT udpport %d\r\n" % udp_port in client.ask(b"stats settings\r\n")
            assert b":addr udp:127.0.0.1:%d\r\n" % udp_port in client.ask(b"stats conns\r\n")
        assert server.end() == 0


def test_tcp_takes_the_port_of_udp_where_it_has_none_of_its_own(tmp_path):
    port = free_port()
    with program(tmp_path, "-U", str(port), "-l", "127.0.0.1") as server:
        server.await_line("ready")
        assert asks(("127.0.0.1", port)) == b"MN\r\n"
        with UdpClient(("127.0.0.1", port)) as client:
            assert client.ask(b"mn\r\n") == b"MN\r\n"
        assert server.end() == 0


def test_udp_may_be_alone(tmp_path):
    port = free_port()
    with program(tmp_path, "-p", "0", "-U", str(port), "-l", "127.0.0.1") as server:
        server.await_line("ready")
        with UdpClient(("127.0.0.1", port)) as client:
            assert client.ask(b"mn\r\n") == b"MN\r\n"
        with pytest.raises(ConnectionRefusedError):
            asks(("127.0.0.1", port))
        assert server.end() == 0


def test_udp_does_not_go_past_the_login(tmp_path):
    users = tmp_path / "users"
    users.write_bytes(b"user:password\n")
    port = free_port()
    with program(tmp_path, "-U", str(port), "-l", "127.0.0.1", "-Y", str(users)) as server:
        server.await_line("ready")
        with UdpClient(("127.0.0.1", port)) as client:
            assert client.ask(b"set k 0 0 1\r\nx\r\n").startswith(b"CLIENT_ERROR")
            assert client.ask(b"get k\r\n") == b"CLIENT_ERROR unauthenticated\r\n"
            assert b"VERSION" not in client.ask(b"version\r\n")
            login = b"set login 0 0 13\r\nuser password\r\n"
            assert client.ask(login + b"set k 0 0 1\r\nx\r\n") == b"STORED\r\nSTORED\r\n"
            assert client.ask(b"get k\r\n") == b"CLIENT_ERROR unauthenticated\r\n"
        assert server.end() == 0


def test_udp_does_not_go_past_tls():
    ended = run("-Z", "-o", "ssl_chain_cert=a,ssl_key=b", "-U", "11211")
    assert ended.returncode == 64
    assert "UDP knows no TLS" in ended.stderr
