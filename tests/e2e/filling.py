"""Memory full of small items, as larger values and many connections find it."""

from client import Client
from values import random_bytes

_BLOCK_BYTES = 2 << 10


def fill(client: Client, byte_count: int, value_bytes: int = 1024) -> None:
    """Stores values of `value_bytes` bytes, at most 1 KB, under fill-0 and so on: of them all,
    `byte_count` bytes."""
    block = random_bytes(_BLOCK_BYTES)
    offsets = _BLOCK_BYTES - value_bytes
    count = byte_count // value_bytes
    for start in range(0, count, 1000):
        client.send(
            b"".join(
                b"set fill-%d 0 0 %d noreply\r\n%b\r\n"
                % (number, value_bytes, block[number % offsets : number % offsets + value_bytes])
                for number in range(start, min(start + 1000, count))
            )
        )
    client.nothing_more()
