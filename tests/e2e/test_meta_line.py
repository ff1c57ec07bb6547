"""What all meta commands share: base64 keys, the rules of the line; me and mn."""

import base64
import re

import pytest

from replies import (
    BAD_BASE64,
    BAD_LINE,
    BAD_TOKEN,
    DUPLICATE_FLAG,
    INVALID_FLAG,
    NON_NUMERIC,
    OPAQUE_TOO_LONG,
    TOO_LONG_KEY,
    TOO_MANY_FLAGS,
)

FOO = base64.b64encode(b"foo")


# me and mn


def test_me_describes_an_item(c):
    c.ask(b"ms k 1 E77\r\na\r\n", b"HD\r\n")
    assert re.fullmatch(
        rb"ME k exp=-1 la=0 cas=77 fetch=no cls=[1-9]\d* size=61", c.ask_line(b"me k\r\n")
    )


def test_me_shows_the_remaining_time_and_the_fetch(c):
    c.set(b"k", b"a", exptime=100)
    assert c.get(b"k") == b"a"
    assert re.match(rb"ME k exp=(98|99|100) la=[01] cas=\d+ fetch=yes ", c.ask_line(b"me k\r\n"))


def test_me_is_no_fetch(c):
    c.set(b"k", b"a")
    c.ask_line(b"me k\r\n")
    c.ask(b"mg k h\r\n", b"HD h0\r\n")


def test_me_of_a_missing_item_ends(c):
    c.ask(b"me k\r\n", b"EN\r\n")


def test_me_has_no_quiet_form(c):
    c.ask(b"me k q\r\n", b"EN\r\n")


def test_me_finds_a_base64_key(c):
    c.ask(b"ms " + FOO + b" 1 b\r\na\r\n", b"HD\r\n")
    assert c.ask_line(b"me " + FOO + b" b\r\n").startswith(b"ME " + FOO + b" ")


@pytest.mark.parametrize("line", [b"mn", b"mn foo bar", b"mn "])
def test_mn_answers(c, line):
    c.ask(line + b"\r\n", b"MN\r\n")


# Base64 keys


def test_a_base64_key_is_the_key_that_it_encodes(c):
    c.ask(b"ms " + FOO + b" 2 b\r\nhi\r\n", b"HD\r\n")
    assert c.get(b"foo") == b"hi"
    c.set(b"foo", b"yo")
    c.ask(b"mg " + FOO + b" b v\r\n", b"VA 2\r\nyo\r\n")
    c.ask(b"mg " + FOO + b" v\r\n", b"EN\r\n")


@pytest.mark.parametrize("key", [b"a b", b"a\0b", b"line\r\nbreak", bytes(range(180)), b"\xff"])
def test_a_base64_key_may_hold_any_bytes(c, key):
    encoded = base64.b64encode(key)
    c.ask(b"ms " + encoded + b" 2 b k\r\nhi\r\n", b"HD k" + encoded + b" b\r\n")
    c.ask(b"mg " + encoded + b" v b k\r\n", b"VA 2 k" + encoded + b" b\r\nhi\r\n")
    c.ask(b"ma " + encoded + b" k b\r\n", NON_NUMERIC)
    c.ask(b"md " + encoded + b" b k\r\n", b"HD k" + encoded + b" b\r\n")
    c.ask(b"mg " + encoded + b" b k\r\n", b"EN k" + encoded + b" b\r\n")


def test_ma_creates_under_a_base64_key(c):
    c.ask(b"ma " + FOO + b" b N0 J5 v k\r\n", b"VA 1 k" + FOO + b" b\r\n5\r\n")
    c.ask(b"mg foo v\r\n", b"VA 1\r\n5\r\n")


def test_an_item_remembers_that_its_key_came_as_base64(c):
    c.ask(b"ms " + FOO + b" 2 b\r\nhi\r\n", b"HD\r\n")
    c.ask(b"mg foo k\r\n", b"HD k" + FOO + b" b\r\n")


@pytest.mark.parametrize("key", [b"!!!", b"Zm9", b"Zm9v=", b"Z", b"====", b"Zm"])
@pytest.mark.parametrize("command", [b"mg", b"md"])
def test_a_key_that_is_not_base64_is_refused(c, command, key):
    c.ask(command + b" " + key + b" b\r\n", BAD_BASE64)


# The line


@pytest.mark.parametrize("command", [b"mg", b"md", b"ma", b"me"])
def test_a_meta_command_needs_a_key(c, command):
    c.ask(command + b"\r\n", BAD_LINE)


@pytest.mark.parametrize("command", [b"mg", b"md"])
@pytest.mark.parametrize(
    "arguments, reply",
    [
        (TOO_LONG_KEY, BAD_LINE),
        (TOO_LONG_KEY + b" q", BAD_LINE),
        (b"k v v", DUPLICATE_FLAG),
        (b"k O1 O2", DUPLICATE_FLAG),
        (b"k q k t s q", DUPLICATE_FLAG),
        (b"k W", INVALID_FLAG),
        (b"k X", INVALID_FLAG),
        (b"k Z", INVALID_FLAG),
        (b"k S", INVALID_FLAG),
        (b"k A", INVALID_FLAG),
        (b"k noreply", INVALID_FLAG),
        (b"k !", BAD_LINE),
        (b"k 1", BAD_LINE),
        (b"k Tx", BAD_TOKEN),
        (b"k T", BAD_TOKEN),
        (b"k T1x", BAD_TOKEN),
        (b"k Nx", BAD_TOKEN),
        (b"k Rx", BAD_TOKEN),
        (b"k Cx", BAD_TOKEN),
        (b"k C-1", BAD_TOKEN),
        (b"k C18446744073709551616", BAD_TOKEN),
        (b"k Ex", BAD_TOKEN),
        (b"k O" + b"o" * 32, OPAQUE_TOO_LONG),
    ],
)
def test_a_meta_line_is_refused(c, command, arguments, reply):
    c.set(b"k", b"10")
    c.ask(command + b" " + arguments + b"\r\n", reply)
    assert c.get(b"k") == b"10"


def test_an_opaque_has_at_most_31_bytes(c):
    opaque = b"o" * 31
    c.ask(b"mg k O" + opaque + b"\r\n", b"EN O" + opaque + b"\r\n")


def test_a_meta_line_has_at_most_20_tokens(c):
    flags = b"c f h l s t u v k q O1 C1 P1 L1 I D1 J1 F1"
    assert len(flags.split()) == 18
    c.set(b"k", b"hi")
    assert c.ask_line(b"mg k " + flags + b"\r\n").startswith(b"VA 2 c")
    c.expect(b"hi\r\n")
    c.ask(b"mg k " + flags + b" x\r\n", TOO_MANY_FLAGS)


def test_a_key_of_250_bytes_is_taken(c):
    key = b"k" * 250
    c.ask(b"ms " + key + b" 2\r\nhi\r\n", b"HD\r\n")
    c.ask(b"mg " + key + b" v k\r\n", b"VA 2 k" + key + b"\r\nhi\r\n")
