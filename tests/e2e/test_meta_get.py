"""mg: what comes back in which order, and who is to refresh an item."""

import re

import pytest


# mg


def test_mg_of_a_hit_without_flags_is_a_header(c):
    c.set(b"k", b"hi")
    c.ask(b"mg k\r\n", b"HD\r\n")


def test_mg_of_a_miss_ends(c):
    c.ask(b"mg k\r\n", b"EN\r\n")
    c.ask(b"mg k v s t f h l c u\r\n", b"EN\r\n")


def test_mg_of_a_miss_echoes_key_and_opaque(c):
    c.ask(b"mg k s O9 v k\r\n", b"EN O9 kk\r\n")


def test_mg_returns_the_value(c):
    c.set(b"k", b"hi")
    c.ask(b"mg k v\r\n", b"VA 2\r\nhi\r\n")
    c.set(b"k", b"")
    c.ask(b"mg k v\r\n", b"VA 0\r\n\r\n")


@pytest.mark.parametrize(
    "flags, reply",
    [
        (b"s", b"HD s2"),
        (b"f", b"HD f5"),
        (b"t", b"HD t-1"),
        (b"k", b"HD kk"),
        (b"h", b"HD h0"),
        (b"l", b"HD l0"),
        (b"c", b"HD c77"),
        (b"O123", b"HD O123"),
        (b"O", b"HD O"),
        (b"q", b"HD"),
        (b"u", b"HD"),
        (b"Pproxy Llink", b"HD"),
        (b"I", b"HD"),
        (b"D1 J1 Mx x F1", b"HD"),
        (b"s v", b"VA 2 s2\r\nhi"),
        (b"k s f t c h l Oabc v", b"VA 2 kk s2 f5 t-1 c77 h0 l0 Oabc\r\nhi"),
        (b"v Oabc l h c t f s k", b"VA 2 Oabc l0 h0 c77 t-1 f5 s2 kk\r\nhi"),
        (b"v  k   s ", b"VA 2 kk s2\r\nhi"),
    ],
)
def test_mg_returns_flags_in_the_order_of_the_request(c, flags, reply):
    c.ask(b"ms k 2 F5 E77\r\nhi\r\n", b"HD\r\n")
    c.ask(b"mg k " + flags + b"\r\n", reply + b"\r\n")


def test_mg_takes_a_bare_newline(c):
    c.set(b"k", b"hi")
    c.ask(b"mg k v\n", b"VA 2\r\nhi\r\n")


def test_mg_with_q_hides_only_a_miss(c):
    c.set(b"k", b"hi")
    c.ask(b"mg gone v q\r\nmg k v q\r\nmg gone q k O1\r\nmn\r\n", b"VA 2\r\nhi\r\nMN\r\n")


def test_mg_shows_whether_the_item_was_fetched_before(c):
    c.set(b"k", b"hi")
    c.ask(b"mg k h\r\n", b"HD h0\r\n")
    c.ask(b"mg k h\r\n", b"HD h1\r\n")
    c.set(b"k", b"hi")
    c.ask(b"mg k h\r\n", b"HD h0\r\n")


def test_mg_with_u_leaves_no_trace(c):
    c.set(b"k", b"hi")
    c.ask(b"mg k u v\r\n", b"VA 2\r\nhi\r\n")
    c.ask(b"mg k u h\r\n", b"HD h0\r\n")
    c.ask(b"mg k h\r\n", b"HD h0\r\n")


def test_a_classic_get_counts_as_a_fetch(c):
    c.set(b"k", b"hi")
    assert c.get(b"k") == b"hi"
    c.ask(b"mg k h\r\n", b"HD h1\r\n")


@pytest.mark.parametrize(
    "request_line, reply",
    [
        (b"incr k 1", b"2"),
        (b"incr k 100", b"101"),
        (b"decr k 1", b"0"),
        (b"ma k", b"HD"),
        (b"add k 0 0 1\r\n2", b"NOT_STORED"),
    ],
)
def test_only_a_get_counts_as_a_fetch(c, request_line, reply):
    c.set(b"k", b"1")
    c.ask(request_line + b"\r\n", reply + b"\r\n")
    c.ask(b"mg k h\r\n", b"HD h0\r\n")


def test_a_count_leaves_an_item_fetched(c):
    c.set(b"k", b"1")
    c.ask(b"mg k\r\nincr k 1\r\nmg k h\r\n", b"HD\r\n2\r\nHD h1\r\n")


def test_mg_touches_at_the_place_of_the_flag(c):
    c.ask(b"ms k 2 T1000\r\nhi\r\n", b"HD\r\n")
    assert 998 <= int(c.ask_line(b"mg k t T100\r\n").removeprefix(b"HD t")) <= 1000
    assert 98 <= c.ttl(b"k") <= 100
    assert 498 <= int(c.ask_line(b"mg k T500 t\r\n").removeprefix(b"HD t")) <= 500
    c.ask(b"mg k T0 t\r\n", b"HD t-1\r\n")


def test_mg_with_the_cas_id_at_hand_sends_no_value(c):
    c.ask(b"ms k 2 E77\r\nhi\r\n", b"HD\r\n")
    c.ask(b"mg k v s C77\r\n", b"HD s2\r\n")
    c.ask(b"mg k v s C76\r\n", b"VA 2 s2\r\nhi\r\n")


