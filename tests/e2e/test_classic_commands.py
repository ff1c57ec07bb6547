"""The other classic commands, and lines that are none."""

import pytest

from replies import (
    BAD_DELETE,
    BAD_DELTA,
    BAD_EXPTIME,
    BAD_LINE,
    NON_NUMERIC,
    TOO_LONG_KEY,
    value_reply,
)


# delete


@pytest.mark.parametrize("line", [b"delete k", b"delete k 0", b"delete k  0 "])
def test_delete_removes_the_item(c, line):
    c.set(b"k", b"a")
    c.ask(line + b"\r\n", b"DELETED\r\n")
    c.ask(line + b"\r\n", b"NOT_FOUND\r\n")
    assert c.get(b"k") is None


@pytest.mark.parametrize("line", [b"delete k noreply", b"delete k 0 noreply"])
def test_delete_with_noreply_removes_the_item(c, line):
    c.set(b"k", b"a")
    c.send(line + b"\r\n")
    assert c.get(b"k") is None


@pytest.mark.parametrize(
    "line", [b"delete k junk", b"delete k 10", b"delete k 1 2", b"delete k 0 1"]
)
def test_delete_refuses_other_arguments(c, line):
    c.set(b"k", b"a")
    c.ask(line + b"\r\n", BAD_DELETE)
    assert c.get(b"k") == b"a"


@pytest.mark.parametrize("line", [b"delete k 10 noreply", b"delete k junk noreply"])
def test_delete_refuses_other_arguments_silently_with_noreply(c, line):
    c.set(b"k", b"a")
    c.send(line + b"\r\n")
    assert c.get(b"k") == b"a"


@pytest.mark.parametrize("line", [b"delete", b"delete ", b"delete " + TOO_LONG_KEY])
def test_delete_needs_a_key(c, line):
    c.ask(line + b"\r\n", BAD_LINE)


# incr and decr


@pytest.mark.parametrize(
    "value, line, result",
    [
        (b"0", b"incr k 1", b"1"),
        (b"10", b"incr k 90", b"100"),
        (b"10", b"incr k 0", b"10"),
        (b"10", b"decr k 3", b"7"),
        (b"10", b"decr k 10", b"0"),
        (b"10", b"decr k 11", b"0"),
        (b"10", b"decr k 18446744073709551615", b"0"),
        (b"99", b"incr k 18446744073709551615", b"98"),
        (b"18446744073709551615", b"incr k 1", b"0"),
        (b"18446744073709551615", b"decr k 1", b"18446744073709551614"),
        (b"5 ", b"incr k 1", b"6"),
        (b"5    ", b"decr k 1", b"4"),
        (b"007", b"incr k 1", b"8"),
        (b"000000000000000000005", b"incr k 1", b"6"),
        (b"5", b"incr k 01", b"6"),
    ],
)
def test_arithmetic(c, value, line, result):
    c.set(b"k", value)
    c.ask(line + b"\r\n", result + b"\r\n")
    assert int(c.get(b"k")) == int(result)


def test_a_shrunk_number_is_at_most_padded_with_spaces(c):
    c.set(b"k", b"100")
    c.ask(b"decr k 1\r\n", b"99\r\n")
    assert c.get(b"k") in (b"99", b"99 ")
    c.ask(b"incr k 1\r\n", b"100\r\n")
    assert c.get(b"k") == b"100"


def test_arithmetic_keeps_flags_and_expiry(c):
    c.set(b"k", b"9", flags=12, exptime=100)
    c.ask(b"incr k 1\r\n", b"10\r\n")
    c.ask(b"get k\r\n", value_reply(b"k", b"10", flags=12))
    assert 98 <= c.ttl(b"k") <= 100


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"x",
        b"1x",
        b"-1",
        b"+5",
        b" 5",
        b"1 2",
        b" ",
        b"1.5",
        b"0x10",
        b"18446744073709551616",
        b"99999999999999999999999",
        b"1" * 300,
        b"1" * 100000,
    ],
)
@pytest.mark.parametrize("command", [b"incr", b"decr"])
def test_arithmetic_refuses_a_value(c, command, value):
    c.set(b"k", value)
    c.ask(command + b" k 1\r\n", NON_NUMERIC)
    assert c.get(b"k") == value


