"""TLS: versions, certificates, sessions, and that all else is as over plain TCP."""

import socket
import ssl

import pytest

from binary import is_plain
from bounds import in_parallel, wait_until
from certificates import Authority
from client import Client
from program import run
from tls import LastFlight, TlsClient, client_context, s_client, server_flags
from values import random_bytes

MEGABYTE = 1 << 20
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.fixture(name="authority", scope="module")
def fixture_authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(name="certificate", scope="module")
def fixture_certificate(authority):
    return authority.sign("server")


@pytest.fixture(name="tls_server", scope="module")
def fixture_tls_server(start_for_module, authority, certificate):
    """Speaks TLS, with room for values of 20 MB; sessions can be resumed, certificates are not
    asked for."""
    return start_for_module(
        "-m", "256", "-I", "32m", *server_flags(certificate, "ssl_session_cache")
    )


@pytest.fixture(name="connect")
def fixture_connect(tls_server, authority):
    """connect(version) opens a connection; all of them are closed after the test."""
    clients = []

    def connect(version=None, **options) -> TlsClient:
        context = client_context(authority, version=version)
        clients.append(TlsClient(tls_server.address, context, **options))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


def tls_stats(client: Client) -> dict[str, int]:
    names = ["ssl_new_sessions", "ssl_handshake_errors", "ssl_proto_errors"]
    stats = client.stats()
    return {name: int(stats[name]) for name in names}


# Versions


@pytest.mark.parametrize("version", VERSIONS)
def test_both_versions_serve(connect, version):
    client = connect(version)
    assert client.socket.version() == ("TLSv1.3" if version == VERSIONS[1] else "TLSv1.2")
    client.set(b"k", b"value")
    assert client.get(b"k") == b"value"


def test_s_client_negotiates_the_newest_version(tls_server, authority):
    said = s_client(
        *[tls_server.port, "-CAfile", str(authority.root.certificate), "-verify_return_error"],
        *["-quiet", "-ign_eof"],
        request="version\r\nquit\r\n",
    )
    assert "VERSION 1.6.45" in said
    said = s_client(tls_server.port, "-CAfile", str(authority.root.certificate))
    assert "New, TLSv1.3, Cipher is" in said
    assert "Verify return code: 0 (ok)" in said


