"""The classic storage commands: every outcome, every error, and what becomes of the body."""

import pytest

from replies import BAD_CHUNK, BAD_LINE, TOO_LONG_KEY, value_reply


# Storage


def test_a_set_item_is_read_back(c):
    c.ask(b"set k 0 0 5\r\nhello\r\n", b"STORED\r\n")
    c.ask(b"get k\r\n", b"VALUE k 0 5\r\nhello\r\nEND\r\n")


def test_a_value_may_be_empty(c):
    c.ask(b"set k 3 0 0\r\n\r\n", b"STORED\r\n")
    c.ask(b"get k\r\n", b"VALUE k 3 0\r\n\r\nEND\r\n")


def test_a_value_may_hold_any_bytes(c):
    value = bytes(range(256)) + b"\r\nEND\r\n\0\0"
    c.set(b"k", value)
    assert c.get(b"k") == value


@pytest.mark.parametrize(
    "command, reply, value",
    [
        (b"set", b"STORED\r\n", b"new"),
        (b"add", b"NOT_STORED\r\n", b"old"),
        (b"replace", b"STORED\r\n", b"new"),
        (b"append", b"STORED\r\n", b"oldnew"),
        (b"prepend", b"STORED\r\n", b"newold"),
    ],
)
def test_storing_where_an_item_exists(c, command, reply, value):
    c.set(b"k", b"old")
    c.ask(command + b" k 0 0 3\r\nnew\r\n", reply)
    assert c.get(b"k") == value


@pytest.mark.parametrize(
    "command, reply, value",
    [
        (b"set", b"STORED\r\n", b"new"),
        (b"add", b"STORED\r\n", b"new"),
        (b"replace", b"NOT_STORED\r\n", None),
        (b"append", b"NOT_STORED\r\n", None),
        (b"prepend", b"NOT_STORED\r\n", None),
    ],
)
def test_storing_where_no_item_exists(c, command, reply, value):
    c.ask(command + b" k 0 0 3\r\nnew\r\n", reply)
    assert c.get(b"k") == value


def test_append_and_prepend_keep_flags_and_expiry(c):
    c.set(b"k", b"mid", flags=7, exptime=100)
    c.ask(b"append k 9 0 1\r\n>\r\n", b"STORED\r\n")
    c.ask(b"prepend k 9 1 1\r\n<\r\n", b"STORED\r\n")
    c.ask(b"get k\r\n", value_reply(b"k", b"<mid>", flags=7))
    assert 98 <= c.ttl(b"k") <= 100


def test_a_set_replaces_flags(c):
    c.set(b"k", b"a", flags=7)
    c.set(b"k", b"a")
    c.ask(b"get k\r\n", value_reply(b"k", b"a"))


def test_cas_stores_when_the_unique_id_matches(c):
    c.set(b"k", b"old")
    c.ask(b"cas k 5 0 3 %d\r\nnew\r\n" % c.cas_of(b"k"), b"STORED\r\n")
    c.ask(b"get k\r\n", value_reply(b"k", b"new", flags=5))


def test_cas_refuses_an_id_that_has_passed(c):
    c.set(b"k", b"old")
    passed = c.cas_of(b"k")
    c.set(b"k", b"newer")
    c.ask(b"cas k 0 0 3 %d\r\nnew\r\n" % passed, b"EXISTS\r\n")
    assert c.get(b"k") == b"newer"


def test_cas_never_matches_zero(c):
    c.set(b"k", b"old")
    c.ask(b"cas k 0 0 3 0\r\nnew\r\n", b"EXISTS\r\n")
    assert c.get(b"k") == b"old"


def test_cas_of_a_missing_item_is_not_found(c):
    c.ask(b"cas k 0 0 3 1\r\nnew\r\n", b"NOT_FOUND\r\n")
    assert c.get(b"k") is None


@pytest.mark.parametrize(
    "change",
    [
        b"set k 0 0 1\r\n5\r\n",
        b"replace k 0 0 1\r\n5\r\n",
        b"append k 0 0 1\r\n5\r\n",
        b"prepend k 0 0 1\r\n5\r\n",
        b"incr k 1\r\n",
        b"decr k 1\r\n",
    ],
)
def test_every_change_gives_a_new_cas_id(c, change):
    c.set(b"k", b"10")
    before = c.cas_of(b"k")
    c.ask_line(change)
    assert c.cas_of(b"k") != before


