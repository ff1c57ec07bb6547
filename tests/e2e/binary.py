"""The program under test."""

import functools
import mmap
import os
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[2]


@functools.cache
def quarryd() -> Path:
    """The path of quarryd: $QUARRYD, or the dev build's. A missing program is an error."""
    path = Path(os.environ.get("QUARRYD", _REPOSITORY / "build/dev/daemon/quarryd")).resolve()
    if not os.access(path, os.X_OK):
        raise FileNotFoundError(f"no quarryd at {path}: build it, or name it in $QUARRYD")
    return path


@functools.cache
def is_sanitized() -> bool:
    """True for a build with AddressSanitizer or ThreadSanitizer, which is slow and large."""
    with open(quarryd(), "rb") as file:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as program:
            return any(program.find(name) >= 0 for name in (b"__asan_init", b"__tsan_init"))
