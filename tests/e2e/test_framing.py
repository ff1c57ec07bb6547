"""Where requests begin and end: cut anywhere, without end, very long, or followed by nonsense."""

import threading

import pytest

from replies import BAD_CHUNK, BAD_DELETE, BAD_DELTA, BAD_LINE, INVALID_FLAG, TOO_LONG_KEY
from values import random_bytes

#: A conversation with the reply to each request. It begins with a flush, so it can be repeated. The
#: first reply tells that what was sent together with its request has been read.
CONVERSATION = [
    (b"mn\r\n", b"MN\r\n"),
    (b"flush_all\r\n", b"OK\r\n"),
    (b"set a 5 0 5\r\nhello\r\n", b"STORED\r\n"),
    (b"get a\r\n", b"VALUE a 5 5\r\nhello\r\nEND\r\n"),
    (b"set empty 0 0 0\r\n\r\n", b"STORED\r\n"),
    (b"set crlf 0 0 11\r\nget a\r\nmn\r\n\r\n", b"STORED\r\n"),
    (b"get a missing crlf\r\n",
     b"VALUE a 5 5\r\nhello\r\nVALUE crlf 0 11\r\nget a\r\nmn\r\n\r\nEND\r\n"),
    (b"set b 0 0 2 noreply\r\n10\r\n", b""),
    (b"incr b 90\r\n", b"100\r\n"),
    (b"incr b 1 noreply\r\n", b""),
    (b"incr b 1x\r\n", BAD_DELTA),
    (b"append a 0 0 6\r\n world\r\n", b"STORED\r\n"),
    (b"prepend a 0 0 1\r\n<\r\n", b"STORED\r\n"),
    (b"gat 0 a\r\n", b"VALUE a 5 12\r\n<hello world\r\nEND\r\n"),
    (b"add a 0 0 1\r\nx\r\n", b"NOT_STORED\r\n"),
    (b"replace missing 0 0 1\r\nx\r\n", b"NOT_STORED\r\n"),
    (b"cas missing 0 0 1 7\r\nx\r\n", b"NOT_FOUND\r\n"),
    (b"touch a 0\r\n", b"TOUCHED\r\n"),
    (b"delete a junk\r\n", BAD_DELETE),
    (b"delete a\r\n", b"DELETED\r\n"),
    (b"set a x 0 9\r\nflush_all\r\n", BAD_LINE),
    (b"set a 0 0 2\r\nxyzz", BAD_CHUNK),
    (b"\r\n", BAD_LINE),
    (b"xyzzy\n", b"ERROR\r\n"),
    (b"ms c 2 E77 F3 c\r\nhi\r\n", b"HD c77\r\n"),
    (b"mg c v  f c s Oabc \r\n", b"VA 2 f3 c77 s2 Oabc\r\nhi\r\n"),
    (b"mg c v q\n", b"VA 2\r\nhi\r\n"),
    (b"mg missing v q\r\n", b""),
    (b"ms c 2 q\r\nhi\r\n", b""),
    (b"ms c 9 W\r\nflush_all\r\n", INVALID_FLAG),
    (b"ma n N0 J5 v\r\n", b"VA 1\r\n5\r\n"),
    (b"md c I k\r\n", b"HD kc\r\n"),
    (b"mg c v\r\n", b"VA 2 X W\r\nhi\r\n"),
    (b"ms Zm9v 3 b k\r\nbar\r\n", b"HD kZm9v b\r\n"),
    (b"get b crlf empty foo\r\n",
     b"VALUE b 0 3\r\n101\r\nVALUE crlf 0 11\r\nget a\r\nmn\r\n\r\nVALUE empty 0 0\r\n\r\n"
     b"VALUE foo 0 3\r\nbar\r\nEND\r\n"),
    (b"version\r\n", b"VERSION 1.6.45\r\n"),
]  # fmt: skip
SCRIPT = b"".join(request for request, _ in CONVERSATION)
REPLIES = b"".join(reply for _, reply in CONVERSATION)


def replies_to_whole_requests(byte_count: int) -> bytes:
    """The replies to those requests that lie within the script's first `byte_count` bytes."""
    answered = b""
    for request, reply in CONVERSATION:
        byte_count -= len(request)
        if byte_count < 0:
            break
        answered += reply
    return answered


# A conversation in pieces


def test_the_conversation_in_one_piece(c):
    c.ask(SCRIPT, REPLIES)


