"""Starts a server pinned to one core, and ends it again."""
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from typing import NamedTuple

from . import machine
from .errors import BenchError

START_TIMEOUT_SEC = 60
STOP_TIMEOUT_SEC = 20
UNPRIVILEGED_USER = "nobody"


class Flags(NamedTuple):
    """The flags that both servers get alike."""

    memory_mb: int = 1024
    max_connections: int = 2048
    item_limit: str = "1m"
    workers: int = 1
    certificate: str = ""  # where cert.pem and key.pem are, for TLS 1.3 alone

    def arguments(self, port: int) -> list[str]:
        flags = ["-l", "127.0.0.1", "-p", str(port), "-U", "0", "-t", str(self.workers)]
        flags += ["-m", str(self.memory_mb), "-c", str(self.max_connections), "-I", self.item_limit]
        if self.certificate:
            files = f"ssl_chain_cert={self.certificate}/cert.pem,ssl_key={self.certificate}/key.pem"
            flags += ["-Z", "-o", f"{files},ssl_min_version=3"]
        return flags + (["-u", UNPRIVILEGED_USER] if os.geteuid() == 0 else [])

    def __str__(self) -> str:
        limits = f"-m {self.memory_mb} -c {self.max_connections} -I {self.item_limit}"
        return f"-t {self.workers} {limits} -U 0"


class Program(NamedTuple):
    """A server to measure: what to call it, and how to start it."""

    name: str
    path: pathlib.Path
    extra_arguments: tuple[str, ...] = ()
    keeps_values: bool = True  # or it is the floor, which takes other flags
    spins: bool = False  # the floor: it never sleeps, and counts the time that it had nothing to do

    def arguments(self, flags: Flags, port: int, idle_path: str) -> list[str]:
        if self.keeps_values:
            return [*flags.arguments(port), *self.extra_arguments]
        idle = ["--idle", idle_path] if self.spins else []
        return ["--port", str(port), *idle, *self.extra_arguments]

    def version(self) -> str:
        """What the program says of itself with -V."""
        result = subprocess.run(
            [self.path, "-V"], capture_output=True, text=True, timeout=10, check=False
        )
        return result.stdout.strip().splitlines()[0] if result.stdout.strip() else self.name


class Memory(NamedTuple):
    """Resident memory of a process in bytes: now, and at most so far."""

    rss_bytes: int
    peak_rss_bytes: int


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A running server; a context manager that ends the processes it started.

    `observer` is the command line of a program that runs the server and watches it."""

    def __init__(
        self, program: Program, flags: Flags, core: int | None, observer: tuple[str, ...] = ()
    ):
        self.program = program
        self._flags = flags
        self.port = free_port()
        self._log = tempfile.TemporaryFile()
        self._idle = tempfile.NamedTemporaryFile(prefix="idle-")
        arguments = program.arguments(flags, self.port, self._idle.name)
        command = [*observer, str(program.path), *arguments]
        # A session of its own, so that Ctrl-C reaches this script only, which then ends the server.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            preexec_fn=machine.pin_to(core),
        )
        try:
            self._wait_until_it_serves(" ".join(command))
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._process.pid

    def measuring_arguments(self) -> list[str]:
        """Tells the load generator whose CPU time to take, and what of it not to count."""
        arguments = ["--port", str(self.port), "--server-pid", str(self.pid)]
        if self._flags.certificate:
            arguments.append("--tls")
        return arguments + (["--server-idle", self._idle.name] if self.program.spins else [])

    def stop(self) -> None:
        """Asks the server to end, and insists after a while. An observer ends after it."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(STOP_TIMEOUT_SEC)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        self._log.close()
        self._idle.close()

    def memory(self) -> Memory:
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        kib = {
            name: int(number) for name, number in re.findall(r"^(Vm\w+):\s+(\d+) kB", status, re.M)
        }
        return Memory(kib["VmRSS"] * 1024, kib["VmHWM"] * 1024)

    def connect(self, timeout_sec: float) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=timeout_sec)
        if not self._flags.certificate:
            return connection
        context = ssl.create_default_context(cafile=f"{self._flags.certificate}/cert.pem")
        return context.wrap_socket(connection, server_hostname="localhost")

    def stats(self) -> dict[str, str]:
        """The server's general statistics."""
        with self.connect(timeout_sec=10) as connection:
            connection.sendall(b"stats\r\n")
            answer = b""
            while not answer.endswith(b"END\r\n"):
                part = connection.recv(65536)
                if not part:
                    raise BenchError(f"{self.program.name} closed the connection during stats")
                answer += part
        return dict(re.findall(r"^STAT (\S+) (.*?)\r?$", answer.decode(), re.M))

    def _wait_until_it_serves(self, command: str) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SEC
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                self._log.seek(0)
                said = self._log.read().decode(errors="replace").strip().splitlines()
                raise BenchError(f"`{command}` ended at once: {said[-1] if said else 'no message'}")
            try:
                with self.connect(timeout_sec=1) as connection:
                    connection.sendall(b"version\r\n")
                    if connection.recv(100).startswith(b"VERSION"):
                        return
            except OSError:
                pass
            time.sleep(0.05)
        raise BenchError(f"`{command}` did not serve within {START_TIMEOUT_SEC} s")
