"""Text, meta and binary behind one interface: each asks in its own words and tells the outcome in
those of the model. With `quiet`, a change that succeeds is not told (None)."""

import struct
from typing import NamedTuple

import packets
from cache_model import Outcome
from client import Client


class Found(NamedTuple):
    value: bytes
    flags: int
    cas: int


class Text:
    """Classic commands. They know no CAS but that of a set, and no initial number."""

    _OUTCOMES = {
        b"STORED": Outcome.DONE,
        b"DELETED": Outcome.DONE,
        b"TOUCHED": Outcome.DONE,
        b"OK": Outcome.DONE,
        b"NOT_STORED": Outcome.NOT_STORED,
        b"EXISTS": Outcome.EXISTS,
        b"NOT_FOUND": Outcome.NOT_FOUND,
        b"SERVER_ERROR object too large for cache": Outcome.TOO_LARGE,
        b"CLIENT_ERROR cannot increment or decrement non-numeric value": Outcome.NON_NUMERIC,
    }

    def __init__(self, client: Client):
        self._client = client

    def store(self, mode, key, value, flags, exptime, cas=None, quiet=False) -> Outcome | None:
        name, unique = (mode, b"") if cas is None else ("cas", b" %d" % cas)
        line = b"%b %b %d %d %d%b" % (name.encode(), key, flags, exptime, len(value), unique)
        return self._change(line, b"\r\n" + value, quiet)

    def delete(self, key, quiet=False) -> Outcome | None:
        return self._change(b"delete " + key, b"", quiet)

    def count(self, key, delta, quiet=False) -> Outcome | int | None:
        name = b"incr" if delta >= 0 else b"decr"
        return self._change(b"%b %b %d" % (name, key, abs(delta)), b"", quiet)

    def touch(self, key, exptime, quiet=False) -> Outcome | None:
        return self._change(b"touch %b %d" % (key, exptime), b"", quiet)

    def flush(self, quiet=False) -> Outcome | None:
        return self._change(b"flush_all", b"", quiet)

    def fetch(self, key, exptime=None) -> Found | None:
        name = b"gets" if exptime is None else b"gats %d" % exptime
        head = self._client.ask_line(b"%b %b\r\n" % (name, key))
        if head == b"END":
            return None
        word, found_key, flags, byte_count, cas = head.split(b" ")
        assert (word, found_key) == (b"VALUE", key)
        value = self._client.read(int(byte_count))
        self._client.expect(b"\r\nEND\r\n")
        return Found(value, int(flags), int(cas))

    def _change(self, line: bytes, rest: bytes, quiet: bool) -> Outcome | int | None:
        if quiet:
            self._client.send(line + b" noreply" + rest + b"\r\n")
            self._client.nothing_more()
            return None
        reply = self._client.ask_line(line + rest + b"\r\n")
        return int(reply) if reply.isdigit() else self._OUTCOMES[reply]


class Meta:
    """Meta commands. They cannot flush."""

    _MODES = {"set": b"S", "add": b"E", "replace": b"R", "append": b"A", "prepend": b"P"}
    _OUTCOMES = Text._OUTCOMES | {
        b"HD": Outcome.DONE,
        b"NS": Outcome.NOT_STORED,
        b"EX": Outcome.EXISTS,
        b"NF": Outcome.NOT_FOUND,
        b"EN": Outcome.NOT_FOUND,
    }

    def __init__(self, client: Client):
        self._client = client

    def store(self, mode, key, value, flags, exptime, cas=None, quiet=False) -> Outcome | None:
        line = b"ms %b %d M%b F%d T%d" % (key, len(value), self._MODES[mode], flags, exptime)
        return self._change(line, b"\r\n" + value, cas, quiet)

    def delete(self, key, cas=None, quiet=False) -> Outcome | None:
        return self._change(b"md " + key, b"", cas, quiet)

    def count(self, key, delta, initial=None, cas=None, quiet=False) -> Outcome | int | None:
        mode = b"I" if delta >= 0 else b"D"
        creation = b"" if initial is None else b" N0 J%d" % initial
        line = b"ma %b v M%b D%d%b" % (key, mode, abs(delta), creation)
        return self._change(line, b"", cas, quiet)

    def touch(self, key, exptime) -> Outcome:
        return self._change(b"mg %b T%d" % (key, exptime), b"", None, False)

    def fetch(self, key, exptime=None) -> Found | None:
        touch = b"" if exptime is None else b" T%d" % exptime
        head = self._client.ask_line(b"mg %b v f c%b\r\n" % (key, touch))
        if head == b"EN":
            return None
        code, byte_count, flags, cas = head.split(b" ")
        assert (code, flags[:1], cas[:1]) == (b"VA", b"f", b"c")
        value = self._client.read(int(byte_count))
        self._client.expect(b"\r\n")
        return Found(value, int(flags[1:]), int(cas[1:]))

    def _change(self, line: bytes, rest: bytes, cas, quiet: bool) -> Outcome | int | None:
        line += b"" if cas is None else b" C%d" % cas
        line += b" q" if quiet else b""
        reply = self._client.ask_line(line + rest + b"\r\n" + (b"mn\r\n" if quiet else b""))
        if quiet and reply == b"MN":
            return None
        number = self._client.line() if reply.startswith(b"VA ") else None
        if quiet:
            self._client.expect(b"MN\r\n")
        return self._OUTCOMES[reply] if number is None else int(number)


