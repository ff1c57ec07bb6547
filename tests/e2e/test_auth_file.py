"""Users and passwords in text: -Y, and what a client may do before it has logged in."""

import signal
from pathlib import Path

import pymemcache
import pytest

from bounds import seconds, wait_until
from program import run
from replies import value_reply

UNAUTHENTICATED = b"CLIENT_ERROR unauthenticated\r\n"
FAILURE = b"CLIENT_ERROR authentication failure\r\n"
USERS = "ann:s3cret word\nbob:other:with:colons\n"


def login(token: bytes, options: bytes = b"") -> bytes:
    return b"set login 0 0 %d%b\r\n%b\r\n" % (len(token), options, token)


LOGIN = login(b"ann s3cret word")


@pytest.fixture
def users(tmp_path) -> Path:
    path = tmp_path / "users"
    path.write_text(USERS, encoding="ascii")
    return path


@pytest.fixture
def guarded(start, users):
    """A server that knows ann and bob."""
    return start("-Y", str(users))


def test_a_client_that_has_logged_in_may_do_everything(guarded):
    with guarded.connect() as client:
        client.ask(b"get a\r\n", UNAUTHENTICATED)
        client.ask(LOGIN, b"STORED\r\n")
        client.set(b"a", b"1")
        client.ask(b"get a\r\n", value_reply(b"a", b"1"))
        client.ask(b"get login\r\n", b"END\r\n")


@pytest.mark.parametrize(
    "token", [b"ann s3cret word", b"bob other:with:colons"], ids=["space", "colons"]
)
@pytest.mark.parametrize("options", [b"", b" noreply", b" 1 2 3"])
def test_every_user_may_log_in(guarded, token, options):
    with guarded.connect() as client:
        client.ask(login(token, options), b"STORED\r\n")
        client.nothing_more()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"gets a b c\r\n",
        b"gat 0 a\r\n",
        b"delete a noreply\r\n",
        b"incr a 1\r\n",
        b"touch a 1\r\n",
        b"version\r\n",
        b"stats\r\n",
        b"stats settings\r\n",
        b"flush_all\r\n",
        b"verbosity 2\r\n",
        b"cache_memlimit 8\r\n",
        b"lru_crawler metadump all\r\n",
        b"watch fetchers\r\n",
        b"shutdown\r\n",
        b"refresh_certs\r\n",
        b"mg a v\r\n",
        b"add a 0 0 1\r\nx\r\n",
        b"cas a 0 0 1 1\r\nx\r\n",
        b"ms a 1\r\nx\r\n",
        b"ms a 1 q\r\nx\r\n",
        b"append a 0 0 100000\r\n" + b"x" * 100000 + b"\r\n",
        b"\x80\x0b" + bytes(22) + b"\n",
        b"nonsense\r\n",
    ],
)
def test_before_the_login_a_command_gets_one_error_and_does_nothing(guarded, request_bytes):
    with guarded.connect() as client:
        client.ask(request_bytes, UNAUTHENTICATED)
        client.ask(LOGIN, b"STORED\r\n")
        client.ask(b"get a\r\n", b"END\r\n")
        assert client.stats("settings")["verbosity"] == "0"
        assert client.stats()["cmd_set"] == "0"


@pytest.mark.parametrize(
    "request_bytes",
    [b"quit\r\n", b"quit\n", b"mn\r\n", b"\r\n", b"x" * 2049, b"get " + b"k" * 2045],
)
def test_before_the_login_these_end_the_connection(guarded, request_bytes):
    with guarded.connect() as client:
        client.send(request_bytes)
        client.closed()


@pytest.mark.parametrize(
    ("attempt", "reply"),
    [
        (login(b"ann wrong"), FAILURE),
        (login(b"ann s3cret"), FAILURE),
        (login(b"ann s3cret word "), FAILURE),
        (login(b"ann s3cret word\0"), FAILURE),
        (login(b"Ann s3cret word"), FAILURE),
        (login(b"carl s3cret word"), FAILURE),
        (login(b" s3cret word"), FAILURE),
        (login(b"ann "), FAILURE),
        (login(b"ann " + b"x" * 9000), FAILURE),
        (login(b"ann"), b"CLIENT_ERROR bad authentication token format\r\n"),
        (login(b""), b"CLIENT_ERROR bad authentication token format\r\n"),
        (login(b"x" * 16385), b"CLIENT_ERROR auth token too long\r\n"),
        (
            b"set k 0 0 15\r\nann s3cret word, version\r\n",
            b"CLIENT_ERROR bad command line termination\r\n" + UNAUTHENTICATED,
        ),
    ],
)
def test_a_login_that_fails_may_be_tried_again(guarded, attempt, reply):
    with guarded.connect() as client:
        client.ask(attempt, reply)
        client.ask(b"get a\r\n", UNAUTHENTICATED)
        client.ask(LOGIN, b"STORED\r\n")
        client.nothing_more()


