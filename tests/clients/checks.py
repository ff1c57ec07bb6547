"""What the Python clients share: the values that they store, and what stops a program."""

import sys
from typing import NoReturn

MEGABYTE = bytes(number * number // 251 % 256 for number in range(1_000_000))
ANY_BYTES = bytes(range(256)) + b"\r\nEND\r\n"
MANY = {f"many-{number}": b"%d" % number for number in range(100)}


def expect(found, wanted) -> None:
    """Ends the program unless the two are equal."""
    if found != wanted:
        fail(f"wanted {wanted!r:.200}, got {found!r:.200}")


def fail(message: str) -> NoReturn:
    raise AssertionError(message)


def arguments() -> tuple[int, str, str | None, str | None]:
    """The port, the protocol, and the user and password or None, of the command line."""
    if len(sys.argv) not in (3, 5):
        sys.exit(f"usage: {sys.argv[0]} PORT text|binary [USER PASSWORD]")
    user, password = sys.argv[3:] or (None, None)
    return int(sys.argv[1]), sys.argv[2], user, password
