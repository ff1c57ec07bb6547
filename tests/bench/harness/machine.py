"""The machine under the benchmark: which cores it has, and how to describe it."""
import os
import pathlib
import platform
import subprocess
from typing import NamedTuple

from .errors import BenchError


class Cores(NamedTuple):
    """The server gets one core for itself, and the load generator another."""

    server: int
    client: int


def choose_cores(server: int | None, client: int | None) -> Cores:
    """The two cores to use; by default the first two that this process may run on."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise BenchError("two cores are needed, one for the server and one for the load generator")
    cores = Cores(
        allowed[0] if server is None else server,
        allowed[1] if client is None else client,
    )
    if cores.server == cores.client or not set(cores) <= set(allowed):
        raise BenchError(f"--server-core and --client-core must be two of {allowed}")
    return cores


def pin_to(core: int | None):
    """A function for Popen that binds the new process to one core before it starts; nothing where
    it may run on any."""
    return None if core is None else lambda: os.sched_setaffinity(0, {core})


def run_on(core: int | None, command: list[str], timeout_sec: float) -> subprocess.CompletedProcess:
    """Runs a program on one core, or on any, and takes what it prints. Ends it when its time is up
    or when this script is interrupted."""
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=timeout_sec,
            preexec_fn=pin_to(core),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BenchError(f"no end after {timeout_sec:.0f} s: {' '.join(command)}") from None


def describe() -> str:
    """Processor, core count, kernel and system, in one line."""
    model = platform.machine()
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "unknown system")
    return f"{model}, {os.cpu_count()} cores, Linux {platform.release()}, {system}"