def test_no_login_follows_a_body_of_unknown_length(guarded):
    with guarded.connect() as client:
        client.send(b"set k 0 0 x\r\n" + LOGIN)
        client.expect(UNAUTHENTICATED)
        client.closed()


@pytest.mark.parametrize("fragment_bytes", [1, 2, 3, 7, 16, 100])
def test_a_login_may_come_in_fragments(guarded, fragment_bytes):
    script = (
        b"get a b\r\nadd a 0 0 5\r\nhello\r\n" + login(b"ann wrong") + LOGIN
        + b"set a 0 0 5\r\nhello\r\nget a\r\n"
    )
    with guarded.connect() as client:
        starts = range(0, len(script), fragment_bytes)
        client.send(*(script[start : start + fragment_bytes] for start in starts))
        client.expect(UNAUTHENTICATED * 2 + FAILURE + b"STORED\r\nSTORED\r\n")
        client.expect(value_reply(b"a", b"hello"))


def test_each_connection_logs_in_for_itself(guarded):
    with guarded.connect() as one, guarded.connect() as other:
        one.ask(LOGIN, b"STORED\r\n")
        other.ask(b"version\r\n", UNAUTHENTICATED)
        one.ask(b"version\r\n", b"VERSION 1.6.45\r\n")


def test_a_unix_socket_needs_the_login_as_well(start, users, tmp_path):
    server = start("-Y", str(users), "-s", str(tmp_path / "socket"))
    with server.connect() as client:
        client.ask(b"version\r\n", UNAUTHENTICATED)
        client.ask(LOGIN, b"STORED\r\n")
        client.nothing_more()


def test_stats_tell_of_logins_and_of_no_secret(guarded):
    with guarded.connect() as client:
        client.send(login(b"ann wrong") + login(b"nobody") + LOGIN)
        client.expect(FAILURE + b"CLIENT_ERROR bad authentication token format\r\nSTORED\r\n")
        general, settings = client.stats(), client.stats("settings")
        assert (general["auth_cmds"], general["auth_errors"]) == ("2", "1")
        assert settings["auth_enabled_ascii"] == "yes"
        assert settings["auth_enabled_sasl"] == "no"
        assert settings["binding_protocol"] == "ascii"
        shown = repr([general, settings, client.stats("conns")])
    for secret in ("s3cret", "wrong", "other:with"):
        assert secret not in shown
        assert secret.encode() not in guarded.stderr()


def test_a_hangup_reads_the_users_again(guarded, users):
    def hang_up_and_await(line: bytes) -> None:
        before = guarded.stderr().count(line)
        guarded.process.send_signal(signal.SIGHUP)
        wait_until(lambda: guarded.stderr().count(line) > before, f"{line} is logged")

    with guarded.connect() as old:
        old.ask(LOGIN, b"STORED\r\n")
        users.write_text("ann:new\n", encoding="ascii")
        hang_up_and_await(b"info users file=")
        with guarded.connect() as client:
            client.ask(LOGIN, FAILURE)
            client.ask(login(b"ann new"), b"STORED\r\n")
        old.ask(b"get a\r\n", b"END\r\n")  # who has logged in stays so

        users.write_text("ann:newest\nbob-without-colon\n", encoding="ascii")
        hang_up_and_await(b"users stay those of before")
        assert b"line 2: no colon between user and password" in guarded.stderr()
        users.unlink()
        hang_up_and_await(b"users stay those of before")
        with guarded.connect() as client:
            client.ask(login(b"ann newest"), FAILURE)
            client.ask(login(b"ann new"), b"STORED\r\n")
    assert b"newest" not in guarded.stderr() and b"bob-without" not in guarded.stderr()


@pytest.mark.parametrize(
    ("contents", "reason"),
    [
        (None, "No such file or directory"),
        ("", "no user in it"),
        ("ann:secret\nbob\n", "line 2: no colon between user and password"),
        ("ann:\n", "line 1: no password behind the colon"),
    ],
)
def test_without_a_right_file_it_does_not_start(tmp_path, contents, reason):
    path = tmp_path / "users"
    if contents is not None:
        path.write_text(contents, encoding="ascii")
    ended = run("-p", "-1", "-Y", str(path))
    assert ended.returncode == 1
    assert f"reading {path}: {reason}" in ended.stderr
    assert "secret" not in ended.stderr


def test_a_client_library_logs_in_with_a_set(guarded):
    client = pymemcache.Client(guarded.address, timeout=seconds(5), default_noreply=False)
    with pytest.raises(pymemcache.MemcacheClientError, match="unauthenticated"):
        client.get("a")
    assert client.set("anything", "bob other:with:colons") is True
    assert client.set("a", b"1") is True
    assert client.get("a") == b"1"
    client.close()