@pytest.mark.parametrize(
    "flags",
    [
        ("-t", "1"),
        ("-R", "1"),
        ("-vv",),
        ("-M",),
        ("-m", "1024", "-I", "50m"),
        ("-f", "2", "-n", "99"),
        ("-n", "4096"),
    ],
    ids=" ".join,
)
def test_the_conversation_under_flags(start, flags):
    with start(*flags).connect() as c:
        c.ask(SCRIPT * 3, REPLIES * 3)


def test_the_conversation_over_a_unix_socket(start, tmp_path):
    server = start("-s", str(tmp_path / "socket"))
    with server.connect() as c:
        c.ask(SCRIPT, REPLIES)
        for position in range(len(SCRIPT)):
            c.send(SCRIPT[position : position + 1])
        c.expect(REPLIES)


def test_a_conversation_cut_in_two_anywhere(server):
    """The second piece follows the replies to the first, so the server has seen the cut."""
    with server.connect() as c:
        for cut in range(1, len(SCRIPT)):
            before = replies_to_whole_requests(cut)
            c.ask(SCRIPT[:cut], before)
            c.ask(SCRIPT[cut:], REPLIES[len(before) :])


@pytest.mark.parametrize("piece_bytes", [1, 2, 3, 7, 64])
def test_a_conversation_in_small_pieces(c, piece_bytes):
    for start in range(0, len(SCRIPT), piece_bytes):
        c.send(SCRIPT[start : start + piece_bytes])
    c.expect(REPLIES)


def test_a_conversation_waiting_for_each_reply_byte_by_byte(c):
    for request, reply in CONVERSATION:
        for position in range(len(request)):
            c.send(request[position : position + 1])
        c.expect(reply)


@pytest.mark.parametrize("byte_count", [2000, 9000, 70000])
def test_a_long_value_cut_near_its_borders(c, byte_count):
    value = random_bytes(byte_count)
    head = b"mn\r\nset k 0 0 %d\r\n" % byte_count
    request = head + value + b"\r\nget k\r\n"
    after_value = len(head) + byte_count
    near = 12
    cuts = [
        *range(4, len(head) + near),
        *range(len(head) + 2048 - near, min(len(head) + 2048 + near, after_value - near)),
        len(head) + byte_count // 2,
        *range(after_value - near, len(request)),
    ]
    for cut in cuts:
        c.ask(request[:cut], b"MN\r\n")
        c.send(request[cut:])
        c.expect(b"STORED\r\nVALUE k 0 %d\r\n" % byte_count)
        assert c.read(byte_count) == value, f"cut at {cut}"
        c.expect(b"\r\nEND\r\n")


def test_many_requests_in_one_piece_are_answered_in_order(c):
    requests = b"".join(
        b"set k%d 0 0 4\r\n%04d\r\nget k%d k%d\r\n" % (number, number, number, number - 1)
        for number in range(1, 2000)
    )
    c.set(b"k0", b"0000")
    sender = threading.Thread(target=c.send, args=(requests,))
    sender.start()
    for number in range(1, 2000):
        c.expect(
            b"STORED\r\nVALUE k%d 0 4\r\n%04d\r\nVALUE k%d 0 4\r\n%04d\r\nEND\r\n"
            % (number, number, number - 1, number - 1)
        )
    sender.join()


# Lines without end


@pytest.mark.parametrize("start", [b"", b"set ", b"delete ", b"gat 0 ", b"mg ", b"touch "])
class TestALineWithoutEnd:
    def test_is_awaited_up_to_2048_bytes(self, c, start):
        c.ask(b"mn\r\n" + start.ljust(2048, b"x"), b"MN\r\n")
        c.send(b"\r\n")
        c.expect(BAD_LINE if start else b"ERROR\r\n")

    def test_is_closed_beyond_2048_bytes(self, c, start):
        c.send(start.ljust(2049, b"x"))
        c.closed()


def test_a_closed_line_without_end_disturbs_no_other_connection(server, c):
    c.set(b"k", b"v")
    for _ in range(50):
        with server.connect() as endless:
            endless.send(b"x" * 5000)
            endless.closed()
    assert c.get(b"k") == b"v"


@pytest.mark.parametrize("line", [b"delete " + b"k" * 3000, b"mg " + b"k" * 3000])
def test_a_long_line_with_an_end_is_parsed(c, line):
    c.ask(line + b"\r\n", BAD_LINE)


# Long retrieval lines


