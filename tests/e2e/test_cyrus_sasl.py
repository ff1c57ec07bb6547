"""-S with the users of Cyrus SASL: a database of saslpasswd2's, or a saslauthd that takes its time.

The program is quarryd as -DQUARRY_CYRUS_SASL=ON builds it, which lies beside quarryd."""

import contextlib
import os
import shutil
import socket
import struct
import subprocess
from pathlib import Path

import bmemcached
import packets
import pytest

from binary import is_plain, quarryd
from bounds import seconds
from client import Client
from packets import Reply, ask, refusal, request
from program import free_port, program, run

TOKEN = b"\0ann\0s3cret word"


def cyrus_quarryd() -> Path:
    return quarryd().with_name("quarryd_with_cyrus_sasl")


def login(token: bytes = TOKEN) -> bytes:
    return request(packets.SASL_AUTH, b"PLAIN", token)


ACCEPTED = Reply(packets.SASL_AUTH, value=b"Authenticated")
REFUSED = refusal(packets.SASL_AUTH, packets.AUTH_ERROR)


@pytest.fixture(name="settings")
def fixture_settings(tmp_path) -> Path:
    """The directory of memcached.conf, which is yet to be written."""
    directory = tmp_path / "sasl2"
    directory.mkdir()
    return directory


def saslpasswd2() -> str:
    path = shutil.which("saslpasswd2", path=os.environ["PATH"] + ":/usr/sbin")
    assert path, "saslpasswd2 is missing: apt-get install sasl2-bin"
    return path


def set_password(settings: Path, user: str, password: str) -> None:
    """As an operator of memcached does it."""
    subprocess.run(
        [saslpasswd2(), "-p", "-c", "-a", "memcached", "-f", settings / "sasldb", user],
        input=password.encode(),
        check=True,
        timeout=seconds(20),
    )


@contextlib.contextmanager
def serve(directory: Path, settings: Path, *flags: str):
    """The address of a server that asks Cyrus SASL."""
    port = free_port()
    with program(
        directory,
        *["-S", "-p", str(port), "-l", "127.0.0.1", "-t", "1", *flags],
        executable=cyrus_quarryd(),
        SASL_CONF_PATH=str(settings),
    ) as server:
        server.await_line("ready")
        yield ("127.0.0.1", port)
        assert server.end() == 0
        assert "s3cret" not in server.stderr()


@pytest.fixture(name="address")
def fixture_address(tmp_path, settings):
    (settings / "memcached.conf").write_text(
        f"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {settings}/sasldb\n"
        "mech_list: plain\n",
        encoding="ascii",
    )
    set_password(settings, "ann", "s3cret word")
    with serve(tmp_path, settings) as address:
        yield address


def test_the_users_of_a_sasldb_log_in(address, settings):
    with Client(address) as client:
        assert ask(client, request(packets.SASL_MECHANISMS)).value == b"PLAIN"
        assert ask(client, login()) == ACCEPTED
        assert ask(client, packets.store(packets.SET, b"k", b"v")).status == packets.OK
        assert packets.stats(client)[b"auth_cmds"] == b"1"
        assert packets.stats(client, b"settings")[b"auth_enabled_sasl"] == b"yes"
    set_password(settings, "bob", "new")  # the database is read at each login
    with Client(address) as client:
        assert ask(client, login(b"\0bob\0new")) == ACCEPTED


@pytest.mark.parametrize(
    "token",
    [b"\0ann\0wrong", b"\0ann\0", b"\0carl\0s3cret word", b"bob" + TOKEN, b"ann s3cret word"],
)
def test_nobody_else_does(address, token):
    with Client(address) as client:
        assert ask(client, login(token)) == REFUSED
        assert ask(client, login()) == ACCEPTED
        packets.nothing_more(client)
        assert packets.stats(client)[b"auth_errors"] == b"1"


def test_before_the_login_nothing_else_is_done(address):
    with Client(address) as client:
        assert ask(client, request(packets.GET, b"k")) == refusal(packets.GET, packets.AUTH_ERROR)
        client.closed()
    with Client(address) as client:
        client.send(b"version\r\n".ljust(24))
        client.closed()


def test_a_client_library_logs_in(address):
    client = bmemcached.Client((f"127.0.0.1:{address[1]}",), "ann", "s3cret word")
    assert client.set("k", "v") is True
    assert client.get("k") == "v"
    client.disconnect_all()


