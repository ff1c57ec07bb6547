"""The promise about memory: what the process may take beyond `-m`."""

from binary import is_plain
from server import Server

_MEGABYTE = 1 << 20
_CONNECTION_BYTES = 16 << 10


def assert_rss_within_promise(server: Server, memory_mib: int, connection_count: int = 0) -> None:
    """At no moment was it more than 1.03 times `-m`, 24 MiB, and 16 KiB for each connection. Not
    judged where a sanitizer or an emulator needs memory of its own."""
    if is_plain():
        promised = (1.03 * memory_mib + 24) * _MEGABYTE + connection_count * _CONNECTION_BYTES
        assert server.rss_peak_bytes() <= promised
