"""Time to live and flushes to come: nothing ends early, nothing is served late.

Whatever must pass, passes for all items at once: they are stored together and then watched. What is
asserted holds however slowly the test runs, since each look has a time before and a time after it.
"""

import time
from dataclasses import dataclass, field

import pytest

TTL = 1
LATEST_END_SEC = TTL + 1
WATCH_SEC = LATEST_END_SEC + 0.3

#: How an item comes to live for one second.
SHORT = {
    b"set": b"set set 0 1 1\r\nv\r\n",
    b"add": b"add add 0 1 1\r\nv\r\n",
    b"replace": b"set replace 0 0 1\r\n-\r\nreplace replace 0 1 1\r\nv\r\n",
    b"cas": b"ms cas 1 E5\r\n-\r\ncas cas 0 1 1 5\r\nv\r\n",
    b"touch": b"set touch 0 100 1\r\nv\r\ntouch touch 1\r\n",
    b"gat": b"set gat 0 0 1\r\nv\r\ngat 1 gat\r\n",
    b"append": b"set append 0 1 1\r\nv\r\nappend append 0 100 1\r\n2\r\n",
    b"incr": b"set incr 0 1 1\r\n5\r\nincr incr 1\r\n",
    b"ms": b"ms ms 1 T1\r\nv\r\n",
    b"mg-T": b"ms mg-T 1\r\nv\r\nmg mg-T T1\r\n",
    b"mg-N": b"mg mg-N N1\r\n",
    b"ma-N": b"ma ma-N N1 J5\r\n",
    b"ma-T": b"ms ma-T 1\r\n5\r\nma ma-T T1\r\n",
    b"md-I": b"ms md-I 1\r\nv\r\nmd md-I I T1\r\n",
    b"ms-append-N": b"ms ms-append-N 1 MA N1\r\nv\r\n",
    b"large": b"set large 0 1 100000\r\n" + b"v" * 100000 + b"\r\n",
}

#: How an item comes to outlive the others.
LASTING = {
    b"no-end": b"set no-end 0 0 1\r\nv\r\n",
    b"long": b"set long 0 100 1\r\nv\r\n",
    b"touched": b"set touched 0 1 1\r\nv\r\ntouch touched 100\r\n",
    b"touched-to-no-end": b"set touched-to-no-end 0 1 1\r\nv\r\ntouch touched-to-no-end 0\r\n",
    b"got-and-touched": b"set got-and-touched 0 1 1\r\nv\r\ngat 100 got-and-touched\r\n",
    b"set-again": b"set set-again 0 1 1\r\nv\r\nset set-again 0 0 1\r\nv\r\n",
    b"replaced": b"set replaced 0 1 1\r\nv\r\nreplace replaced 0 100 1\r\nv\r\n",
    b"meta-touched": b"ms meta-touched 1 T1\r\nv\r\nmg meta-touched T100\r\n",
}


@dataclass
class Observation:
    """When an item was stored, and every look at it. Times are of the monotonic clock."""

    asked_at: float
    stored_at: float
    seen_at: list[float] = field(default_factory=list)  #: each hit's request
    missed_at: list[float] = field(default_factory=list)  #: each miss's reply

    def look(self, client, key: bytes) -> None:
        before = time.monotonic()
        if client.ask_line(b"mg " + key + b" u\r\n").startswith(b"HD"):
            self.seen_at.append(before)
        else:
            self.missed_at.append(time.monotonic())


def store(client, request: bytes) -> Observation:
    asked_at = time.monotonic()
    client.send(request + b"mn\r\n")
    client.until(b"MN\r\n")
    return Observation(asked_at, time.monotonic())


class DelayedFlush:
    """A server with a flush to come in one second. After the first look that finds the item gone, a
    new item is stored before each look."""

    def __init__(self, server):
        self.client = server.connect()
        self.client.set(b"before", b"v")
        asked_at = time.monotonic()
        self.client.ask(b"flush_all 1\r\n", b"OK\r\n")
        self.item = Observation(asked_at, time.monotonic())
        self.client.set(b"during", b"v")
        self.item_during = Observation(asked_at, self.item.stored_at)
        self.later_keys: list[bytes] = []

    def look(self) -> None:
        self.item.look(self.client, b"before")
        self.item_during.look(self.client, b"during")
        if self.item.missed_at:
            key = b"later-%d" % len(self.later_keys)
            self.client.set(key, b"v")
            self.later_keys.append(key)


@dataclass
class Watched:
    items: dict[bytes, Observation]
    flush: DelayedFlush
    replaced_flush: DelayedFlush


@pytest.fixture(scope="module")
def watched(start_for_module):
    """All items of this file, watched until each must have ended."""
    # No item's time may pass while servers start.
    servers = [start_for_module() for _ in range(3)]
    client = servers[0].connect()
    items = {key: store(client, request) for key, request in (SHORT | LASTING).items()}
    flush = DelayedFlush(servers[1])
    replaced_flush = DelayedFlush(servers[2])
    replaced_flush.client.ask(b"flush_all 1000\r\n", b"OK\r\n")
    end = time.monotonic() + WATCH_SEC
    while time.monotonic() < end:
        for key, observation in items.items():
            observation.look(client, key)
        flush.look()
        replaced_flush.look()
        time.sleep(0.01)
    yield Watched(items, flush, replaced_flush)
    for user in (client, flush.client, replaced_flush.client):
        user.close()


