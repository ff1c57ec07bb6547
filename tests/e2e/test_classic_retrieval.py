"""get, gets, gat and gats, and what a key may be."""

import pytest

from replies import BAD_EXPTIME, BAD_LINE, LONGEST_KEY, TOO_LONG_KEY, value_reply


# Retrieval


def test_get_of_several_keys_answers_in_their_order(c):
    for key in (b"a", b"b", b"d"):
        c.set(key, b"<" + key + b">")
    c.ask(
        b"get d a missing b a\r\n",
        b"VALUE d 0 3\r\n<d>\r\nVALUE a 0 3\r\n<a>\r\nVALUE b 0 3\r\n<b>\r\n"
        b"VALUE a 0 3\r\n<a>\r\nEND\r\n",
    )


def test_get_knows_no_noreply(c):
    c.set(b"noreply", b"x")
    c.ask(b"get k noreply\r\n", b"VALUE noreply 0 1\r\nx\r\nEND\r\n")


@pytest.mark.parametrize("command", [b"gets", b"gats 0"])
def test_gets_and_gats_show_the_cas_id(c, command):
    c.set(b"k", b"a", flags=4)
    cas = c.cas_of(b"k")
    assert cas > 0
    c.ask(command + b" k\r\n", b"VALUE k 4 1 %d\r\na\r\nEND\r\n" % cas)


def test_gat_sets_the_expiry_of_each_key(c):
    c.set(b"a", b"1")
    c.set(b"b", b"2", flags=2)
    c.ask(b"gat 100 a b c\r\n", b"VALUE a 0 1\r\n1\r\nVALUE b 2 1\r\n2\r\nEND\r\n")
    for key in (b"a", b"b"):
        assert 98 <= c.ttl(key) <= 100


@pytest.mark.parametrize(
    "line, reply",
    [
        (b"get", BAD_LINE),
        (b"get ", BAD_LINE),
        (b"gets", BAD_LINE),
        (b"gat", BAD_LINE),
        (b"gat 0", BAD_LINE),
        (b"gats", BAD_LINE),
        (b"gats 0", BAD_LINE),
        (b"gat x k", BAD_EXPTIME),
        (b"gats 1x k", BAD_EXPTIME),
        (b"get " + TOO_LONG_KEY, BAD_LINE),
        (b"gets " + TOO_LONG_KEY, BAD_LINE),
        (b"gat 0 " + TOO_LONG_KEY, BAD_LINE),
    ],
)
def test_a_retrieval_line_is_refused(c, line, reply):
    c.ask(line + b"\r\n", reply)


@pytest.mark.parametrize("command", [b"get", b"gets", b"gat 0", b"gats 0"])
def test_one_key_too_long_stands_for_the_whole_reply(c, command):
    c.set(b"k", b"a")
    c.ask(command + b" k " + TOO_LONG_KEY + b" k\r\n", BAD_LINE)


# Keys


@pytest.mark.parametrize(
    "key", [LONGEST_KEY, b"\t", b"\x01\x02\x7f", b"\xff\xfe", "schlüssel".encode(), b"k\0l", b"\0"]
)
def test_a_key_may_be(c, key):
    c.set(key, b"v")
    c.ask(b"get " + key + b"\r\n", value_reply(key, b"v"))
    c.ask(b"delete " + key + b"\r\n", b"DELETED\r\n")


def test_a_key_is_not_cut_at_nul(c):
    c.set(b"k\0l", b"long")
    c.ask(b"get k k\0m\r\n", b"END\r\n")


def test_keys_are_case_sensitive(c):
    c.set(b"k", b"a")
    c.ask(b"get K\r\n", b"END\r\n")
