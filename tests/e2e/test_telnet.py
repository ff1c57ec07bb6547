"""What everybody tries first: a session by hand with the telnet program."""

import os
import pty
import re
import select
import subprocess
import time
from pathlib import Path

from bounds import seconds

_README = Path(__file__).resolve().parents[2] / "README.md"
_COMMAND = re.compile(r"(set|get|mg|ms|ma|quit)\b")


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


def readme_session() -> list[tuple[bool, str]]:
    """The lines of the README's session behind its greeting, each with whether it is typed:
    commands, and the value behind a set or an ms."""
    readme = _README.read_text(encoding="utf-8")
    block = re.search(r"^\$ telnet .*?^Escape character.*?\n(.*?)^```", readme, re.M | re.S)
    session = []
    value_follows = False
    for line in block[1].splitlines():
        typed = value_follows or _COMMAND.match(line) is not None
        value_follows = typed and not value_follows and line.startswith(("set ", "ms "))
        session.append((typed, line))
    return session


def test_the_session_of_the_readme(server, c):
    """The seconds that an item has left may be one fewer when a second ends meanwhile."""
    session = readme_session()
    assert sum(typed for typed, _ in session) > 5
    telnet = Telnet(server.port)
    try:
        telnet.shows("Escape character is '^]'.\r\n")
        for typed, line in session:
            if typed:
                telnet.type(line)
            telnet.shows(line.removesuffix("60") if line.endswith(" t60") else line + "\r\n")
        telnet.process.wait(seconds(5))
    finally:
        telnet.close()
