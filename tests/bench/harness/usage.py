"""What a process uses, as the kernel tells it: memory, CPU time, wake-ups."""
import pathlib
import re
from typing import NamedTuple


class Usage(NamedTuple):
    """Of all threads of a process together, since they began."""

    cpu_ns: int
    wakeups: int  # how often a thread has gone to sleep of its own accord, and so was woken

    def since(self, before: "Usage") -> "Usage":
        return Usage(self.cpu_ns - before.cpu_ns, self.wakeups - before.wakeups)


def kib_of(name: str, text: str) -> int:
    """The number of a line such as `Anonymous:   116 kB`."""
    return int(re.search(rf"^{name}:\s+(\d+) kB$", text, re.M).group(1))


def usage_of(pid: int) -> Usage:
    """The kernel's account of a process whose threads come and go no more."""
    cpu_ns = wakeups = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        cpu_ns += int((task / "schedstat").read_text().split()[0])
        status = (task / "status").read_text()
        wakeups += int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)$", status, re.M).group(1))
    return Usage(cpu_ns, wakeups)


def anonymous_bytes(pid: int) -> int:
    """The memory that a process has written to and that no file backs: heap, stacks, mappings."""
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return kib_of("Anonymous", rollup) * 1024