class FakeSaslauthd:
    """Listens where saslauthd does, and answers the way it does when it is told to."""

    def __init__(self, directory: Path):
        self.path = directory / "mux"
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._listener.settimeout(seconds(20))

    def accept(self) -> tuple[socket.socket, list[bytes]]:
        """The next request: its connection, and user, password, service and realm."""
        connection, _ = self._listener.accept()
        connection.settimeout(seconds(20))
        fields = []
        while len(fields) < 4:
            (count,) = struct.unpack(">H", connection.recv(2, socket.MSG_WAITALL))
            fields.append(connection.recv(count, socket.MSG_WAITALL) if count else b"")
        return connection, fields

    @staticmethod
    def answer(connection: socket.socket, word: bytes) -> None:
        with connection:
            connection.sendall(struct.pack(">H", len(word)) + word)

    def close(self) -> None:
        self._listener.close()


@pytest.fixture(name="saslauthd")
def fixture_saslauthd(settings):
    (settings / "memcached.conf").write_text(
        f"pwcheck_method: saslauthd\nsaslauthd_path: {settings}/mux\nmech_list: plain\n",
        encoding="ascii",
    )
    daemon = FakeSaslauthd(settings)
    yield daemon
    daemon.close()


def test_a_login_that_takes_its_time_holds_up_no_other_client(tmp_path, settings, saslauthd):
    """There is one worker, which serves another client while the first one waits."""
    with serve(tmp_path, settings) as address:
        with Client(address) as first, Client(address) as second:
            first.send(login() + request(packets.NOOP, opaque=1))
            connection, fields = saslauthd.accept()
            assert fields[:3] == [b"ann", b"s3cret word", b"memcached"]
            assert ask(second, request(packets.VERSION)).value == b"1.6.45"
            saslauthd.answer(connection, b"OK")
            assert packets.read_reply(first) == ACCEPTED
            assert packets.read_reply(first) == Reply(packets.NOOP, opaque=1)
            second.send(login())
            saslauthd.answer(saslauthd.accept()[0], b"NO")
            assert packets.read_reply(second) == REFUSED


def test_without_its_daemon_nobody_logs_in(tmp_path, settings, saslauthd):
    saslauthd.path.unlink()
    with serve(tmp_path, settings) as address, Client(address) as client:
        assert ask(client, login()) == REFUSED


def test_a_server_ends_although_a_login_does_not(tmp_path, settings, saslauthd):
    with serve(tmp_path, settings) as address:
        client = Client(address)
        client.send(login())
        connection, _ = saslauthd.accept()
    client.closed()
    client.close()
    connection.close()


def test_a_login_that_ends_while_the_server_does_is_answered(tmp_path, settings, saslauthd):
    port = free_port()
    with program(
        tmp_path,
        *["-S", "-p", str(port), "-l", "127.0.0.1"],
        executable=cyrus_quarryd(),
        SASL_CONF_PATH=str(settings),
    ) as server:
        server.await_line("ready")
        with Client(("127.0.0.1", port)) as client:
            client.send(login())
            connection, _ = saslauthd.accept()
            server.process.terminate()
            server.await_line("draining")
            saslauthd.answer(connection, b"OK")
            assert packets.read_reply(client) == ACCEPTED
            client.closed()
        assert server.process.wait(seconds(20)) == 0


def test_a_file_of_users_comes_first(tmp_path, settings):
    """So the same command line means the same with either program."""
    users = tmp_path / "users"
    users.write_text("ann:of the file\n", encoding="ascii")
    with serve(tmp_path, settings, "-Y", str(users)) as address, Client(address) as client:
        assert ask(client, login(b"\0ann\0of the file")) == ACCEPTED
        assert ask(client, login()) == REFUSED


def test_without_the_mechanism_it_does_not_start(settings, monkeypatch):
    (settings / "memcached.conf").write_text("mech_list: cram-md5\n", encoding="ascii")
    monkeypatch.setenv("SASL_CONF_PATH", str(settings))
    ended = run("-S", "-p", "-1", executable=cyrus_quarryd())
    assert ended.returncode == 1
    assert "no mechanism PLAIN" in ended.stderr


@pytest.mark.skipif(not is_plain(), reason="sanitizers and emulators need threads of their own")
def test_without_a_thread_for_logins_it_does_not_start(tmp_path, settings):
    (settings / "memcached.conf").write_text("mech_list: plain\n", encoding="ascii")
    with program(
        tmp_path,
        *["-S", "-p", "-1", "-l", "127.0.0.1", "-u", "nobody"],
        executable=cyrus_quarryd(),
        wrapper=["prlimit", "--nproc=0"],
        SASL_CONF_PATH=str(settings),
    ) as server:
        assert server.process.wait(seconds(20)) == 1
        assert "can't begin the thread of logins" in server.stderr()
