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
def is_plain() -> bool:
    """False for a program that is slow and large: with AddressSanitizer or ThreadSanitizer in it,
    or with an emulator under it, as $E2E_EMULATED tells."""
    if "E2E_EMULATED" in os.environ:
        return False
    with open(quarryd(), "rb") as file:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as program:
            return all(program.find(name) < 0 for name in (b"__asan_init", b"__tsan_init"))