@pytest.mark.parametrize("read", [b"get k\r\n", b"gat 100 k\r\n", b"touch k 100\r\n"])
def test_reading_and_touching_keep_the_cas_id(c, read):
    c.set(b"k", b"10")
    before = c.cas_of(b"k")
    c.send(read)
    c.until(b"TOUCHED\r\n" if read.startswith(b"touch") else b"END\r\n")
    assert c.cas_of(b"k") == before


@pytest.mark.parametrize(
    "line",
    [
        b"set k 0 0 1 foo",
        b"set k 0 0 1 noreply foo",
        b"set k  0   0 1",
        b"set k 0 0 1  ",
        b"set k 00 000 01",
    ],
)
def test_a_storage_line_tolerates(c, line):
    c.ask(line + b"\r\na\r\n", b"STORED\r\n")
    c.ask(b"get k\r\n", value_reply(b"k", b"a"))


def test_a_storage_line_may_end_with_a_bare_newline(c):
    c.ask(b"set k 0 0 1\na\r\n", b"STORED\r\n")
    assert c.get(b"k") == b"a"


@pytest.mark.parametrize(
    "quiet",
    [
        b"set k 0 0 3 noreply\r\nnew\r\n",
        b"add k 0 0 3 noreply\r\nnew\r\n",
        b"replace k 0 0 3 noreply\r\nnew\r\n",
        b"append k 0 0 3 noreply\r\nnew\r\n",
        b"prepend k 0 0 3 noreply\r\nnew\r\n",
        b"cas k 0 0 3 1 noreply\r\nnew\r\n",
        b"delete k noreply\r\n",
        b"incr k 1 noreply\r\n",
        b"decr k 1 noreply\r\n",
        b"touch k 0 noreply\r\n",
        b"flush_all noreply\r\n",
        b"flush_all 0 noreply\r\n",
        b"verbosity 0 noreply\r\n",
    ],
)
@pytest.mark.parametrize("exists", [True, False])
def test_noreply_hides_the_reply(c, quiet, exists):
    if exists:
        c.set(b"k", b"10")
    c.send(quiet)
    c.nothing_more()


@pytest.mark.parametrize(
    "quiet, value",
    [
        (b"set k 0 0 2 noreply\r\n20\r\n", b"20"),
        (b"append k 0 0 2 noreply\r\n20\r\n", b"1020"),
        (b"delete k noreply\r\n", None),
        (b"incr k 5 noreply\r\n", b"15"),
        (b"decr k 10 noreply\r\n", b"0"),
        (b"flush_all noreply\r\n", None),
    ],
)
def test_noreply_hides_nothing_but_the_reply(c, quiet, value):
    c.set(b"k", b"10")
    c.send(quiet)
    found = c.get(b"k")
    assert found == value if value is None else found.rstrip() == value


@pytest.mark.parametrize(
    "line",
    [
        b"set " + TOO_LONG_KEY + b" 0 0 5 noreply",
        b"set k 0 x 5 noreply",
        b"set k x 0 5 noreply",
        b"cas k 0 0 5 x noreply",
    ],
)
def test_noreply_hides_errors_of_the_header(c, line):
    c.send(line + b"\r\nhello\r\n")
    c.nothing_more()


def test_noreply_hides_a_bad_chunk(c):
    c.send(b"set k 0 0 3 noreply\r\nabcxx")
    assert c.get(b"k") is None


def test_noreply_hides_too_large(c):
    c.send(b"set k 0 0 1048576 noreply\r\n" + b"x" * 1048576 + b"\r\n")
    c.nothing_more()


@pytest.mark.parametrize("flags", [b"0", b"1", b"65536", b"4294967295"])
def test_flags_are_32_bits(c, flags):
    c.ask(b"set k " + flags + b" 0 1\r\na\r\n", b"STORED\r\n")
    c.ask(b"get k\r\n", b"VALUE k " + flags + b" 1\r\na\r\nEND\r\n")


# A storage header that is refused while its length is good


