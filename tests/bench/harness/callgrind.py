"""Instructions and calls of a server under callgrind.

callgrind executes the program on a processor that it simulates: what it counts are the program's
own instructions, the kernel's not among them, and the same on every machine of one architecture.
"""
import pathlib
import re
import shutil
from collections.abc import Iterable
from typing import NamedTuple

from .errors import BenchError

# Our own lock, and the C library's names: what a C++ library locks or allocates comes to these.
LOCKING = re.compile(
    r"quarry::Mutex::Lock\(\)"
    r"|_*pthread_(mutex_(try|timed|clock)?lock|rwlock_(try|timed|clock)?(rd|wr)lock)(@.*)?"
)
ALLOCATING = re.compile(r"(malloc|calloc|realloc|memalign|aligned_alloc|posix_memalign)(@.*)?")
# A name is written out where it first stands, and later only its number: "(12) name" and "(12)".
CALLEE_OR_CALLER = re.compile(r"c?fn=\((\d+)\)(?: (.*))?")


class Profile(NamedTuple):
    """What one process did from its start to its end, in all its threads."""

    instructions: int
    locks: int  # acquisitions, and attempts at one
    allocations: int

    def since(self, other: "Profile") -> "Profile":
        return Profile(*(mine - theirs for mine, theirs in zip(self, other)))


def observer(output: pathlib.Path) -> tuple[str, ...]:
    """The command that runs a server and writes its profile when it ends."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise BenchError("valgrind was not found; on Debian: apt-get install valgrind")
    return (valgrind, "--quiet", "--vgdb=no", "--tool=callgrind", f"--callgrind-out-file={output}")


def parse_profile(lines: Iterable[str]) -> Profile:
    """Reads callgrind's format, of which three kinds of line matter here: the total, the names of
    functions, and the calls of the function that was named last as a callee."""
    names: dict[str, str] = {}
    callee = ""
    instructions = None
    locks = allocations = 0
    for line in lines:
        if line.startswith(("fn=", "cfn=")):
            match = CALLEE_OR_CALLER.match(line.rstrip("\n"))
            if match is None:
                raise BenchError(f"callgrind wrote a name without a number: {line.strip()}")
            number, name = match.groups()
            callee = names.setdefault(number, name or "")
        elif line.startswith("calls="):
            count = int(line.removeprefix("calls=").split()[0])
            if LOCKING.fullmatch(callee):
                locks += count
            elif ALLOCATING.fullmatch(callee):
                allocations += count
        elif line.startswith("totals:"):
            instructions = int(line.split()[1])
    if instructions is None:
        raise BenchError("callgrind wrote no total: the server did not end as it should")
    return Profile(instructions, locks, allocations)


def read_profile(output: pathlib.Path) -> Profile:
    if not output.is_file():
        raise BenchError("callgrind wrote no profile")
    with output.open() as lines:
        return parse_profile(lines)