def assert_ends_in_time(observation: Observation) -> None:
    assert observation.seen_at, "it has never been there"
    assert observation.missed_at, "it has not ended"
    assert observation.missed_at[0] >= observation.asked_at + TTL, "it ended early"
    assert observation.seen_at[-1] <= observation.stored_at + LATEST_END_SEC, "it was served late"
    assert observation.seen_at[-1] < observation.missed_at[0], "it came back"


@pytest.mark.parametrize("key", SHORT, ids=bytes.decode)
def test_an_item_with_a_ttl_ends_in_time(watched, key):
    assert_ends_in_time(watched.items[key])


@pytest.mark.parametrize("key", LASTING, ids=bytes.decode)
def test_an_item_without_or_with_a_later_end_stays(watched, key):
    assert watched.items[key].seen_at
    assert not watched.items[key].missed_at


def test_a_delayed_flush_comes_in_time(watched):
    assert_ends_in_time(watched.flush.item)


def test_a_delayed_flush_takes_what_was_stored_during_the_delay(watched):
    assert_ends_in_time(watched.flush.item_during)


def test_what_is_stored_after_a_delayed_flush_stays(watched):
    keys = watched.flush.later_keys
    assert keys
    missing = [key for key in keys if watched.flush.client.get(key) is None]
    assert not missing


def test_a_new_flush_replaces_the_one_to_come(watched):
    assert not watched.replaced_flush.item.missed_at
    assert not watched.replaced_flush.item_during.missed_at


# What needs no time to pass


@pytest.mark.parametrize(
    "request_bytes, reply",
    [
        (b"set k 0 -1 1\r\nv\r\n", b"STORED\r\n"),
        (b"set k 0 2592001 1\r\nv\r\n", b"STORED\r\n"),
        (b"add k 0 -1 1\r\nv\r\n", b"STORED\r\n"),
        (b"ms k 1 T-1\r\nv\r\n", b"HD\r\n"),
        (b"set k 0 0 1\r\nv\r\ntouch k -1\r\n", b"STORED\r\nTOUCHED\r\n"),
        (b"set k 0 0 1\r\nv\r\ngat -1 k\r\n", b"STORED\r\nVALUE k 0 1\r\nv\r\nEND\r\n"),
        (b"set k 0 0 1\r\nv\r\nmg k T-1\r\n", b"STORED\r\nHD\r\n"),
    ],
)
def test_an_end_in_the_past_ends_the_item_at_once(c, request_bytes, reply):
    c.ask(request_bytes, reply)
    c.ask(b"get k\r\n", b"END\r\n")
    c.ask(b"mg k\r\n", b"EN\r\n")
    c.ask(b"delete k\r\n", b"NOT_FOUND\r\n")


def test_an_item_past_its_end_makes_room_for_add(c):
    c.set(b"k", b"old", exptime=-1)
    c.ask(b"replace k 0 0 1\r\nv\r\n", b"NOT_STORED\r\n")
    c.ask(b"append k 0 0 1\r\nv\r\n", b"NOT_STORED\r\n")
    c.ask(b"add k 0 0 1\r\nv\r\n", b"STORED\r\n")
    assert c.get(b"k") == b"v"


def test_an_expired_counter_counts_as_missing(c):
    c.set(b"k", b"5", exptime=-1)
    c.ask(b"incr k 1\r\n", b"NOT_FOUND\r\n")
    c.ask(b"ma k N0 J7 v\r\n", b"VA 1\r\n7\r\n")


@pytest.mark.parametrize("seconds", [100, 2592000])
def test_up_to_30_days_are_relative(c, seconds):
    c.set(b"k", b"v", exptime=seconds)
    assert seconds - 2 <= c.ttl(b"k") <= seconds


@pytest.mark.parametrize("ahead", [100, 10000000])
def test_more_than_30_days_are_a_point_in_time(c, ahead):
    c.set(b"k", b"v", exptime=int(time.time()) + ahead)
    assert ahead - 3 <= c.ttl(b"k") <= ahead + 1


def test_the_latest_point_in_time_is_kept(c):
    c.set(b"k", b"v", exptime=2147483647)
    assert c.ttl(b"k") > 100000000


def test_a_unix_time_ends_less_than_a_second_late(server):
    """The items are stored at all parts of a second, since the server's own seconds need not begin
    when those of the wall clock do."""
    end = int(time.time()) + 3
    keys = [b"at-%d" % number for number in range(20)]
    with server.connect() as client:
        for key in keys:
            client.ask(b"set %b 0 %d 1\r\nv\r\n" % (key, end), b"STORED\r\n")
            time.sleep(0.05)
        request = b"get " + b" ".join(keys) + b"\r\n"
        client.send(request)
        found = client.until(b"END\r\n").count(b"VALUE ")
        assert found == len(keys) or time.time() >= end
        time.sleep(max(0, end + 1 - time.time()))
        client.ask(request, b"END\r\n")
