"""A client that speaks raw bytes, so that a test shows what is on the wire."""

import socket
import struct

from bounds import seconds

_READ_BYTES = 1 << 16


class Client:
    """One connection. Every verb fails the test rather than waiting for ever."""

    def __init__(self, address, timeout_sec: float = 10, receive_buffer_bytes: int | None = None):
        """`address` is (host, port), or the path of a UNIX socket."""
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer_bytes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.socket.settimeout(seconds(timeout_sec))
        self.socket.connect(address)
        if family == socket.AF_INET:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._space = memoryview(bytearray(_READ_BYTES))
        self._received = bytearray()  # and not yet asked for
        self._ended = False

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def send(self, *pieces) -> None:
        """Sends each piece on its own."""
        for piece in pieces:
            self.socket.sendall(piece)

    def expect(self, reply: bytes) -> None:
        """The next bytes are exactly `reply`."""
        while len(self._received) < len(reply) and reply.startswith(self._received):
            if not self._receive():
                break
        if not self._received.startswith(reply):
            raise AssertionError(_difference(bytes(self._received), reply))
        del self._received[: len(reply)]

    def ask(self, request: bytes, reply: bytes) -> None:
        """Sends `request`; the next bytes are exactly `reply`."""
        self.send(request)
        self.expect(reply)

    def read(self, byte_count: int) -> bytes:
        """The next `byte_count` bytes."""
        taken = bytearray(byte_count)
        filled = min(byte_count, len(self._received))
        taken[:filled] = self._received[:filled]
        del self._received[:filled]
        space = memoryview(taken)
        while filled < byte_count:
            received_bytes = self._receive_into(space[filled:])
            assert received_bytes, f"closed after {bytes(taken[:filled][-200:])!r}"
            filled += received_bytes
        return bytes(taken)

    def until(self, end: bytes) -> bytes:
        """The bytes up to and with the first `end`."""
        searched = 0
        while (found := self._received.find(end, searched)) < 0:
            searched = max(0, len(self._received) - len(end) + 1)
            assert self._receive(), f"closed before {end!r}: {bytes(self._received[-200:])!r}"
        return self.read(found + len(end))

    def line(self) -> bytes:
        """The next line, without its CRLF."""
        return self.until(b"\r\n")[:-2]

    def ask_line(self, request: bytes) -> bytes:
        """Sends `request`; the first line of its reply."""
        self.send(request)
        return self.line()

    def nothing_more(self) -> None:
        """Every byte sent so far has been read as a request and every reply has been expected."""
        self.ask(b"mn\r\n", b"MN\r\n")

    def closed(self) -> None:
        """The server has closed the connection, without another byte."""
        while not self._ended and not self._received:
            self._receive()
        assert not self._received, f"instead of a close came {bytes(self._received[:200])!r}"

    def get(self, key: bytes) -> bytes | None:
        """The value of a classic get, or None for a miss."""
        head = self.ask_line(b"get " + key + b"\r\n")
        if head == b"END":
            return None
        word, found_key, _, byte_count = head.split(b" ")
        assert (word, found_key) == (b"VALUE", key), head
        value = self.read(int(byte_count))
        self.expect(b"\r\nEND\r\n")
        return value

    def set(self, key: bytes, value: bytes, flags: int = 0, exptime: int = 0) -> None:
        """A classic set that must be stored."""
        self.send(b"set %b %d %d %d\r\n" % (key, flags, exptime, len(value)), value, b"\r\n")
        self.expect(b"STORED\r\n")

    def cas_of(self, key: bytes) -> int:
        """The CAS id of an item that must exist."""
        reply = self.ask_line(b"mg " + key + b" c u\r\n")
        assert reply.startswith(b"HD c"), reply
        return int(reply[4:])

    def ttl(self, key: bytes) -> int:
        """The remaining seconds of an item that must exist; -1 for one without end."""
        reply = self.ask_line(b"mg " + key + b" t u\r\n")
        assert reply.startswith(b"HD t"), reply
        return int(reply.split(b" ")[1].removeprefix(b"t"))

    def stats(self, group: str = "") -> dict[str, str]:
        """The lines of `stats [group]`, in order."""
        self.send(b"stats %b\r\n" % group.encode() if group else b"stats\r\n")
        lines = {}
        while (line := self.line().decode()) != "END":
            word, name, value = line.split(" ", 2)
            assert word == "STAT", line
            assert name not in lines, f"{name} is there twice"
            lines[name] = value
        return lines

    def finish_sending(self) -> None:
        """Ends the stream towards the server; replies can still be read."""
        self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.socket.close()
        self._ended = True

    def reset(self) -> None:
        """Closes with an RST instead of a FIN, as SO_LINGER 0 does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    @property
    def is_open(self) -> bool:
        return not self._ended

    def _receive(self) -> bool:
        """Adds what the socket has; False when the server has closed."""
        received_bytes = self._receive_into(self._space)
        self._received += self._space[:received_bytes]
        return received_bytes > 0

    def _receive_into(self, space: memoryview) -> int:
        """How many bytes of `space` the socket has filled; 0 when the server has closed."""
        try:
            received_bytes = self.socket.recv_into(space)
        except ConnectionResetError:
            received_bytes = 0
        except TimeoutError:
            raise AssertionError(f"no reply; so far {bytes(self._received[-200:])!r}") from None
        self._ended = self._ended or received_bytes == 0
        return received_bytes


def _difference(received: bytes, wanted: bytes) -> str:
    same = 0
    while same < min(len(received), len(wanted)) and received[same] == wanted[same]:
        same += 1
    start = max(0, same - 60)
    return (
        f"the reply differs at byte {same} of {len(wanted)}:\n"
        f"  wanted   {wanted[start:same + 200]!r}\n"
        f"  received {received[start:same + 200]!r}"
    )
