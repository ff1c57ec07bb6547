"""Users and passwords in the binary protocol: -S, alone and beside -Y."""

import signal
from pathlib import Path

import bmemcached
import packets
import pytest

from bounds import wait_until
from packets import Reply, ask, refusal, request, store
from program import asks, free_port, program, run

USERS = "ann:s3cret word\nbob:other:with:colons\n"
TOKEN = b"\0ann\0s3cret word"
TEXT_LOGIN = b"set login 0 0 15\r\nann s3cret word\r\n"


def login(token: bytes = TOKEN, opcode: int = packets.SASL_AUTH) -> bytes:
    return request(opcode, b"PLAIN", token)


def accepted(opcode: int = packets.SASL_AUTH) -> Reply:
    return Reply(opcode, value=b"Authenticated")


@pytest.fixture
def users(tmp_path) -> Path:
    path = tmp_path / "users"
    path.write_text(USERS, encoding="ascii")
    return path


@pytest.fixture
def guarded(start, users):
    """A server that knows ann and bob, in either protocol."""
    return start("-S", "-Y", str(users))


@pytest.mark.parametrize(
    "token", [TOKEN, b"ann" + TOKEN, b"\0bob\0other:with:colons"], ids=["ann", "as ann", "bob"]
)
def test_a_client_that_has_logged_in_may_do_everything(guarded, token):
    with guarded.connect() as client:
        assert ask(client, request(packets.SASL_MECHANISMS)).value == b"PLAIN"
        assert ask(client, request(packets.VERSION)).value == b"1.6.45"
        assert ask(client, login(token)) == accepted()
        assert ask(client, store(packets.SET, b"k", b"v")).status == packets.OK
        assert ask(client, request(packets.GET, b"k")).value == b"v"
        packets.nothing_more(client)


def test_the_token_may_come_in_a_step_of_its_own(guarded):
    with guarded.connect() as client:
        assert ask(client, login(b"")) == Reply(packets.SASL_AUTH, 0x21)
        assert ask(client, login(opcode=packets.SASL_STEP)) == accepted(packets.SASL_STEP)
        packets.nothing_more(client)


@pytest.mark.parametrize(
    "packet",
    [
        request(packets.GET, b"k"),
        request(packets.GETQ, b"k"),
        store(packets.SET, b"k", b"v"),
        store(packets.SETQ, b"k", b"v" * 100_000),
        request(packets.FLUSH),
        request(packets.NOOP),
        request(packets.STAT),
        request(packets.STAT, b"settings"),
        request(packets.VERBOSITY),
        request(0x30, b"k"),
    ],
)
def test_before_the_login_any_other_opcode_ends_the_connection(guarded, packet):
    with guarded.connect() as client:
        client.send(packet[:100])  # more could meet a closed connection
        assert packets.read_reply(client) == refusal(packet[1], packets.AUTH_ERROR)
        client.closed()
    with guarded.connect() as client:
        ask(client, login())
        assert packets.stats(client)[b"cmd_set"] == b"0"


def test_before_the_login_quit_is_heeded(guarded):
    with guarded.connect() as client:
        assert ask(client, request(packets.QUIT)) == Reply(packets.QUIT)
        client.closed()
    with guarded.connect() as client:
        client.send(request(packets.QUITQ))
        client.closed()


@pytest.mark.parametrize(
    "attempt",
    [
        login(b"\0ann\0wrong"),
        login(b"\0ann\0s3cret"),
        login(TOKEN + b"\0"),
        login(b"\0carl\0s3cret word"),
        login(b"bob" + TOKEN),
        login(b"ann s3cret word"),
        login(b"x" * 10_000),
        request(packets.SASL_AUTH, b"CRAM-MD5", TOKEN),
    ],
)
def test_a_login_that_fails_may_be_tried_again(guarded, attempt):
    with guarded.connect() as client:
        assert ask(client, attempt) == refusal(packets.SASL_AUTH, packets.AUTH_ERROR)
        assert ask(client, login()) == accepted()
        packets.nothing_more(client)


def test_a_mechanism_has_at_most_32_bytes(guarded):
    with guarded.connect() as client:
        reply = ask(client, request(packets.SASL_AUTH, b"x" * 33, TOKEN))
        assert reply == refusal(packets.SASL_AUTH, packets.INVALID)
        assert ask(client, login()) == accepted()


@pytest.mark.parametrize("fragment_bytes", [*range(1, 25), 40, 64])
def test_a_login_may_come_in_fragments(guarded, fragment_bytes):
    script = request(packets.SASL_MECHANISMS) + login(b"\0ann\0wrong") + login()
    script += store(packets.SETQ, b"k", b"value") + request(packets.GETK, b"k")
    with guarded.connect() as client:
        starts = range(0, len(script), fragment_bytes)
        client.send(*(script[start : start + fragment_bytes] for start in starts))
        assert packets.read_reply(client).value == b"PLAIN"
        assert packets.read_reply(client) == refusal(packets.SASL_AUTH, packets.AUTH_ERROR)
        assert packets.read_reply(client) == accepted()
        assert packets.read_reply(client).value == b"value"


def test_each_protocol_has_its_login(guarded):
    with guarded.connect() as text, guarded.connect() as binary:
        text.ask(b"version\r\n", b"CLIENT_ERROR unauthenticated\r\n")
        text.ask(TEXT_LOGIN, b"STORED\r\n")
        assert ask(binary, login()) == accepted()
        settings = text.stats("settings")
        assert settings["auth_enabled_sasl"] == "yes"
        assert settings["auth_enabled_ascii"] == "yes"
        assert settings["binding_protocol"] == "auto-negotiate"
        assert text.stats()["auth_cmds"] == "2"


def test_sasl_alone_takes_its_users_from_the_environment_and_shuts_text_out(tmp_path, users):
    port = free_port()
    flags = ("-S", "-p", str(port), "-l", "127.0.0.1")
    with program(tmp_path, *flags, MEMCACHED_SASL_PWDB=str(users)) as server:
        server.await_line("ready")
        address = ("127.0.0.1", port)
        assert asks(address, b"version\r\n".ljust(24)) == b""
        assert asks(address, login()).endswith(b"Authenticated")
        users.write_text("ann:new\n", encoding="ascii")
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "info users file=" in server.stderr(), "the users are read again")
        assert asks(address, login()).endswith(b"Auth failure.")
        assert asks(address, login(b"\0ann\0new")).endswith(b"Authenticated")
        assert server.end() == 0
        assert "s3cret" not in server.stderr() and "new" not in server.stderr()


def test_sasl_without_users_does_not_start():
    ended = run("-p", "-1", "-S")
    assert ended.returncode == 64
    assert "MEMCACHED_SASL_PWDB" in ended.stderr


def test_options_that_leave_no_login_are_refused(users):
    for flags in (["-S", "-B", "ascii"], ["-Y", str(users), "-B", "binary"]):
        assert run("-p", "-1", *flags).returncode == 64


def test_a_client_library_logs_in(guarded):
    address = (f"127.0.0.1:{guarded.port}",)
    client = bmemcached.Client(address, "ann", "s3cret word")
    assert client.set("k", "v") is True
    assert client.get("k") == "v"
    client.disconnect_all()
    stranger = bmemcached.Client(address, "ann", "wrong")
    with pytest.raises(bmemcached.exceptions.MemcachedException, match="Auth failure"):
        stranger.get("k")
    stranger.disconnect_all()