@pytest.mark.parametrize("command", [b"incr", b"decr"])
class TestArithmetic:
    @pytest.mark.parametrize("delta", [b"x", b"-1", b"1x", b"+1", b"18446744073709551616"])
    def test_refuses_a_delta(self, c, command, delta):
        c.set(b"k", b"10")
        c.ask(command + b" k " + delta + b"\r\n", BAD_DELTA)
        assert c.get(b"k") == b"10"

    def test_of_a_missing_item_is_not_found(self, c, command):
        c.ask(command + b" k 1\r\n", b"NOT_FOUND\r\n")
        assert c.get(b"k") is None

    @pytest.mark.parametrize("arguments", [b"", b" k", b" " + TOO_LONG_KEY + b" 1"])
    def test_refuses_a_line(self, c, command, arguments):
        c.ask(command + arguments + b"\r\n", BAD_LINE)


# touch


def test_touch_sets_the_expiry(c):
    c.set(b"k", b"a")
    c.ask(b"touch k 100\r\n", b"TOUCHED\r\n")
    assert 98 <= c.ttl(b"k") <= 100
    c.ask(b"touch k 0\r\n", b"TOUCHED\r\n")
    c.ask(b"mg k t\r\n", b"HD t-1\r\n")


def test_touch_of_a_missing_item_is_not_found(c):
    c.ask(b"touch k 100\r\n", b"NOT_FOUND\r\n")


@pytest.mark.parametrize(
    "line, reply",
    [
        (b"touch", BAD_LINE),
        (b"touch k", BAD_LINE),
        (b"touch " + TOO_LONG_KEY + b" 0", BAD_LINE),
        (b"touch k x", BAD_EXPTIME),
        (b"touch k 1x", BAD_EXPTIME),
    ],
)
def test_touch_refuses_a_line(c, line, reply):
    c.set(b"k", b"a")
    c.ask(line + b"\r\n", reply)


# Server commands


@pytest.mark.parametrize("line", [b"flush_all", b"flush_all 0", b"flush_all -1"])
def test_flush_all_drops_what_was_stored_before_it(c, line):
    for number in range(100):
        c.set(b"k%d" % number, b"old")
    c.ask(line + b"\r\n", b"OK\r\n")
    c.set(b"k0", b"new")
    c.ask(
        b"get " + b" ".join(b"k%d" % number for number in range(100)) + b"\r\n",
        value_reply(b"k0", b"new"),
    )


def test_flush_all_lets_add_store_again(c):
    c.set(b"k", b"old")
    c.ask(b"flush_all\r\n", b"OK\r\n")
    c.ask(b"replace k 0 0 1\r\nr\r\n", b"NOT_STORED\r\n")
    c.ask(b"add k 0 0 1\r\na\r\n", b"STORED\r\n")
    assert c.get(b"k") == b"a"


@pytest.mark.parametrize("line", [b"flush_all x", b"flush_all 1x"])
def test_flush_all_refuses_a_delay(c, line):
    c.set(b"k", b"a")
    c.ask(line + b"\r\n", BAD_EXPTIME)
    assert c.get(b"k") == b"a"


@pytest.mark.parametrize("line", [b"version", b"version foo", b"version  "])
def test_version_tells_the_compatibility_level(c, line):
    c.ask(line + b"\r\n", b"VERSION 1.6.45\r\n")


@pytest.mark.parametrize(
    "line, reply",
    [
        (b"verbosity 0", b"OK\r\n"),
        (b"verbosity 99", b"OK\r\n"),
        (b"verbosity", BAD_LINE),
        (b"verbosity x", BAD_LINE),
        (b"verbosity -1", BAD_LINE),
    ],
)
def test_verbosity(c, line, reply):
    c.ask(line + b"\r\n", reply)
    c.ask(b"verbosity 0\r\n", b"OK\r\n")


@pytest.mark.parametrize("line", [b"quit", b"quit foo", b"quit "])
def test_quit_closes_the_connection(c, line):
    c.send(line + b"\r\n")
    c.closed()


@pytest.mark.parametrize("line", [b"shutdown", b"shutdown graceful"])
def test_shutdown_is_not_enabled(c, line):
    c.ask(line + b"\r\n", b"SERVER_ERROR: shutdown not enabled\r\n")


# Lines that are no command


@pytest.mark.parametrize("line", [b"", b"a", b" ", b"\t"])
def test_a_line_under_two_bytes_is_a_bad_line(c, line):
    c.ask(line + b"\r\n", BAD_LINE)


@pytest.mark.parametrize(
    "line",
    [
        b"ab",
        b"xyzzy",
        b"foo bar",
        b"GET k",
        b"Set k 0 0 1",
        b" get k",
        b"getx k",
        b"ge k",
        b"get\tk",
        b"set\0k",
        b"END",
        b"VALUE k 0 1",
        b"\xf0\x9f\x98\x80",
    ],
)
def test_an_unknown_command_is_an_error(c, line):
    c.ask(line + b"\r\n", b"ERROR\r\n")
