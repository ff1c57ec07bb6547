"""ms: modes, conditions, flags and errors."""

import re

import pytest

from replies import (
    BAD_BASE64,
    BAD_CHUNK,
    BAD_LINE,
    BAD_STORE_MODE,
    BAD_TOKEN,
    DUPLICATE_FLAG,
    INVALID_FLAG,
    OPAQUE_TOO_LONG,
    TOO_LONG_KEY,
)


def test_ms_stores(c):
    c.ask(b"ms k 5\r\nhello\r\n", b"HD\r\n")
    c.ask(b"get k\r\n", b"VALUE k 0 5\r\nhello\r\nEND\r\n")


def test_ms_stores_flags_and_ttl(c):
    c.ask(b"ms k 2 F4294967295 T100\r\nhi\r\n", b"HD\r\n")
    c.ask(b"mg k f\r\n", b"HD f4294967295\r\n")
    assert 98 <= c.ttl(b"k") <= 100


@pytest.mark.parametrize(
    "flags, reply",
    [
        (b"k", b"HD kk"),
        (b"O", b"HD O"),
        (b"c E77", b"HD c77"),
        (b"s", b"HD s2"),
        (b"c k s Oabc E77", b"HD c77 kk s2 Oabc"),
        (b"Oabc E77 s k c", b"HD Oabc s2 kk c77"),
        (b"v", b"HD"),
        (b"Pproxy Llink", b"HD"),
    ],
)
def test_ms_returns_flags_in_the_order_of_the_request(c, flags, reply):
    c.ask(b"ms k 2 " + flags + b"\r\nhi\r\n", reply + b"\r\n")
    assert c.get(b"k") == b"hi"


def test_ms_returns_the_new_cas_id(c):
    cas = int(c.ask_line(b"ms k 2 c\r\nhi\r\n").removeprefix(b"HD c"))
    assert cas == c.cas_of(b"k")


@pytest.mark.parametrize(
    "mode, on_hit, hit_value, on_miss, miss_value",
    [
        (b"MS", b"HD", b"new", b"HD", b"new"),
        (b"ME", b"NS", b"old", b"HD", b"new"),
        (b"MR", b"HD", b"new", b"NS", None),
        (b"MA", b"HD", b"oldnew", b"NS", None),
        (b"MP", b"HD", b"newold", b"NS", None),
    ],
)
def test_ms_modes(c, mode, on_hit, hit_value, on_miss, miss_value):
    c.set(b"hit", b"old")
    c.ask(b"ms hit 3 " + mode + b"\r\nnew\r\n", on_hit + b"\r\n")
    assert c.get(b"hit") == hit_value
    c.ask(b"ms miss 3 " + mode + b"\r\nnew\r\n", on_miss + b"\r\n")
    assert c.get(b"miss") == miss_value


def test_ms_returns_the_size_of_the_whole_value(c):
    c.set(b"k", b"12345")
    c.ask(b"ms k 3 MA s\r\nabc\r\n", b"HD s8\r\n")
    c.ask(b"ms k 2 s MP\r\nde\r\n", b"HD s10\r\n")


@pytest.mark.parametrize("mode", [b"MA", b"MP"])
def test_ms_append_can_create(c, mode):
    c.ask(b"ms k 2 " + mode + b" N100 T5\r\nhi\r\n", b"HD\r\n")
    assert c.get(b"k") == b"hi"
    assert 98 <= c.ttl(b"k") <= 100
    c.ask(b"ms k 2 " + mode + b" N100\r\nhi\r\n", b"HD\r\n")
    assert c.get(b"k") == b"hihi"


@pytest.mark.parametrize("mode", [b"", b"MS", b"MR"])
class TestMsWithCas:
    def test_stores_over_the_id(self, c, mode):
        c.ask(b"ms k 3 E50\r\nold\r\n", b"HD\r\n")
        c.ask(b"ms k 3 C50 " + mode + b"\r\nnew\r\n", b"HD\r\n")
        assert c.get(b"k") == b"new"

    def test_refuses_another_id(self, c, mode):
        c.ask(b"ms k 3 E50\r\nold\r\n", b"HD\r\n")
        c.ask(b"ms k 3 C51 c k O1 " + mode + b"\r\nnew\r\n", b"EX c0 kk O1\r\n")
        assert c.get(b"k") == b"old"

    def test_finds_nothing(self, c, mode):
        c.ask(b"ms k 3 C51 k O1 " + mode + b"\r\nnew\r\n", b"NF kk O1\r\n")
        assert c.get(b"k") is None


@pytest.mark.parametrize("mode, value", [(b"MA", b"oldnew"), (b"MP", b"newold")])
def test_ms_append_heeds_the_cas_id(c, mode, value):
    c.ask(b"ms k 3 E50\r\nold\r\n", b"HD\r\n")
    c.ask(b"ms k 3 C51 " + mode + b"\r\nnew\r\n", b"EX\r\n")
    c.ask(b"ms k 3 C50 " + mode + b"\r\nnew\r\n", b"HD\r\n")
    assert c.get(b"k") == value


@pytest.mark.parametrize("mode, value", [(b"MA", b"oldnew"), (b"MP", b"newold")])
def test_ms_append_takes_a_cas_id_of_0_for_none(c, mode, value):
    c.set(b"k", b"old")
    c.ask(b"ms k 3 C0 " + mode + b"\r\nnew\r\n", b"HD\r\n")
    assert c.get(b"k") == value


