"""Whom a TLS server trusts, listener by listener, and certificates that are replaced."""

import contextlib
import signal
import ssl
import threading

import pytest

from bounds import wait_until
from certificates import Authority
from program import asks, free_port, program
from tls import TlsClient, client_context, s_client, server_flags


@pytest.fixture(name="authority", scope="module")
def fixture_authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(name="certificate", scope="module")
def fixture_certificate(authority):
    return authority.sign("server")


@pytest.fixture(name="known", scope="module")
def fixture_known(authority):
    """A client's certificate that the server trusts."""
    return authority.sign("client")


@pytest.fixture(name="stranger", scope="module")
def fixture_stranger(tmp_path_factory):
    """One that it does not."""
    return Authority(tmp_path_factory.mktemp("other"), "other").sign("stranger")


def refused(address, context: ssl.SSLContext) -> bool:
    """True when the client gets an alert, and no reply to a request."""
    try:
        with TlsClient(address, context) as client:
            client.send(b"version\r\n")
            assert client.socket.recv(100) == b"", "a reply came"
    except ssl.SSLError as error:
        return "ALERT" in error.reason
    return False


@pytest.fixture(name="listeners", scope="module")
def fixture_listeners(tmp_path_factory, authority, certificate):
    """One listener of each kind: their ports."""
    ports = {kind: free_port() for kind in ["notls", "btls", "mtls", "default"]}
    listed = ",".join(
        ("" if kind == "default" else f"{kind}:") + f"127.0.0.1:{port}"
        for kind, port in ports.items()
    )
    flags = ["-l", listed, *server_flags(
        certificate, f"ssl_ca_cert={authority.root.certificate}", "ssl_verify_mode=1",
        "ssl_session_cache",
    )]
    with program(tmp_path_factory.mktemp("server"), *flags) as server:
        server.await_line("ready")
        yield {kind: ("127.0.0.1", port) for kind, port in ports.items()}
        assert server.end() == 0


def test_a_listener_may_be_plain(listeners):
    assert asks(listeners["notls"]) == b"MN\r\n"


def test_a_listener_may_ask_for_nothing(listeners, authority, stranger):
    for certificate in [None, stranger]:
        with TlsClient(listeners["btls"], client_context(authority, certificate)) as client:
            client.nothing_more()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_listener_may_want_certificates(listeners, authority, known, stranger, version):
    with TlsClient(listeners["mtls"], client_context(authority, known, version)) as client:
        client.nothing_more()
    assert refused(listeners["mtls"], client_context(authority, None, version))
    assert refused(listeners["mtls"], client_context(authority, stranger, version))


def test_a_certificate_that_is_asked_for_must_be_good(listeners, authority, known, stranger):
    """ssl_verify_mode=1."""
    for certificate in [None, known]:
        with TlsClient(listeners["default"], client_context(authority, certificate)) as client:
            client.nothing_more()
    assert refused(listeners["default"], client_context(authority, stranger))


def test_s_client_without_a_certificate_gets_an_alert_and_no_reply(listeners, authority):
    said = s_client(
        listeners["mtls"][1], "-CAfile", str(authority.root.certificate), "-ign_eof",
        request="version\r\n",
    )
    assert "alert certificate required" in said
    assert "VERSION" not in said.replace("TLSv1", "")


def test_a_session_of_a_lenient_listener_opens_no_strict_one(listeners, authority):
    context = client_context(authority)
    with TlsClient(listeners["btls"], context) as client:
        client.nothing_more()
        session = client.socket.session
    try:
        with TlsClient(listeners["mtls"], context, session=session) as client:
            client.send(b"version\r\n")
            assert client.socket.recv(100) == b""
    except ssl.SSLError as error:
        assert "ALERT" in error.reason


# Replaced certificates


@pytest.fixture(name="replaceable")
def fixture_replaceable(tmp_path, authority):
    """A certificate's files that tests overwrite."""
    made = authority.sign("replaceable")
    own = tmp_path / "own"
    own.mkdir()
    copy = type(made)(own / "chain.pem", own / "key.pem")
    _replace(copy, made)
    return copy