def test_an_old_version_gets_the_protocol_version_alert(tls_server):
    said = s_client(tls_server.port, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
    assert "alert protocol version" in said
    assert "Cipher is (NONE)" in said


def test_only_the_newest_version_where_it_is_asked_for(start, authority, certificate):
    server = start(*server_flags(certificate, "ssl_min_version=3"))
    with pytest.raises(ssl.SSLError):
        TlsClient(server.address, client_context(authority, version=VERSIONS[0]))
    with TlsClient(server.address, client_context(authority)) as client:
        client.nothing_more()
        assert client.stats("settings")["ssl_min_version"] == "tlsv1.3"


def test_the_ciphers_can_be_chosen(start, authority, certificate):
    cipher = "ECDHE-ECDSA-CHACHA20-POLY1305"
    server = start(*server_flags(certificate, f"ssl_ciphers={cipher}"))
    with TlsClient(server.address, client_context(authority, version=VERSIONS[0])) as client:
        assert client.socket.cipher()[0] == cipher


# The same as over plain TCP


@pytest.mark.parametrize("version", VERSIONS)
def test_large_values_go_both_ways(connect, version):
    client = connect(version, timeout_sec=60)
    for byte_count in [0, 1, 16383, 16384, 16385, 100_000, MEGABYTE, 20 * MEGABYTE]:
        value = random_bytes(byte_count)
        client.set(b"large", value)
        assert client.get(b"large") == value
    client.ask(b"delete large\r\n", b"DELETED\r\n")


def test_large_values_that_are_read_late_arrive(connect):
    """Records that the socket did not take at once are sent again as they were."""
    value = random_bytes(3 * MEGABYTE)
    client = connect(receive_buffer_bytes=4096, timeout_sec=60)
    client.set(b"k", value)
    reply = b"VALUE k 0 %d\r\n%b\r\nEND\r\n" % (len(value), value)
    other = connect()
    client.send(b"get k\r\n" * 4)
    wait_until(lambda: _sending_count(other) == 1, "the socket takes no more")
    for _ in range(4):
        assert client.read(len(reply)) == reply
    client.nothing_more()


def _sending_count(client: Client) -> int:
    client.send(b"stats conns\r\n")
    return client.until(b"END\r\n").count(b"conn_mwrite\r\n")


@pytest.mark.parametrize("version", VERSIONS)
def test_many_requests_at_once_are_answered_in_order(connect, version):
    client = connect(version, timeout_sec=60)
    requests = b"".join(b"set k%d 0 0 5\r\n%05d\r\nget k%d\r\n" % (n, n, n) for n in range(5000))
    client.send_while_reading(requests)
    client.expect(
        b"".join(b"STORED\r\nVALUE k%d 0 5\r\n%05d\r\nEND\r\n" % (n, n) for n in range(5000))
    )


def test_small_and_large_values_mix_in_one_reply(connect):
    client = connect()
    large = random_bytes(50_000)
    client.set(b"large", large)
    client.set(b"small", b"x" * 100)
    head, tail = b"VALUE large 0 50000\r\n", b"VALUE small 0 100\r\n" + b"x" * 100 + b"\r\n"
    client.send(b"get large small large\r\n" * 20)
    for _ in range(20):
        client.expect(head + large + b"\r\n" + tail + head + large + b"\r\nEND\r\n")


def test_requests_may_come_byte_by_byte(connect):
    client = connect()
    for byte in b"set k 0 0 10\r\n0123456789\r\nget k\r\n":
        client.send(bytes([byte]))
    client.expect(b"STORED\r\nVALUE k 0 10\r\n0123456789\r\nEND\r\n")


def test_a_client_that_has_finished_sending_gets_its_replies(connect):
    client = connect()
    client.send(b"set k 0 0 1\r\nx\r\nget k\r\nquit\r\n")
    client.expect(b"STORED\r\nVALUE k 0 1\r\nx\r\nEND\r\n")
    client.closed()


def test_many_connections_are_served_at_once(connect):
    clients = [connect() for _ in range(50)]
    for number, client in enumerate(clients):
        client.send(b"set k%d 0 0 4\r\n%04d\r\nget k%d\r\n" % (number, number, number))
    for number, client in enumerate(clients):
        client.expect(b"STORED\r\nVALUE k%d 0 4\r\n%04d\r\nEND\r\n" % (number, number))


def test_the_end_of_the_server_leaves_no_request_unanswered(start, authority, certificate):
    server = start(*server_flags(certificate))
    with TlsClient(server.address, client_context(authority)) as client:
        client.set(b"k", b"x" * 1000)
        client.send(b"get k\r\n" * 2000)
        server.process.terminate()
        client.expect((b"VALUE k 0 1000\r\n" + b"x" * 1000 + b"\r\nEND\r\n") * 2000)
        client.closed()
    server.stop()


@pytest.mark.skipif(not is_plain(), reason="sanitizers and emulators need memory of their own")
def test_an_open_connection_costs_no_more_than_promised(start, authority, certificate):
    """16 KiB, and 64 KiB for TLS, here with half a request and half a record to wait for."""
    server = start("-c", "2000", *server_flags(certificate))
    context = client_context(authority)
    warm = [TlsClient(server.address, context) for _ in range(50)]
    before = server.rss_bytes()
    clients = [TlsClient(server.address, context) for _ in range(300)]
    for client in clients:
        client.nothing_more()
        client.send(b"set k 0 0 3000\r\n" + b"x" * 2000)
        raw = socket.socket(fileno=client.socket.fileno())
        raw.sendall(b"\x17\x03\x03\x40\x00" + bytes(16000))
        raw.detach()
    warm[0].nothing_more()
    assert (server.rss_bytes() - before) / len(clients) < 80 << 10
    for client in warm + clients:
        client.reset()


@pytest.mark.parametrize("kilobytes", [1, 1024])
def test_records_of_any_size_serve(start, authority, certificate, kilobytes):
    server = start(*server_flags(certificate, f"ssl_wbuf_size={kilobytes}"))
    with TlsClient(server.address, client_context(authority), timeout_sec=60) as client:
        value = random_bytes(500_000)
        client.set(b"k", value)
        client.set(b"small", b"x" * 100)
        client.send(b"get k small\r\n" * 10)
        reply = b"VALUE k 0 500000\r\n%b\r\nVALUE small 0 100\r\n%b\r\nEND\r\n"
        client.expect(reply % (value, b"x" * 100) * 10)


def test_a_client_may_ask_for_small_records(tls_server, connect):
    """OpenSSL heeds it, also where it sends many that take more than large ones."""
    value = b"x" * 500_000
    connect().set(b"k", value)
    shown = s_client(
        tls_server.port, "-tls1_2", "-maxfraglen", "512", "-quiet", request="get k\r\nquit\r\n"
    )
    assert "x" * 500_000 in shown


@pytest.mark.skipif(not is_plain(), reason="sanitizers and emulators need memory of their own")
def test_a_connection_that_does_not_read_costs_no_more_than_promised(
    start, authority, certificate
):
    """The same, with records that its socket did not take."""
    server = start("-c", "2000", *server_flags(certificate))
    context = client_context(authority)
    value = random_bytes(MEGABYTE - 1000)
    warm = [TlsClient(server.address, context) for _ in range(50)]
    warm[0].set(b"k", value)
    assert warm[0].get(b"k") == value
    before = server.rss_bytes()
    clients = [
        TlsClient(server.address, context, receive_buffer_bytes=4096) for _ in range(300)
    ]
    for client in clients:
        client.send(b"get k\r\n" * 8)
    wait_until(lambda: _sending_count(warm[0]) == len(clients), "no socket takes more")
    for client in clients:
        client.read(20_000)
    wait_until(lambda: _sending_count(warm[0]) == len(clients), "no socket takes more")
    assert (server.rss_bytes() - before) / len(clients) < 80 << 10
    assert warm[1].get(b"k") == value
    for client in warm + clients:
        client.reset()


# Clients that do not speak TLS, or not to the end


def test_a_client_without_a_handshake_disturbs_nobody(tls_server, connect):
    watcher = connect()
    before = int(watcher.stats()["curr_connections"])
    silent = [tls_server.connect() for _ in range(50)]
    halves = [tls_server.connect() for _ in range(50)]
    for client in halves:
        client.send(b"\x16\x03\x01\x02\x00\x01\x00")  # the beginning of a hello
    wait_until(
        lambda: int(watcher.stats()["curr_connections"]) == before + 100, "all are accepted"
    )
    for _ in range(20):
        connect().nothing_more()
        watcher.nothing_more()
    errors = tls_stats(watcher)["ssl_handshake_errors"]
    for client in silent + halves:
        client.close()
    wait_until(
        lambda: tls_stats(watcher)["ssl_handshake_errors"] == errors + 100, "all are counted"
    )


def test_plain_text_gets_no_reply_but_an_end(tls_server, connect):
    watcher = connect()
    errors = tls_stats(watcher)["ssl_handshake_errors"]
    with tls_server.connect() as plain:
        plain.send(b"version\r\nget k\r\n")
        plain.finish_sending()
        received = b""
        while piece := plain.socket.recv(1024):
            received += piece
    assert b"VERSION" not in received and b"END" not in received
    wait_until(
        lambda: tls_stats(watcher)["ssl_handshake_errors"] == errors + 1, "it is counted"
    )


def test_garbage_after_the_handshake_ends_one_connection(tls_server, connect):
    watcher = connect()
    errors = tls_stats(watcher)["ssl_proto_errors"]
    client = connect()
    client.nothing_more()
    raw = client.socket.detach()
    with socket.socket(fileno=raw) as beneath:
        beneath.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))
    wait_until(lambda: tls_stats(watcher)["ssl_proto_errors"] == errors + 1, "it is counted")
    watcher.nothing_more()


