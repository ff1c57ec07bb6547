"""System calls of a server by name, as strace counts them."""
import pathlib
import shutil
from collections import Counter

from .errors import BenchError

READS = {"read", "readv", "recvfrom", "recvmsg", "recvmmsg"}
SENDS = {"write", "writev", "sendto", "sendmsg", "sendmmsg", "sendfile", "splice"}
WAITS = {"epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select", "pselect6"}


def observer(output: pathlib.Path) -> tuple[str, ...]:
    """The command that runs a server and writes how often it called what when it ends."""
    strace = shutil.which("strace")
    if strace is None:
        raise BenchError("strace was not found; on Debian: apt-get install strace")
    return (strace, "-f", "-c", "-U", "calls,name", "-o", str(output))


def parse_calls(text: str) -> Counter[str]:
    """Reads strace's table of two columns: how many calls, and of what."""
    calls: Counter[str] = Counter()
    for line in text.splitlines():
        words = line.split()
        if len(words) == 2 and words[0].isdigit() and words[1] != "total":
            calls[words[1]] += int(words[0])
    if not calls:
        raise BenchError("strace counted nothing; is it allowed to trace here?")
    return calls


def read_calls(output: pathlib.Path) -> Counter[str]:
    return parse_calls(output.read_text() if output.is_file() else "")


def since(later: Counter[str], earlier: Counter[str]) -> dict[str, int]:
    """How many more calls of each name there were; names of equally many are left out."""
    names = sorted(later.keys() | earlier.keys())
    return {name: later[name] - earlier[name] for name in names if later[name] != earlier[name]}