@pytest.mark.parametrize("command", [b"get", b"gets"])
def test_a_retrieval_line_may_grow_without_bound(c, command):
    c.set(b"last", b"v")
    c.send(command)
    for number in range(300):
        c.send(b" missing-%d" % number)
    head = c.ask_line(b" last\r\n")
    assert head.split(b" ")[:4] == [b"VALUE", b"last", b"0", b"1"]
    c.expect(b"v\r\nEND\r\n")


@pytest.mark.parametrize("key_count", [10, 400, 30000])
def test_a_get_of_many_keys_answers_each(c, key_count):
    keys = [b"key-%d" % number for number in range(key_count)]
    c.send(b"".join(b"set %b 0 0 5 noreply\r\n%05d\r\n" % (key, n) for n, key in enumerate(keys)))
    c.nothing_more()
    sender = threading.Thread(target=c.send, args=(b"get " + b" ".join(keys) + b"\r\n",))
    sender.start()
    c.expect(b"".join(b"VALUE %b 0 5\r\n%05d\r\n" % (key, n) for n, key in enumerate(keys)))
    c.expect(b"END\r\n")
    sender.join()


def test_one_key_named_100_000_times_in_a_line(c):
    c.set(b"k", b"v")
    sender = threading.Thread(target=c.send, args=(b"get" + b" k" * 100000 + b"\r\n",))
    sender.start()
    c.expect(b"VALUE k 0 1\r\nv\r\n" * 100000 + b"END\r\n")
    sender.join()


@pytest.mark.parametrize("command", [b"get", b"gets"])
def test_a_key_too_long_ends_a_streamed_reply(c, command):
    """The values before it have been sent; the rest of the line is dropped."""
    c.ask(b"ms k 1 E77\r\nv\r\n", b"HD\r\n")
    value = b"VALUE k 0 1%b\r\nv\r\n" % (b" 77" if command == b"gets" else b"")
    keys = b" k" * 2000 + b" " + TOO_LONG_KEY + b" k" * 2000
    c.ask(command + keys + b"\r\n", value * 2000 + BAD_LINE)


def test_an_overlong_single_key_is_refused_without_a_bound(c):
    c.ask(b"get " + b"k" * 100000 + b"\r\n", BAD_LINE)


def test_a_long_get_line_ends_with_a_bare_newline(c):
    c.set(b"k", b"v")
    c.ask(b"get" + b" k" * 2000 + b"\n", b"VALUE k 0 1\r\nv\r\n" * 2000 + b"END\r\n")


def test_spaces_pad_a_long_get_line(c):
    c.set(b"k", b"v")
    c.ask(b"get k" + b" " * 5000 + b"k\r\n", b"VALUE k 0 1\r\nv\r\n" * 2 + b"END\r\n")


# The end of a conversation


def test_quit_drops_what_follows_and_answers_what_came_before(server, c):
    c.set(b"k", b"v")
    with server.connect() as other:
        other.send(b"get k\r\nquit\r\ndelete k\r\n")
        other.expect(b"VALUE k 0 1\r\nv\r\nEND\r\n")
        other.closed()
    assert c.get(b"k") == b"v"


@pytest.mark.parametrize(
    "line", [b"GET / HTTP/1.1", b"POST /x HTTP/1.0", b"PUT * HTTP/2"]
)
def test_an_http_request_is_closed_without_a_reply(c, line):
    c.send(line + b"\r\nHost: localhost\r\n\r\n")
    c.closed()


@pytest.mark.parametrize("first", [b"\x81", b"\x82"])
def test_a_binary_reply_as_first_byte_is_closed(server, first):
    with server.connect() as other:
        other.send(first + b"\0" * 23)
        other.closed()


def test_the_replies_reach_a_client_that_has_ended_its_stream(c):
    c.set(b"k", b"v")
    c.send(b"get k\r\nget k\r\n")
    c.finish_sending()
    c.expect(b"VALUE k 0 1\r\nv\r\nEND\r\n" * 2)
    c.closed()


@pytest.mark.parametrize("rest", [b"get k", b"set k 0 0 5\r\n", b"set k 0 0 5\r\nhell", b"\r"])
def test_an_unfinished_request_is_not_carried_out(server, c, rest):
    c.set(b"k", b"kept")
    with server.connect() as other:
        other.send(rest)
        other.finish_sending()
        other.closed()
    assert c.get(b"k") == b"kept"
