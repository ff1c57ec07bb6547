"""verbosity: the log says more once a client asks for it."""

import fcntl
import os
import re
import socket
import struct

from bounds import wait_until
from program import asks, free_port, program


def test_connections_are_logged_from_verbosity_one_on(start):
    server = start()
    with server.connect() as c:
        with server.connect() as before:
            before.nothing_more()
        c.ask(b"verbosity 1\r\n", b"OK\r\n")
        with server.connect() as other:
            other.nothing_more()
            name = "client=tcp:%s:%d" % other.socket.getsockname()
        wait_until(
            lambda: b"connection closed" in server.stderr(), "the end of the connection is logged"
        )
        log = server.stderr().decode()
        assert "debug connection opened fd=" in log
        assert name in log
        c.ask(b"verbosity 0\r\n", b"OK\r\n")
        logged = server.stderr().count(b"connection opened")
        with server.connect() as after:
            after.nothing_more()
        c.nothing_more()
        assert server.stderr().count(b"connection opened") == logged
        assert c.stats("settings")["verbosity"] == "0"


def test_a_connection_that_its_client_resets_has_no_unknown_address(start):
    server = start("-v")
    with server.connect() as c:
        c.nothing_more()
        c.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        name = "client=tcp:%s:%d" % c.socket.getsockname()
    opened = rf"connection opened fd=(\d+) {re.escape(name)}\n"
    closed = r"connection closed fd=\1\n"
    wait_until(
        lambda: re.search(f"{opened}(?:.*\n)*.*{closed}", server.stderr().decode()) is not None,
        "the end of the connection is logged",
    )
    assert b"unknown" not in server.stderr()


def test_a_log_that_nobody_reads_stops_nothing(tmp_path):
    """Any client can make the log say more than its pipe holds."""
    address = ("127.0.0.1", free_port())
    pipe = tmp_path / "log"
    os.mkfifo(pipe)
    redirected = ["/bin/sh", "-c", f'exec "$@" 2>{pipe}', "sh"]
    flags = ["-v", "-l", "%s:%d" % address]
    with program(tmp_path, *flags, wrapper=redirected) as server, open(pipe, "rb", 0) as log:
        while b" info ready " not in (line := log.readline()):
            assert line, "it has ended"
        fcntl.fcntl(log, fcntl.F_SETPIPE_SZ, 8192)
        for _ in range(100):  # of some 150 bytes of log each
            assert asks(address) == b"MN\r\n"
        first = log.read(8192)
        assert asks(address) == b"MN\r\n"
        assert server.end() == 0
        rest = log.readall()
    written = first + rest
    lost = re.findall(rb" warning log lines lost: nobody read them count=(\d+)\n", written)
    assert written.count(b" debug connection ") + sum(map(int, lost)) == 202
    assert lost and rest.endswith(b" info stopped\n")