def test_a_watcher_that_ends_behind_what_means_nothing_is_let_go(tls_server, authority):
    watcher = LastFlight(tls_server.address, client_context(authority))
    watcher.ask(b"watch deletions\r\n", b"OK\r\n")
    watcher.end_with(b"means nothing\r\n")
    watcher.close()


# Sessions


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_can_be_resumed(tls_server, authority, connect, version):
    watcher = connect()
    context = client_context(authority, version=version)
    with TlsClient(tls_server.address, context) as first:
        first.nothing_more()
        assert not first.socket.session_reused
        session = first.socket.session
    sessions = tls_stats(watcher)["ssl_new_sessions"]
    with TlsClient(tls_server.address, context, session=session) as second:
        second.nothing_more()
        assert second.socket.session_reused
    assert tls_stats(watcher)["ssl_new_sessions"] == sessions


@pytest.mark.parametrize("version", VERSIONS)
def test_sessions_are_not_resumed_unless_asked_for(start, authority, certificate, version):
    server = start(*server_flags(certificate))
    context = client_context(authority, version=version)
    with TlsClient(server.address, context) as first:
        first.nothing_more()
        session = first.socket.session
    with TlsClient(server.address, context, session=session) as second:
        second.nothing_more()
        assert not second.socket.session_reused


