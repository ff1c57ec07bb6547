"""Values that prove where they come from: each names its key and carries its checksum."""

import random
import zlib

_BLOCK_BYTES = 1 << 20
_BLOCK = random.Random(2).randbytes(_BLOCK_BYTES)

#: The head's length at most, for keys of up to 100 bytes. Smaller values cannot be made.
MIN_BYTES = 140


def make_value(key: bytes, version: int, byte_count: int) -> bytes:
    """A value of `byte_count` bytes for `key`; another version has other bytes."""
    assert byte_count >= MIN_BYTES
    offset = (version * 7919 + zlib.crc32(key)) % 65536
    head_bytes = len(_head(key, version, byte_count, 0))
    body = _repeated(offset, byte_count - head_bytes)
    return _head(key, version, byte_count, zlib.crc32(body)) + body


def version_of(key: bytes, value: bytes) -> int:
    """The version of a value that is whole and belongs to `key`; fails on any other."""
    head, bar, body = value.partition(b"|")
    assert bar, f"{key!r} holds a foreign value: {value[:200]!r}"
    found_key, version, byte_count, checksum = head.split(b" ")
    assert found_key == key, f"{key!r} holds the value of {found_key!r}"
    assert int(byte_count) == len(value), f"{key!r}: {len(value)} bytes instead of {byte_count!r}"
    assert int(checksum, 16) == zlib.crc32(body), f"{key!r} holds a torn value: {head!r}"
    return int(version)


def random_bytes(byte_count: int, seed: int = 0) -> bytes:
    """Bytes without a pattern that a misplaced piece could repeat."""
    return random.Random(seed).randbytes(byte_count)


def _head(key: bytes, version: int, byte_count: int, checksum: int) -> bytes:
    return b"%b %012d %09d %08x|" % (key, version, byte_count, checksum)


def _repeated(offset: int, byte_count: int) -> bytes:
    """`byte_count` bytes of the block, which is started over at its end."""
    pieces = [_BLOCK[offset : offset + byte_count]]
    missing = byte_count - len(pieces[0])
    while missing > 0:
        pieces.append(_BLOCK[:missing])
        missing -= len(pieces[-1])
    return b"".join(pieces)
