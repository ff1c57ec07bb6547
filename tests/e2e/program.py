"""quarryd run as a plain program: for what it says and how it ends, where a test needs more than a
server that starts."""

import contextlib
import os
import signal
import socket
import subprocess
from pathlib import Path
from typing import Iterator, Sequence

from binary import quarryd
from bounds import seconds, wait_until


def as_user(*flags: str, executable: Path | None = None) -> list[str]:
    """The command line, with the -u that root needs. `executable`: another build than quarryd()."""
    user = ["-u", "root"] if os.geteuid() == 0 and "-u" not in flags else []
    return [str(executable or quarryd()), *user, *flags]


def run(
    *flags: str, user: bool = True, executable: Path | None = None
) -> subprocess.CompletedProcess:
    """Runs quarryd with flags that make it end by itself."""
    command = as_user(*flags, executable=executable) if user else [str(quarryd()), *flags]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=seconds(20), check=False
    )


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at present."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Program:
    """A running quarryd; its flags say where it listens."""

    def __init__(
        self,
        directory: Path,
        *flags: str,
        wrapper: Sequence[str] = (),
        executable: Path | None = None,
        **environment,
    ):
        """`wrapper` is a command that ends in executing quarryd, or the `executable` in its place;
        `environment` is added to ours."""
        self._stderr_path = directory / "stderr"
        with open(self._stderr_path, "wb") as stderr:
            self.process = subprocess.Popen(
                [*wrapper, *as_user(*flags, executable=executable)],
                stdin=subprocess.DEVNULL,
                stdout=stderr,
                stderr=stderr,
                env=os.environ | environment,
            )

    def stderr(self) -> str:
        return self._stderr_path.read_text(encoding="ascii")

    def await_line(self, text: str) -> None:
        """Waits until `text` has been logged."""
        wait_until(
            lambda: text in self.stderr() or self.process.poll() is not None, f"{text!r} is logged"
        )
        assert text in self.stderr(), self.stderr()

    def end(self, signal_number: int = signal.SIGTERM) -> int:
        """Sends the signal; the exit code."""
        self.process.send_signal(signal_number)
        return self.process.wait(seconds(20))


@contextlib.contextmanager
def program(directory: Path, *flags: str, **more) -> Iterator[Program]:
    """A Program that is gone at the end, come what may."""
    started = Program(directory, *flags, **more)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
        started.process.wait()


def asks(address, request: bytes = b"mn\r\n") -> bytes:
    """One request and its reply, at (host, port) or the path of a UNIX socket."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    if family == socket.AF_INET and ":" in address[0]:
        family = socket.AF_INET6
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(seconds(10))
        client.connect(address)
        client.sendall(request)
        return client.recv(4096)
