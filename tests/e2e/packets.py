"""The binary protocol, byte by byte."""

import struct
from typing import NamedTuple

from client import Client

_HEADER = struct.Struct(">BBHBBHIIQ")
_REQUEST, _REPLY = 0x80, 0x81

GET, SET, ADD, REPLACE, DELETE, INCREMENT, DECREMENT, QUIT, FLUSH, GETQ, NOOP, VERSION = range(12)
GETK, GETKQ, APPEND, PREPEND, STAT, SETQ, ADDQ, REPLACEQ, DELETEQ, INCREMENTQ = range(12, 22)
DECREMENTQ, QUITQ, FLUSHQ, APPENDQ, PREPENDQ, VERBOSITY, TOUCH, GAT, GATQ = range(22, 31)
SASL_MECHANISMS, SASL_AUTH, SASL_STEP, GATK, GATKQ = range(0x20, 0x25)

OK, NOT_FOUND, EXISTS, TOO_LARGE, INVALID, NOT_STORED, NON_NUMERIC = range(7)
AUTH_ERROR, UNKNOWN, NO_MEMORY = 0x20, 0x81, 0x82

TEXTS = {
    NOT_FOUND: b"Not found",
    EXISTS: b"Data exists for key.",
    TOO_LARGE: b"Too large.",
    INVALID: b"Invalid arguments",
    NOT_STORED: b"Not stored.",
    NON_NUMERIC: b"Non-numeric server-side value for incr or decr",
    AUTH_ERROR: b"Auth failure.",
    UNKNOWN: b"Unknown command",
    NO_MEMORY: b"Out of memory",
}

#: Of incr and decr: create nothing.
NO_CREATION = 0xFFFFFFFF


class Reply(NamedTuple):
    opcode: int
    status: int = OK
    extras: bytes = b""
    key: bytes = b""
    value: bytes = b""
    opaque: int = 0
    cas: int = 0


def request(
    opcode: int,
    key: bytes = b"",
    value: bytes = b"",
    extras: bytes = b"",
    opaque: int = 0,
    cas: int = 0,
) -> bytes:
    body = extras + key + value
    header = _HEADER.pack(
        _REQUEST, opcode, len(key), len(extras), 0, 0, len(body), opaque, cas
    )
    return header + body


def header(opcode: int, key_bytes: int, extras_bytes: int, body_bytes: int) -> bytes:
    """A request's header alone, which may claim anything."""
    return _HEADER.pack(_REQUEST, opcode, key_bytes, extras_bytes, 0, 0, body_bytes, 0, 0)


def store(opcode: int, key: bytes, value: bytes, flags: int = 0, exptime: int = 0, **more) -> bytes:
    """A set, add or replace."""
    return request(opcode, key, value, struct.pack(">II", flags, exptime), **more)


def count(
    opcode: int, key: bytes, delta: int, initial: int = 0, exptime: int = NO_CREATION, **more
) -> bytes:
    """An incr or decr."""
    return request(opcode, key, extras=struct.pack(">QQI", delta, initial, exptime), **more)


def touch(opcode: int, key: bytes, exptime: int, **more) -> bytes:
    """A touch, or one of the GAT family."""
    return request(opcode, key, extras=struct.pack(">I", exptime), **more)


def read_reply(client: Client) -> Reply:
    """The next packet that the server has sent."""
    magic, opcode, key_bytes, extras_bytes, data_type, status, body_bytes, opaque, cas = (
        _HEADER.unpack(client.read(_HEADER.size))
    )
    assert (magic, data_type) == (_REPLY, 0)
    body = client.read(body_bytes)
    extras, key_and_value = body[:extras_bytes], body[extras_bytes:]
    key, value = key_and_value[:key_bytes], key_and_value[key_bytes:]
    return Reply(opcode, status, extras, key, value, opaque, cas)


def ask(client: Client, packet: bytes) -> Reply:
    """Sends a request; the next packet."""
    client.send(packet)
    return read_reply(client)


def refusal(opcode: int, status: int, opaque: int = 0) -> Reply:
    """The reply that has nothing but a status, and its words."""
    return Reply(opcode, status, value=TEXTS[status], opaque=opaque)


def encode(reply: Reply) -> bytes:
    """The packet on the wire."""
    body = reply.extras + reply.key + reply.value
    return (
        _HEADER.pack(
            _REPLY,
            reply.opcode,
            len(reply.key),
            len(reply.extras),
            0,
            reply.status,
            len(body),
            reply.opaque,
            reply.cas,
        )
        + body
    )


def nothing_more(client: Client) -> None:
    """Every byte sent so far has been read as a request, and every reply has been read."""
    assert ask(client, request(NOOP, opaque=0x5EED)) == Reply(NOOP, opaque=0x5EED)


def stats(client: Client, group: bytes = b"") -> dict[bytes, bytes]:
    """The pairs of a stat, in order."""
    client.send(request(STAT, group))
    pairs = {}
    while (reply := read_reply(client)).key:
        assert (reply.opcode, reply.status) == (STAT, OK)
        assert reply.key not in pairs
        pairs[reply.key] = reply.value
    assert reply == Reply(STAT)
    return pairs