@pytest.mark.parametrize(
    "line",
    [
        b"set k 4294967296 0 5",
        b"set k -1 0 5",
        b"set k 1x 0 5",
        b"set k x 0 5",
        b"set k +1 0 5",
        b"set k 0 x 5",
        b"set k 0 1x 5",
        b"set " + TOO_LONG_KEY + b" 0 0 5",
        b"add k x 0 5",
        b"replace k x 0 5",
        b"append k x 0 5",
        b"prepend k x 0 5",
        b"cas k x 0 5 1",
        b"cas k 0 0 5",
        b"cas k 0 0 5 x",
        b"cas k 0 0 5 -1",
        b"cas k 0 0 5 18446744073709551616",
        b"cas " + TOO_LONG_KEY + b" 0 0 5 1",
    ],
)
def test_a_bad_storage_header_is_one_error_and_its_body_is_swallowed(c, line):
    c.set(b"k", b"old")
    c.ask(line + b"\r\nhello\r\nget k\r\n", BAD_LINE + value_reply(b"k", b"old"))


def test_a_swallowed_body_is_never_run_as_commands(c):
    c.ask(b"set k 0 x 11\r\nflush_all\r\n\r\nget k\r\n", BAD_LINE + b"END\r\n")


def test_a_long_body_is_swallowed_across_reads(c):
    body = b"flush_all\r\n" * 20000
    c.set(b"k", b"kept")
    c.send(b"set k 0 x %d\r\n" % len(body), body, b"\r\n")
    c.expect(BAD_LINE)
    assert c.get(b"k") == b"kept"


# A storage header whose length is bad or absent


@pytest.mark.parametrize(
    "line",
    [
        b"set",
        b"set k",
        b"set k 0 0",
        b"set k 0 0 x",
        b"set k 0 0 1x",
        b"set k 0 0 -1",
        b"set k 0 0 +1",
        b"set k 0 0 2147483646",
        b"set k 0 0 4294967296",
        b"set k 0 0 18446744073709551616",
        b"set k 0 0 99999999999999999999999999",
        b"add k 0 0",
        b"replace k 0 0",
        b"append k 0 0 -1",
        b"prepend k 0 0 x",
        b"cas k 0 0 x 1",
        b"cas k 0 0 -1 1",
    ],
)
class TestAStorageLineWithoutAUsableLength:
    def test_is_an_error_when_nothing_follows(self, c, line):
        c.ask(line + b"\r\n", BAD_LINE)
        c.ask(b"get k\r\n", b"END\r\n")

    def test_closes_the_connection_when_something_follows(self, c, line):
        """What follows could be its body, which must not run as commands."""
        c.ask(line + b"\r\nflush_all\r\n", BAD_LINE)
        c.closed()


# The data block


@pytest.mark.parametrize(
    "body, replies",
    [
        (b"abcde\r\n", BAD_CHUNK + BAD_LINE),
        (b"abc\n\r\n", BAD_CHUNK + BAD_LINE),
        (b"abcxx", BAD_CHUNK),
        (b"abc\r\r", BAD_CHUNK),
        (b"abc\n\n", BAD_CHUNK),
        (b"a\r\nversion\r\n", BAD_CHUNK + b"ERROR\r\n"),
    ],
)
def test_a_body_of_another_length_is_a_bad_chunk(c, body, replies):
    """Length and two bytes are consumed, whatever they are; parsing goes on right behind them."""
    c.set(b"k", b"old")
    c.ask(b"set k 0 0 3\r\n" + body, replies)
    assert c.get(b"k") == b"old"


def test_a_short_body_takes_bytes_of_the_next_line(c):
    c.ask(b"set k 0 0 5\r\nabc\r\nget k\r\n", BAD_CHUNK + b"ERROR\r\n")


# Without CAS


def test_without_cas_ids_read_as_zero_and_never_match(start):
    with start("-C").connect() as c:
        c.set(b"k", b"a")
        c.ask(b"gets k\r\n", b"VALUE k 0 1 0\r\na\r\nEND\r\n")
        c.ask(b"cas k 0 0 1 0\r\nb\r\n", b"EXISTS\r\n")
        c.ask(b"cas k 0 0 1 1\r\nb\r\n", b"EXISTS\r\n")
        c.ask(b"cas gone 0 0 1 1\r\nb\r\n", b"NOT_FOUND\r\n")
        assert c.get(b"k") == b"a"
