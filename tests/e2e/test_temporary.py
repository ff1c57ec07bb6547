"""lru temp_ttl: items that will soon expire are kept apart from the others."""

import pytest


def temporary_items(c) -> int:
    items = c.stats("items")
    return sum(int(value) for name, value in items.items() if name.endswith(":number_temp"))


def flood_survivors(c) -> int:
    """How many of 5000 items that are not read again outlive 30000 short-lived ones."""
    for number in range(5000):
        c.set(b"main%d" % number, b"x" * 1000)
    for number in range(30000):
        c.set(b"short%d" % number, b"x" * 1000, exptime=60)
    return sum(c.get(b"main%d" % number) is not None for number in range(5000))


def test_short_lived_items_do_not_push_out_the_others(start):
    with start("-m", "8").connect() as c:
        assert flood_survivors(c) < 500
        assert temporary_items(c) == 0
    with start("-m", "8").connect() as c:
        c.ask(b"lru temp_ttl 60\r\n", b"OK\r\n")
        assert flood_survivors(c) > 4500
        assert temporary_items(c) > 500


def test_what_is_temporary_shows_in_items(start):
    with start().connect() as c:
        c.ask(b"lru temp_ttl 10\r\n", b"OK\r\n")
        c.set(b"never", b"v")
        c.set(b"long", b"v", exptime=1000)
        assert temporary_items(c) == 0
        c.set(b"short", b"v", exptime=10)
        c.set(b"larger", b"v" * 100000, exptime=10)
        assert temporary_items(c) == 2
        c.ask(b"lru temp_ttl -1\r\n", b"OK\r\n")
        c.set(b"short", b"v", exptime=10)
        assert temporary_items(c) == 1


def test_the_settings_tell_it(start):
    with start().connect() as c:
        settings = c.stats("settings")
        assert (settings["temp_lru"], settings["temporary_ttl"]) == ("no", "0")
        c.ask(b"lru temp_ttl 60\r\n", b"OK\r\n")
        settings = c.stats("settings")
        assert (settings["temp_lru"], settings["temporary_ttl"]) == ("yes", "60")
        c.ask(b"lru temp_ttl -5\r\n", b"OK\r\n")
        assert c.stats("settings")["temp_lru"] == "no"


@pytest.mark.parametrize("arguments", [b"", b" x", b" 1.5", b" 99999999999"])
def test_what_temp_ttl_refuses(c, arguments):
    before = c.stats("settings")
    c.ask(b"lru temp_ttl" + arguments + b"\r\n", b"ERROR\r\n")
    assert c.stats("settings") == before