class Binary:
    """Packets: every reply must bear the opcode and the opaque of its request."""

    _OUTCOMES = {
        packets.OK: Outcome.DONE,
        packets.NOT_STORED: Outcome.NOT_STORED,
        packets.EXISTS: Outcome.EXISTS,
        packets.NOT_FOUND: Outcome.NOT_FOUND,
        packets.NON_NUMERIC: Outcome.NON_NUMERIC,
        packets.TOO_LARGE: Outcome.TOO_LARGE,
    }
    #: Of each store: its opcode, its quiet one, and the status for "not stored".
    _STORES = {
        "set": (packets.SET, packets.SETQ, packets.NOT_STORED),
        "add": (packets.ADD, packets.ADDQ, packets.EXISTS),
        "replace": (packets.REPLACE, packets.REPLACEQ, packets.NOT_FOUND),
        "append": (packets.APPEND, packets.APPENDQ, packets.NOT_STORED),
        "prepend": (packets.PREPEND, packets.PREPENDQ, packets.NOT_STORED),
    }

    def __init__(self, client: Client):
        self._client = client
        self._opaque = 0

    def store(self, mode, key, value, flags, exptime, cas=None, quiet=False) -> Outcome | None:
        loud, silent, not_stored = self._STORES[mode]
        opcode = silent if quiet else loud
        if mode in ("append", "prepend"):
            packet = packets.request(opcode, key, value, cas=cas or 0, opaque=self._next_opaque())
        else:
            packet = packets.store(
                opcode, key, value, flags, exptime, cas=cas or 0, opaque=self._next_opaque()
            )
        reply = self._ask(packet, quiet)
        if reply and reply.status == not_stored:
            return Outcome.NOT_STORED
        return self._told(reply)

    def delete(self, key, cas=None, quiet=False) -> Outcome | None:
        opcode = packets.DELETEQ if quiet else packets.DELETE
        packet = packets.request(opcode, key, cas=cas or 0, opaque=self._next_opaque())
        return self._told(self._ask(packet, quiet))

    def count(self, key, delta, initial=None, cas=None, quiet=False) -> Outcome | int | None:
        loud, silent = (
            (packets.INCREMENT, packets.INCREMENTQ)
            if delta >= 0
            else (packets.DECREMENT, packets.DECREMENTQ)
        )
        packet = packets.count(
            silent if quiet else loud,
            key,
            abs(delta),
            initial or 0,
            packets.NO_CREATION if initial is None else 0,
            cas=cas or 0,
            opaque=self._next_opaque(),
        )
        reply = self._ask(packet, quiet)
        if reply and reply.status == packets.OK:
            return struct.unpack(">Q", reply.value)[0]
        return self._told(reply)

    def touch(self, key, exptime) -> Outcome:
        packet = packets.touch(packets.TOUCH, key, exptime, opaque=self._next_opaque())
        return self._told(self._ask(packet, False))

    def flush(self, quiet=False) -> Outcome | None:
        opcode = packets.FLUSHQ if quiet else packets.FLUSH
        return self._told(self._ask(packets.request(opcode, opaque=self._next_opaque()), quiet))

    def fetch(self, key, exptime=None) -> Found | None:
        opaque = self._next_opaque()
        packet = (
            packets.request(packets.GETK, key, opaque=opaque)
            if exptime is None
            else packets.touch(packets.GATK, key, exptime, opaque=opaque)
        )
        reply = self._ask(packet, False)
        assert reply.key == key
        if reply.status == packets.NOT_FOUND:
            return None
        assert reply.status == packets.OK
        return Found(reply.value, struct.unpack(">I", reply.extras)[0], reply.cas)

    def _next_opaque(self) -> int:
        self._opaque += 1
        return self._opaque

    def _ask(self, packet: bytes, quiet: bool) -> packets.Reply | None:
        """The reply; None where a quiet request has none."""
        end = packets.request(packets.NOOP, opaque=self._next_opaque()) if quiet else b""
        self._client.send(packet + end)
        reply = packets.read_reply(self._client)
        if quiet:
            last = packets.Reply(packets.NOOP, opaque=self._opaque)
            if reply == last:
                return None
            assert packets.read_reply(self._client) == last
        assert reply.opcode == packet[1]
        assert reply.opaque == struct.unpack_from(">I", packet, 12)[0]
        return reply

    def _told(self, reply: packets.Reply | None) -> Outcome | None:
        return self._OUTCOMES[reply.status] if reply else None