@pytest.mark.parametrize("mode", [b"MS", b"MR"])
def test_no_item_has_the_cas_id_0(c, mode):
    c.set(b"k", b"old")
    c.ask(b"ms k 3 C0 " + mode + b"\r\nnew\r\n", b"EX\r\n")
    c.ask(b"md k C0\r\n", b"EX\r\n")
    assert c.get(b"k") == b"old"


@pytest.mark.parametrize("mode", [b"MA", b"MP"])
@pytest.mark.parametrize("value_bytes", [3, 5000])
def test_ms_append_with_an_older_cas_id_stores_nothing_stale(c, mode, value_bytes):
    old = b"o" * value_bytes
    c.ask(b"ms k %d E50\r\n%b\r\n" % (value_bytes, old), b"HD\r\n")
    c.ask(b"ms k 3 I C40 " + mode + b"\r\nnew\r\n", b"EX\r\n")
    c.ask(b"mg k c v\r\n", b"VA %d c50\r\n%b\r\n" % (value_bytes, old))


def test_ms_add_of_a_new_key_ignores_the_cas_id(c):
    c.ask(b"ms k 3 ME C51\r\nnew\r\n", b"HD\r\n")
    assert c.get(b"k") == b"new"


def test_ms_with_an_older_cas_id_can_store_as_stale(c):
    c.ask(b"ms k 3 E50 T1000\r\nold\r\n", b"HD\r\n")
    c.ask(b"ms k 3 I C40 T10\r\nnew\r\n", b"HD\r\n")
    assert re.fullmatch(rb"VA 3 t(998|999|1000) X W", c.ask_line(b"mg k t v\r\n"))
    c.expect(b"new\r\n")


def test_ms_with_i_refuses_a_newer_cas_id(c):
    c.ask(b"ms k 3 E50\r\nold\r\n", b"HD\r\n")
    c.ask(b"ms k 3 I C60\r\nnew\r\n", b"EX\r\n")
    c.ask(b"mg k v\r\n", b"VA 3\r\nold\r\n")


def test_ms_with_i_and_the_right_cas_id_stores_fresh(c):
    c.ask(b"ms k 3 E50\r\nold\r\n", b"HD\r\n")
    c.ask(b"ms k 3 I C50\r\nnew\r\n", b"HD\r\n")
    c.ask(b"mg k v\r\n", b"VA 3\r\nnew\r\n")


def test_ms_with_q_hides_only_success(c):
    c.set(b"k", b"old")
    c.ask(
        b"ms k 3 q O1\r\nnew\r\nms k 3 q ME O2\r\nnew\r\nms k 3 q C1 O3\r\nnew\r\n"
        b"ms gone 3 q C1 O4\r\nnew\r\nms gone 3 q MA O5\r\nnew\r\nmn\r\n",
        b"NS O2\r\nEX O3\r\nNF O4\r\nNS O5\r\nMN\r\n",
    )


def test_ms_not_stored_has_no_cas_id(c):
    c.set(b"k", b"old")
    c.ask(b"ms k 3 ME c\r\nnew\r\n", b"NS c0\r\n")


@pytest.mark.parametrize(
    "line, reply",
    [
        (b"ms " + TOO_LONG_KEY + b" 5", BAD_LINE),
        (b"ms k 5 Fx", BAD_LINE),
        (b"ms k 5 F-1", BAD_LINE),
        (b"ms k 5 F4294967296", BAD_LINE),
        (b"ms k 5 Tx", BAD_TOKEN),
        (b"ms k 5 T", BAD_TOKEN),
        (b"ms k 5 Cx", BAD_TOKEN),
        (b"ms k 5 C-1", BAD_TOKEN),
        (b"ms k 5 Ex", BAD_TOKEN),
        (b"ms k 5 Nx", BAD_TOKEN),
        (b"ms k 5 c c", DUPLICATE_FLAG),
        (b"ms k 5 W", INVALID_FLAG),
        (b"ms k 5 S5", INVALID_FLAG),
        (b"ms k 5 noreply", INVALID_FLAG),
        (b"ms k 5 O" + b"o" * 32, OPAQUE_TOO_LONG),
        (b"ms k 5 Mx", BAD_STORE_MODE),
        (b"ms k 5 Ms", BAD_STORE_MODE),
        (b"ms !!! 5 b", BAD_BASE64),
    ],
)
def test_a_refused_ms_swallows_its_body(c, line, reply):
    c.set(b"k", b"old")
    c.ask(line + b"\r\nhello\r\nget k\r\n", reply + b"VALUE k 0 3\r\nold\r\nEND\r\n")


@pytest.mark.parametrize("flags", [b"", b" q"])
def test_ms_with_a_body_of_another_length_is_a_bad_chunk(c, flags):
    c.set(b"k", b"old")
    c.ask(b"ms k 3" + flags + b"\r\nabcxxget k\r\n", BAD_CHUNK + b"VALUE k 0 3\r\nold\r\nEND\r\n")


@pytest.mark.parametrize(
    "line", [b"ms", b"ms k", b"ms k x", b"ms k -1", b"ms k 5x", b"ms k S5", b"ms k 2147483646"]
)
class TestAnMsLineWithoutAUsableLength:
    def test_is_an_error_when_nothing_follows(self, c, line):
        c.ask(line + b"\r\n", BAD_LINE)

    def test_closes_the_connection_when_something_follows(self, c, line):
        c.ask(line + b"\r\nflush_all\r\n", BAD_LINE)
        c.closed()
