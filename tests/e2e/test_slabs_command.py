"""slabs: pages that an operator moves between classes, and whether the server moves its own."""

import re

import pytest

from replies import BAD_LINE

BAD_CLASS = b"BADCLASS invalid src or dst class id\r\n"
NO_SPARE = b"NOSPARE source class has no spare pages\r\n"
SAME = b"SAME src and dst class are identical\r\n"
BAD_WINDOW = b"CLIENT_ERROR automove window too low or too high\r\n"


def class_of(c, key: bytes) -> int:
    return int(re.search(rb" cls=(\d+) ", c.ask_line(b"me %b\r\n" % key))[1])


def pages_of(c, class_id: int) -> int:
    return int(c.stats("slabs").get(f"{class_id}:total_pages", 0))


def fill(c, prefix: bytes, count: int, value_bytes: int) -> int:
    """Stores `count` values; their class."""
    for number in range(count):
        c.set(b"%b%d" % (prefix, number), b"x" * value_bytes)
    return class_of(c, b"%b%d" % (prefix, count - 1))


# reassign


def test_a_page_goes_from_one_class_to_another(start):
    with start("-m", "64").connect() as c:
        source = fill(c, b"a", 300, 1000)
        destination = fill(c, b"b", 1, 100)
        before = pages_of(c, source), pages_of(c, destination)
        c.ask(b"slabs reassign %d %d\r\n" % (source, destination), b"OK\r\n")
        assert (pages_of(c, source), pages_of(c, destination)) == (before[0] - 1, before[1] + 1)
        stats = c.stats()
        assert stats["slabs_moved"] == "1"
        assert stats["slab_reassign_running"] == "0"
        assert c.get(b"b0") == b"x" * 100
        c.nothing_more()


def test_a_page_goes_to_the_pool(start):
    with start("-m", "64").connect() as c:
        source = fill(c, b"a", 300, 1000)
        before = int(c.stats()["slab_global_page_pool"])
        c.ask(b"slabs reassign %d 0\r\n" % source, b"OK\r\n")
        c.ask(b"slabs reassign -1 0\r\n", b"OK\r\n")
        assert int(c.stats()["slab_global_page_pool"]) == before + 2


def test_items_in_use_are_rescued_from_the_page(start):
    with start("-m", "8").connect() as c:
        source = fill(c, b"a", 300, 1000)
        for number in range(0, 300, 2):
            c.get(b"a%d" % number)
        c.ask(b"slabs reassign %d 0\r\n" % source, b"OK\r\n")
        assert int(c.stats()["slab_reassign_rescues"]) > 0
        assert all(c.get(b"a%d" % number) is not None for number in range(0, 300, 2))


def test_any_class_gives_until_nothing_is_left(start):
    with start("-m", "8").connect() as c:
        source = fill(c, b"a", 300, 1000)
        destination = fill(c, b"b", 1, 100)
        for _ in range(pages_of(c, source)):
            c.ask(b"slabs reassign -1 %d\r\n" % destination, b"OK\r\n")
        c.ask(b"slabs reassign -1 %d\r\n" % destination, NO_SPARE)
        c.ask(b"slabs reassign %d %d\r\n" % (source, destination), NO_SPARE)
        assert c.get(b"b0") is not None
        assert c.get(b"a0") is None


def test_a_class_without_a_page_has_none_to_spare(start):
    with start("-m", "64").connect() as c:
        c.ask(b"slabs reassign 1 2\r\n", NO_SPARE)


def test_ids_are_those_of_classes_with_pages_of_their_own(start):
    with start("-m", "64").connect() as c:
        blocks = fill(c, b"medium", 10, 20000)
        large = fill(c, b"large", 1, 200000)
        assert large == blocks + 1
        c.ask(b"slabs reassign %d 1\r\n" % blocks, b"OK\r\n")
        c.ask(b"slabs reassign %d 1\r\n" % large, BAD_CLASS)
        c.ask(b"slabs reassign 1 %d\r\n" % large, BAD_CLASS)
        assert c.get(b"large0") == b"x" * 200000


