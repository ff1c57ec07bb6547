"""As many connections as a large fleet of clients holds open."""

import contextlib
import socket

from binary import is_plain
from bounds import seconds, wait_until
from connections import allow_descriptors, busy_readers
from filling import fill
from promise import assert_rss_within_promise
from replies import value_reply
from values import random_bytes

MEGABYTE = 1 << 20
MEMORY_MIB = 64

#: All of them, and of these: with the first part of a request, with replies that nobody reads.
IDLE, UNFINISHED, UNREAD = (9400, 300, 300) if is_plain() else (600, 60, 60)

#: What each kind of client has sent, what it sends later, and the reply to both.
BODY = random_bytes(4096)
HALVES = [
    (b"set half 0 0 4096\r\n" + BODY[:4000], BODY[4000:] + b"\r\n", b"STORED\r\n"),
    (b"get " + b" ".join([b"g" * 250] * 7), b"\r\n", b"END\r\n"),
    (b"mn\r\nms half 4000\r\n" + BODY[:3000], BODY[3000:4000] + b"\r\n", b"MN\r\nHD\r\n"),
]
VALUE = random_bytes(4096, seed=1)


def connect(server, receive_buffer_bytes: int | None = None) -> socket.socket:
    """A plain socket: ten thousand Clients would take more memory than the server."""
    connection = socket.socket()
    if receive_buffer_bytes is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
    connection.settimeout(seconds(10))
    connection.connect(server.address)
    return connection


def expect(connection: socket.socket, reply: bytes) -> None:
    received = b""
    while len(received) < len(reply) and (part := connection.recv(len(reply) - len(received))):
        received += part
    assert received == reply


def serves(connection: socket.socket) -> None:
    connection.sendall(b"mn\r\n")
    expect(connection, b"MN\r\n")


def test_ten_thousand_connections_keep_the_memory_limit_and_are_served(start):
    count = IDLE + UNFINISHED + UNREAD
    allow_descriptors(count + 100)
    server = start("-m", str(MEMORY_MIB), "-c", str(count + 100))
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(server.connect(timeout_sec=30))
        fill(client, MEMORY_MIB * MEGABYTE)
        client.set(b"k", VALUE)

        idle = [stack.enter_context(connect(server)) for _ in range(IDLE)]
        unfinished = [stack.enter_context(connect(server)) for _ in range(UNFINISHED)]
        unread = [stack.enter_context(connect(server, 4096)) for _ in range(UNREAD)]
        for connection in idle + unfinished + unread:
            serves(connection)
        assert int(client.stats()["curr_connections"]) == count + 1
        for number, connection in enumerate(unfinished):
            connection.sendall(HALVES[number % len(HALVES)][0])
        for connection in unread:
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                connection.send(b"get k\r\n" * 10_000)
        wait_until(lambda: busy_readers(client) == UNREAD, "all replies are waiting")
        assert_rss_within_promise(server, MEMORY_MIB, count + 1)

        client.set(b"other", b"served")
        assert client.get(b"other") == b"served"
        for number, connection in enumerate(unfinished):
            _, rest, reply = HALVES[number % len(HALVES)]
            connection.sendall(rest)
            expect(connection, reply)
        for connection in unread[::10]:
            connection.settimeout(seconds(10))
            for _ in range(20):
                expect(connection, value_reply(b"k", VALUE))
        for connection in idle:
            serves(connection)
        assert_rss_within_promise(server, MEMORY_MIB, count + 1)
    with server.connect() as client:
        wait_until(lambda: client.stats()["curr_connections"] == "1", "all others are gone")
