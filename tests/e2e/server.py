"""A quarryd process for tests: started on a free port, ended with SIGTERM, its exit checked."""

import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Callable

from binary import quarryd
from bounds import seconds
from client import Client

_START_SEC = 20
_STOP_SEC = 20
_SANITIZER_REPORT = re.compile(rb"(Address|Leak|Thread|Memory)Sanitizer|runtime error:")


def _accepts(address) -> bool:
    try:
        Client(address).close()
    except (FileNotFoundError, ConnectionRefusedError):
        return False
    return True


class Server:
    """Runs from construction to stop(). Flags are quarryd's own; `-p` and `-l` are given, unless
    `-s` names a UNIX socket."""

    def __init__(self, *flags: str):
        self.flags = flags
        self._checked_bytes = 0
        self._directory = tempfile.TemporaryDirectory(prefix="quarryd-e2e-")
        self._stderr_path = Path(self._directory.name, "stderr")
        self._port_path = Path(self._directory.name, "port")
        with open(self._stderr_path, "wb") as stderr:
            self.process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=stderr,
                stderr=stderr,
                env=os.environ | {"MEMCACHED_PORT_FILENAME": str(self._port_path)},
            )
        try:
            self.address = self._await_address()
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return self.address[1]

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def connect(self, **options) -> Client:
        """A new connection; `options` as Client's."""
        return Client(self.address, **options)

    def stats(self, group: str = "") -> dict[str, str]:
        with self.connect() as client:
            return client.stats(group)

    def stderr(self) -> bytes:
        """What the process has written so far."""
        return self._stderr_path.read_bytes()

    def rss_bytes(self) -> int:
        """The resident memory of the process."""
        return self._memory_bytes("VmRSS")

    def rss_peak_bytes(self) -> int:
        """The most resident memory that the process has had."""
        return self._memory_bytes("VmHWM")

    def stop(self) -> None:
        """Asks the process to end; it must do so in time, with code 0 and a clean stderr."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds(_STOP_SEC))
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"SIGTERM ends quarryd too late\n{self._tail()}") from None
        self.check()
        assert self.process.returncode == 0, f"exit {self.process.returncode}\n{self._tail()}"

    def check(self) -> None:
        """The process has not crashed, and no sanitizer has reported anything since the last
        check: a report is one test's failure and not that of all that follow."""
        assert self.process.poll() in (None, 0), (
            f"quarryd ended with {self.process.returncode}\n{self._tail()}"
        )
        unchecked = self.stderr()[self._checked_bytes :]
        self._checked_bytes += len(unchecked)
        assert not _SANITIZER_REPORT.search(unchecked), self._tail()

    def _memory_bytes(self, name: str) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)[1]) * 1024

    def _command(self) -> list[str]:
        user = ["-u", "root"] if os.geteuid() == 0 and "-u" not in self.flags else []
        listen = [] if "-s" in self.flags else ["-p", "-1", "-l", "127.0.0.1"]
        return [str(quarryd()), *listen, *user, *self.flags]

    def _await_address(self) -> tuple[str, int] | str:
        """The address, as soon as quarryd accepts connections to it."""
        if "-s" in self.flags:
            address = self.flags[self.flags.index("-s") + 1]
        else:
            self._await(self._port_path.exists)  # appears whole
            port = re.search(r"TCP INET: (\d+)", self._port_path.read_text(encoding="ascii"))[1]
            address = ("127.0.0.1", int(port))
        self._await(lambda: _accepts(address))
        return address

    def _await(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + seconds(_START_SEC)
        while not condition():
            assert self.is_alive, f"quarryd {self.flags} did not start\n{self._tail()}"
            assert time.monotonic() < deadline, f"quarryd does not listen\n{self._tail()}"
            time.sleep(0.002)

    def _tail(self) -> str:
        return self.stderr()[-20000:].decode(errors="replace")
