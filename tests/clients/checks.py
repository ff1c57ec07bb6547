"""What the Python clients share: what each of them does, and what stops a program."""

import os
import ssl
import sys
from collections.abc import Callable
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


def tls_context() -> ssl.SSLContext | None:
    """What trusts the authority of $TLS_AUTHORITY; None without it: the server speaks no TLS."""
    path = os.environ.get("TLS_AUTHORITY")
    return ssl.create_default_context(cafile=path) if path else None


def walk(
    client,
    set_many: Callable,
    get_many: Callable,
    text: Callable = str,
    tells_of_misses: bool = True,
    **first_set,
) -> None:
    """Does what test_real_clients.py asks for, and prints the calls that it made.

    `set_many` and `get_many` are the client's; `text` makes of a str what its get returns.
    `tells_of_misses`: a delete in vain is False. `first_set`: more arguments for the first set.
    """
    many = f"Client.{set_many.__name__} Client.{get_many.__name__}"
    expect(client.get("greeting"), None)
    expect(client.set("greeting", text("hello"), **first_set), True)
    expect(client.get("greeting"), text("hello"))
    print("set Client.set")
    print("get Client.get")

    expect(client.delete("greeting"), True)
    if tells_of_misses:
        expect(client.delete("greeting"), False)
    expect(client.get("greeting"), None)
    print("delete Client.delete")

    expect(client.set("counter", text("10")), True)
    expect(client.incr("counter", 5), 15)
    expect(client.decr("counter", 20), 0)
    print("incr Client.incr Client.decr")

    expect(client.set("cas", text("1")), True)
    value, cas = client.gets("cas")
    expect(value, text("1"))
    expect(client.cas("cas", text("2"), cas), True)
    expect(client.cas("cas", text("3"), cas), False)
    expect(client.get("cas"), text("2"))
    print("cas Client.gets Client.cas")

    expect(set_many(MANY), [])
    expect(get_many([*MANY, "many-missing"]), MANY)
    print(f"multi-get {many}")

    expect(client.set("megabyte", MEGABYTE), True)
    expect(client.get("megabyte"), MEGABYTE)
    print("megabyte Client.set Client.get")

    expect(client.set("binary", ANY_BYTES), True)
    expect(client.get("binary"), ANY_BYTES)
    print("binary Client.set Client.get")