@pytest.mark.parametrize(
    "arguments, reply",
    [
        (b"5 5", SAME),
        (b"0 0", SAME),
        (b"-1 -1", SAME),
        (b"0 5", BAD_CLASS),
        (b"-2 5", BAD_CLASS),
        (b"5 -1", BAD_CLASS),
        (b"5 1000", BAD_CLASS),
        (b"2147483647 1", BAD_CLASS),
        (b"a 5", BAD_LINE),
        (b"5 b", BAD_LINE),
        (b"5 4294967297", BAD_LINE),
        (b"5", b"ERROR\r\n"),
        (b"", b"ERROR\r\n"),
        (b"5 6 7", b"ERROR\r\n"),
    ],
)
def test_what_reassign_refuses(c, arguments, reply):
    c.ask(b"slabs reassign " + arguments + b"\r\n", reply)


# automove


def test_automove_shows_in_the_settings(start):
    with start().connect() as c:
        assert c.stats("settings")["slab_automove"] == "1"
        for mode in (b"0", b"2", b"1"):
            c.ask(b"slabs automove %b\r\n" % mode, b"OK\r\n")
            assert c.stats("settings")["slab_automove"] == mode.decode()
        c.ask(b"slabs automove ratio 0.5\r\n", b"OK\r\n")
        c.ask(b"slabs automove freeratio 0.25\r\n", b"OK\r\n")
        c.ask(b"slabs automove window 1800\r\n", b"OK\r\n")
        settings = c.stats("settings")
        assert settings["slab_reassign"] == "yes"
        assert settings["slab_automove_ratio"] == "0.50"
        assert settings["slab_automove_freeratio"] == "0.25"
        assert settings["slab_automove_window"] == "1800"


@pytest.mark.parametrize(
    "arguments, reply",
    [
        (b"", b"ERROR\r\n"),
        (b"3", b"ERROR\r\n"),
        (b"x", BAD_LINE),
        (b"-1", BAD_LINE),
        (b"ratio", b"ERROR\r\n"),
        (b"ratio x", b"ERROR\r\n"),
        (b"ratio 1.5", b"ERROR\r\n"),
        (b"freeratio 0", b"ERROR\r\n"),
        (b"window", b"ERROR\r\n"),
        (b"window x", BAD_LINE),
        (b"window 2", BAD_WINDOW),
        (b"window 1801", BAD_WINDOW),
    ],
)
def test_what_automove_refuses(c, arguments, reply):
    before = c.stats("settings")
    c.ask(b"slabs automove " + arguments + b"\r\n", reply)
    assert c.stats("settings") == before


@pytest.mark.parametrize("line", [b"slabs", b"slabs foo", b"slabs foo 1 2"])
def test_slabs_knows_no_other_word(c, line):
    c.ask(line + b"\r\n", b"ERROR\r\n")


def pages_moved_for_a_new_size(c) -> int:
    """Fills the memory with one size, then asks for others, as a cache is used."""
    for number in range(10000):
        c.set(b"old%d" % number, b"x" * 1000)
    for number in range(100):
        c.set(b"few%d" % number, b"x" * 3000)
    before = int(c.stats()["slabs_moved"])
    for _ in range(10):
        for number in range(600):
            key = b"new%d" % number
            if c.get(key) is None:
                c.set(key, b"x" * 3000)
    return int(c.stats()["slabs_moved"]) - before


def test_automove_0_keeps_pages_where_they_are_but_no_store_fails(start):
    with start("-m", "8").connect() as c:
        assert pages_moved_for_a_new_size(c) > 10
    with start("-m", "8").connect() as c:
        c.ask(b"slabs automove 0\r\n", b"OK\r\n")
        assert pages_moved_for_a_new_size(c) < 10
        c.set(b"large", b"x" * 900000)
        assert c.get(b"large") is not None
        assert c.stats()["store_no_memory"] == "0"