def _replace(files, others) -> None:
    for file, other in [(files.certificate, others.certificate), (files.key, others.key)]:
        fresh = file.with_suffix(".new")
        fresh.write_bytes(other.read_bytes())
        fresh.rename(file)


def _shown_name(address, authority) -> str:
    with TlsClient(address, client_context(authority)) as client:
        subject = client.socket.getpeercert()["subject"]
        return dict(pair[0] for pair in subject)["commonName"]


@pytest.mark.parametrize("how", ["signal", "command"])
def test_certificates_are_replaced_without_dropping_anyone(start, authority, replaceable, how):
    server = start(*server_flags(replaceable))
    with TlsClient(server.address, client_context(authority)) as old:
        old.set(b"k", b"v")
        assert _shown_name(server.address, authority) == "replaceable"
        _replace(replaceable, authority.sign(f"fresh-{how}"))
        if how == "command":
            old.ask(b"refresh_certs\r\n", b"OK\r\n")
        else:
            server.process.send_signal(signal.SIGHUP)
        wait_until(
            lambda: _shown_name(server.address, authority) == f"fresh-{how}",
            "the new certificate is shown",
        )
        assert old.get(b"k") == b"v"
        assert int(old.stats()["time_since_server_cert_refresh"]) < 10


def test_a_bad_file_leaves_the_old_certificate(start, authority, replaceable):
    server = start(*server_flags(replaceable))
    replaceable.certificate.write_bytes(b"no certificate\n")
    with TlsClient(server.address, client_context(authority)) as client:
        client.ask(b"refresh_certs\r\n", b"Error certificates not refreshed, see the log\r\n")
        server.process.send_signal(signal.SIGHUP)
        line = b"certificates were not refreshed, those of before stay in use"
        wait_until(lambda: server.stderr().count(line) == 2, "both are logged")
        assert str(replaceable.certificate).encode() in server.stderr()
        client.nothing_more()
    assert _shown_name(server.address, authority) == "replaceable"


def test_many_who_ask_are_answered_by_few_readings(start, authority, replaceable):
    """A bad file is logged at each reading, and so shows how many there were."""
    server = start("-t", "2", *server_flags(replaceable))
    replaceable.certificate.write_bytes(b"no certificate\n")
    context = client_context(authority)
    with contextlib.ExitStack() as stack:
        clients = [
            stack.enter_context(TlsClient(server.address, context)) for _ in range(20)
        ]
        for client in clients:
            client.send(b"refresh_certs\r\nmn\r\n")
        for client in clients:
            client.expect(b"Error certificates not refreshed, see the log\r\nMN\r\n")
    assert server.stderr().count(b"certificates were not refreshed") < 20


def test_reloading_under_load_drops_nothing(start, authority, replaceable):
    server = start(*server_flags(replaceable, "ssl_session_cache"))
    others = [authority.sign(f"load-{number}") for number in range(2)]
    done = threading.Event()
    failures = []

    def load(number: int):
        try:
            context = client_context(authority)
            key = b"k%d" % number
            while not done.is_set():
                with TlsClient(server.address, context) as client:
                    for _ in range(20):
                        client.set(key, key * 100)
                        assert client.get(key) == key * 100
        except BaseException as failure:  # reported below, with its thread's end
            failures.append(failure)

    threads = [threading.Thread(target=load, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    with TlsClient(server.address, client_context(authority)) as admin:
        for number in range(40):
            _replace(replaceable, others[number % 2])
            if number % 20 == 0:  # it takes until the next second
                admin.ask(b"refresh_certs\r\n", b"OK\r\n")
            server.process.send_signal(signal.SIGHUP)
            admin.nothing_more()
        done.set()
        for thread in threads:
            thread.join()
        assert not failures
        assert admin.stats()["ssl_proto_errors"] == "0"