# Statistics and settings


def test_settings_tell_how_tls_is_spoken(connect, certificate):
    settings = connect().stats("settings")
    assert {name: value for name, value in settings.items() if name.startswith("ssl_")} == {
        "ssl_enabled": "yes",
        "ssl_chain_cert": str(certificate.certificate),
        "ssl_key": str(certificate.key),
        "ssl_verify_mode": "0",
        "ssl_keyformat": "1",
        "ssl_ciphers": "NULL",
        "ssl_ca_cert": "NULL",
        "ssl_wbuf_size": "16384",
        "ssl_session_cache": "yes",
        "ssl_kernel_tls": "no",
        "ssl_min_version": "tlsv1.2",
    }


def test_a_plain_server_has_no_statistics_of_tls(server, c):
    assert not [name for name in c.stats() if name.startswith("ssl_")]
    assert c.stats("settings")["ssl_enabled"] == "no"
    c.ask(b"refresh_certs\r\n", b"Error TLS not enabled\r\n")


def test_connections_that_come_and_go_leave_nothing(tls_server, connect):
    watcher = connect()
    before = int(watcher.stats()["curr_connections"])

    def come_and_go():
        for _ in range(20):
            with TlsClient(tls_server.address, connect_context) as client:
                client.nothing_more()

    connect_context = watcher.socket.context
    in_parallel([come_and_go] * 4)
    wait_until(lambda: int(watcher.stats()["curr_connections"]) == before, "they are gone")


# What is refused at start


@pytest.mark.parametrize(
    "flags, code, message",
    [
        (["-Z"], 64, "ssl_chain_cert"),
        (["-l", "mtls:127.0.0.1"], 64, "needs -Z"),
        (["-Z", "-o", "ssl_chain_cert=a,ssl_key=b,ssl_verify_mode=2"], 64, "ssl_ca_cert"),
        (["-Z", "-o", "ssl_chain_cert=a,ssl_key=b", "-l", "mtls:::1"], 64, "ssl_ca_cert"),
        (["-Z", "-o", "ssl_verify_mode=4"], 1, "ssl_verify_mode: it takes 0: nothing"),
        (["-Z", "-o", "ssl_min_version=1"], 1, "2: TLS 1.2, 3: TLS 1.3"),
        (["-Z", "-o", "ssl_wbuf_size=0"], 1, "1 to 1024"),
        (["-o", "ssl_key"], 1, "ssl_key needs a value"),
        (["-o", "bogus=1"], 1, 'Illegal suboption "bogus"'),
        (["-Z", "-o", "ssl_chain_cert=/nowhere,ssl_key=/nowhere"], 71, "/nowhere"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(flags, code, message):
    ended = run("-p", "-1", *flags)
    assert ended.returncode == code, ended.stderr
    assert ended.stderr.count("\n") == 1
    assert message in ended.stderr


def test_a_key_of_another_certificate_is_refused(authority, certificate):
    other = authority.sign("other")
    words = f"ssl_chain_cert={certificate.certificate},ssl_key={other.key}"
    ended = run("-p", "-1", "-Z", "-o", words)
    assert ended.returncode == 71
    assert f"the private key {other.key}: key values mismatch" in ended.stderr
