"""lru_crawler: the background that frees what has expired or was flushed, and its commands."""

import pytest

from bounds import wait_until

#: The background alone would take minutes for items that were flushed.
ITEMS = 2000


@pytest.fixture
def client(start):
    with start("-m", "64").connect() as client:
        yield client


def fill_and_flush(client) -> None:
    client.send(*(b"set k%d 0 0 5 noreply\r\nvalue\r\n" % number for number in range(ITEMS)))
    client.ask(b"flush_all\r\n", b"OK\r\n")
    assert int(client.stats()["curr_items"]) > ITEMS * 9 // 10


def is_idle(client) -> bool:
    return client.stats()["lru_crawler_running"] == "0"


def test_a_crawl_frees_what_was_flushed(client):
    fill_and_flush(client)
    client.ask(b"lru_crawler crawl all\r\n", b"OK\r\n")
    wait_until(lambda: client.stats()["curr_items"] == "0", "all flushed items are freed")
    wait_until(lambda: is_idle(client), "the crawl has ended")
    stats = client.stats()
    assert stats["lru_crawler_starts"] == "1"
    assert stats["crawler_reclaimed"] == stats["reclaimed"] == str(ITEMS)
    assert int(stats["crawler_items_checked"]) >= ITEMS
    client.ask(b"lru_crawler crawl all\r\n", b"NOTSTARTED no items to crawl\r\n")


def test_classes_are_those_of_stats_items(client):
    client.set(b"k", b"value")
    (number,) = {name.split(":")[1] for name in client.stats("items")}
    other = int(number) + 1
    client.ask(b"lru_crawler crawl %d\r\n" % other, b"NOTSTARTED no items to crawl\r\n")
    client.ask(b"lru_crawler crawl %s\r\n" % number.encode(), b"OK\r\n")
    wait_until(lambda: is_idle(client), "the crawl has ended")
    client.ask(b"lru_crawler crawl %d,%s\r\n" % (other, number.encode()), b"OK\r\n")
    assert client.get(b"k") == b"value"


@pytest.mark.parametrize("classes", [b"0", b"200", b"x", b"1,x", b"1,", b"-1", b"hash"])
def test_what_is_no_class_is_refused(client, classes):
    client.set(b"k", b"value")
    client.ask(b"lru_crawler crawl " + classes + b"\r\n", b"BADCLASS invalid class id\r\n")


def test_one_crawl_at_a_time_and_disable_ends_it(client):
    fill_and_flush(client)
    client.ask(b"lru_crawler sleep 1000000\r\n", b"OK\r\n")
    client.ask(b"lru_crawler crawl all\r\n", b"OK\r\n")
    client.ask(b"lru_crawler crawl 1\r\n", b"BUSY currently processing crawler request\r\n")
    assert not is_idle(client)
    client.ask(b"lru_crawler disable\r\n", b"OK\r\n")
    assert is_idle(client)
    client.ask(b"lru_crawler crawl all\r\n", b"CLIENT_ERROR lru crawler disabled\r\n")
    client.ask(b"lru_crawler enable\r\n", b"OK\r\n")
    client.ask(b"lru_crawler enable\r\n", b"ERROR failed to start lru crawler thread\r\n")
    client.ask(b"lru_crawler crawl all\r\n", b"OK\r\n")


def test_tocrawl_limits_the_items_of_a_class(client):
    fill_and_flush(client)
    client.ask(b"lru_crawler tocrawl 10\r\n", b"OK\r\n")
    client.ask(b"lru_crawler crawl all\r\n", b"OK\r\n")
    wait_until(lambda: is_idle(client), "the crawl has ended")
    assert int(client.stats()["curr_items"]) > ITEMS // 2


def test_settings_tell_what_was_set(client):
    def shown():
        settings = client.stats("settings")
        return [settings["lru_crawler" + name] for name in ("", "_sleep", "_tocrawl")]

    assert shown() == ["yes", "100", "0"]
    client.ask(b"lru_crawler sleep 7\r\n", b"OK\r\n")
    client.ask(b"lru_crawler tocrawl 9\r\n", b"OK\r\n")
    client.ask(b"lru_crawler disable\r\n", b"OK\r\n")
    assert shown() == ["no", "7", "9"]


@pytest.mark.parametrize(
    "line, reply",
    [
        (b"", b"ERROR"),
        (b" start", b"ERROR"),
        (b" crawl", b"ERROR"),
        (b" sleep x", b"CLIENT_ERROR bad command line format"),
        (b" sleep 1000001", b"CLIENT_ERROR sleep must be one second or less"),
        (b" tocrawl -1", b"CLIENT_ERROR bad command line format"),
    ],
)
def test_a_malformed_line_is_refused(client, line, reply):
    client.ask(b"lru_crawler" + line + b"\r\n", reply + b"\r\n")


def test_expired_items_leave_without_being_asked_for(client):
    client.send(*(b"set k%d 0 1 5 noreply\r\nvalue\r\n" % number for number in range(ITEMS)))
    client.set(b"lasting", b"value", exptime=1000)
    wait_until(lambda: client.stats()["curr_items"] == "1", "expired items are freed", 30)
    assert client.stats()["crawler_reclaimed"] == str(ITEMS)
    assert client.get(b"lasting") == b"value"