# mg: who refreshes an item


def test_a_vivified_item_is_won_by_the_first(c):
    c.ask(b"mg k N30 v\r\n", b"VA 0 W\r\n\r\n")
    c.ask(b"mg k N30 v\r\n", b"VA 0 Z\r\n\r\n")
    c.ask(b"mg k\r\n", b"HD Z\r\n")
    assert 28 <= c.ttl(b"k") <= 30
    c.ask(b"ms k 2\r\nhi\r\n", b"HD\r\n")
    c.ask(b"mg k N30 v\r\n", b"VA 2\r\nhi\r\n")


def test_a_vivified_item_returns_its_flags(c):
    c.ask(b"mg k s N30 f k c O7 E99\r\n", b"HD s0 f0 kk c99 O7 W\r\n")


@pytest.mark.parametrize("flags, fetched", [(b"", b"h1"), (b" u", b"h0")])
def test_a_vivified_item_is_fetched_by_whom_it_was_made_for(c, flags, fetched):
    c.ask(b"mg k N30" + flags + b"\r\n", b"HD W\r\n")
    c.ask(b"mg k h\r\n", b"HD " + fetched + b" Z\r\n")


def test_q_does_not_hide_a_vivified_item(c):
    c.ask(b"mg k q N30\r\n", b"HD W\r\n")


@pytest.mark.parametrize(
    "flags, low, high", [(b"N30 T500", 498, 500), (b"T500 N30", 28, 30)]
)
def test_the_last_of_n_and_t_decides_the_ttl_of_a_vivified_item(c, flags, low, high):
    c.ask(b"mg k " + flags + b"\r\n", b"HD W\r\n")
    assert low <= c.ttl(b"k") <= high


def test_recache_is_won_once_when_little_time_remains(c):
    c.ask(b"ms k 2 T100\r\nhi\r\n", b"HD\r\n")
    c.ask(b"mg k v R30\r\n", b"VA 2\r\nhi\r\n")
    c.ask(b"mg k v R200\r\n", b"VA 2 W\r\nhi\r\n")
    c.ask(b"mg k v R200\r\n", b"VA 2 Z\r\nhi\r\n")
    c.ask(b"mg k v\r\n", b"VA 2 Z\r\nhi\r\n")
    c.ask(b"ms k 2 T100\r\nyo\r\n", b"HD\r\n")
    c.ask(b"mg k v R30\r\n", b"VA 2\r\nyo\r\n")


def test_recache_never_wins_an_item_without_expiry(c):
    c.set(b"k", b"hi")
    c.ask(b"mg k R2000000\r\n", b"HD\r\n")


def test_recache_looks_at_the_ttl_from_before_a_touch_behind_it(c):
    c.ask(b"ms k 2 T20\r\nhi\r\n", b"HD\r\n")
    c.ask(b"mg k v R30 T300\r\n", b"VA 2 W\r\nhi\r\n")
    assert re.fullmatch(rb"HD t(298|299|300) Z", c.ask_line(b"mg k t\r\n"))


def test_recache_looks_at_the_ttl_of_a_touch_before_it(c):
    c.ask(b"ms k 2 T20\r\nhi\r\n", b"HD\r\n")
    c.ask(b"mg k v T300 R30\r\n", b"VA 2\r\nhi\r\n")
    c.ask(b"mg k v T20 R30\r\n", b"VA 2 W\r\nhi\r\n")


def test_recache_does_not_win_an_item_that_the_request_gives_an_expiry(c):
    c.set(b"k", b"hi")
    c.ask(b"mg k R30 T10\r\n", b"HD\r\n")
    assert 8 <= c.ttl(b"k") <= 10


def test_a_stale_item_is_won_by_its_first_fetch(c):
    c.set(b"k", b"hi")
    c.ask(b"md k I\r\n", b"HD\r\n")
    c.ask(b"mg k s v\r\n", b"VA 2 s2 X W\r\nhi\r\n")
    c.ask(b"mg k s v\r\n", b"VA 2 s2 Z X\r\nhi\r\n")
    c.ask(b"mg k\r\n", b"HD Z X\r\n")
    c.ask(b"ms k 2\r\nyo\r\n", b"HD\r\n")
    c.ask(b"mg k s v\r\n", b"VA 2 s2\r\nyo\r\n")


def test_invalidating_again_lets_another_client_win(c):
    c.set(b"k", b"hi")
    c.ask(b"md k I\r\nmg k\r\nmd k I\r\nmg k\r\n", b"HD\r\nHD X W\r\nHD\r\nHD X W\r\n")


def test_a_stale_item_takes_a_new_cas_id(c):
    c.ask(b"ms k 2 E50\r\nhi\r\n", b"HD\r\n")
    c.ask(b"md k I E60\r\n", b"HD\r\n")
    c.ask(b"mg k c\r\n", b"HD c60 X W\r\n")
    c.ask(b"ms k 2 C50\r\nno\r\n", b"EX\r\n")
    c.ask(b"ms k 2 C60\r\nyo\r\n", b"HD\r\n")
