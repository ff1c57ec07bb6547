"""What everybody tries first: a session by hand with the telnet program."""

import os
import pty
import select
import subprocess
import time

from bounds import seconds


class Telnet:
    """The telnet program on a terminal of its own."""

    def __init__(self, port: int):
        self._terminal, program_side = pty.openpty()
        self.process = subprocess.Popen(
            ["telnet", "127.0.0.1", str(port)],
            stdin=program_side,
            stdout=program_side,
            stderr=program_side,
            start_new_session=True,
        )
        os.close(program_side)
        self._shown = b""

    def type(self, line: str) -> None:
        os.write(self._terminal, line.encode() + b"\n")

    def shows(self, text: str) -> None:
        """`text` appears, behind everything that was awaited before."""
        deadline = time.monotonic() + seconds(10)
        while (found := self._shown.find(text.encode())) < 0:
            readable, _, _ = select.select([self._terminal], [], [], deadline - time.monotonic())
            assert readable, f"{text!r} does not appear: {self._shown!r}"
            self._shown += self._read()
        self._shown = self._shown[found + len(text) :]

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._terminal)

    def _read(self) -> bytes:
        try:
            return os.read(self._terminal, 4096)
        except OSError:  # the program has ended
            raise AssertionError(f"telnet has ended: {self._shown!r}") from None


def test_a_telnet_session(server):
    telnet = Telnet(server.port)
    try:
        telnet.shows("Connected to 127.0.0.1.")
        telnet.type("set greeting 0 0 5")
        telnet.type("hello")
        telnet.shows("STORED\r\n")
        telnet.type("get greeting")
        telnet.shows("VALUE greeting 0 5\r\nhello\r\nEND\r\n")
        telnet.type("incr greeting 1")
        telnet.shows("CLIENT_ERROR cannot increment or decrement non-numeric value\r\n")
        telnet.type("nonsense")
        telnet.shows("ERROR\r\n")
        telnet.type("version")
        telnet.shows("VERSION 1.6.45\r\n")
        telnet.type("quit")
        telnet.shows("Connection closed by foreign host.")
        telnet.process.wait(seconds(5))
    finally:
        telnet.close()
