"""Many connections, slow ones, and those that vanish: none disturbs another."""

import resource
import threading

import pytest

from bounds import in_parallel, wait_until
from client import Client
from values import random_bytes

MEGABYTE = 1 << 20
#: The largest value under the default item limit, for a key of one byte.
LARGEST_VALUE = MEGABYTE - 59 - 1


@pytest.fixture(scope="module", autouse=True)
def enough_descriptors():
    """This process needs one for each of its connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4096:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))


def only_this_one(c: Client) -> bool:
    return c.stats()["curr_connections"] == "1"


# Many at once


def test_a_thousand_connections_set_and_get_at_once(start):
    server = start()
    clients = [server.connect() for _ in range(1000)]
    for round_number in range(3):
        for number, client in enumerate(clients):
            client.send(b"set k%d 0 0 8\r\n%04d%04d\r\n" % (number, number, round_number))
        for client in clients:
            client.expect(b"STORED\r\n")
        for number, client in enumerate(clients):
            client.send(b"get k%d\r\n" % ((number + 1) % 1000))
        for number, client in enumerate(clients):
            other = (number + 1) % 1000
            client.expect(b"VALUE k%d 0 8\r\n%04d%04d\r\nEND\r\n" % (other, other, round_number))
    assert clients[0].stats()["curr_connections"] == "1000"
    for client in clients:
        client.close()


def test_connections_come_and_go(server, c):
    for number in range(1000):
        with server.connect() as client:
            client.ask(b"set k 0 0 4\r\n%04d\r\n" % number, b"STORED\r\n")
    assert c.get(b"k") == b"0999"
    wait_until(lambda: only_this_one(c), "the closed connections are gone")


def test_ten_thousand_requests_are_answered_in_order(c):
    requests = b"".join(b"set k%d 0 0 5\r\n%05d\r\nget k%d\r\n" % (n, n, n) for n in range(5000))
    sender = threading.Thread(target=c.send, args=(requests,))
    sender.start()
    c.expect(b"".join(b"STORED\r\nVALUE k%d 0 5\r\n%05d\r\nEND\r\n" % (n, n) for n in range(5000)))
    sender.join()


def test_a_counter_that_all_connections_raise_loses_nothing(server, c):
    c.set(b"counter", b"0")

    def raise_it():
        with server.connect() as client:
            for _ in range(20):
                client.send(b"incr counter 1\r\n" * 50)
                for _ in range(50):
                    assert client.line().isdigit()

    in_parallel([raise_it] * 8)
    assert c.get(b"counter") == b"8000"


def test_one_of_many_adds_is_stored(server, c):
    def add(number: int):
        with server.connect() as client:
            return [
                client.ask_line(b"add k%d 0 0 1\r\n%d\r\n" % (round_number, number))
                for round_number in range(100)
            ]

    replies = in_parallel([lambda number=number: add(number) for number in range(8)])
    for round_replies in zip(*replies):
        assert sorted(round_replies) == [b"NOT_STORED"] * 7 + [b"STORED"]


# The connection limit


def test_a_connection_beyond_the_limit_is_told_so_and_closed(start):
    server = start("-c", "10")
    with server.connect() as first:
        wait_until(lambda: only_this_one(first), "only the first connection is left")
        others = [server.connect() for _ in range(9)]
        for other in others:
            other.nothing_more()
        for _ in range(3):
            with server.connect() as refused:
                refused.expect(b"ERROR Too many open connections\r\n")
                refused.closed()
        stats = first.stats()
        assert stats["rejected_connections"] == "3"
        assert stats["curr_connections"] == "10"
        for client in others:
            client.nothing_more()
            client.close()
        wait_until(lambda: only_this_one(first), "the others have left")
        with server.connect() as late:
            late.nothing_more()


def test_connections_beyond_the_limit_may_wait_instead(start):
    server = start("-c", "3", "-o", "no_maxconns_fast")
    with server.connect() as first:
        wait_until(lambda: only_this_one(first), "only the first connection is left")
        others = [server.connect() for _ in range(2)]
        for other in others:
            other.nothing_more()
        late = server.connect()  # the system has taken it, the server has not
        late.send(b"mn\r\n")
        wait_until(lambda: first.stats()["accepting_conns"] == "0", "accepting pauses")
        stats = first.stats()
        assert "rejected_connections" not in stats
        assert stats["curr_connections"] == "3"
        assert int(stats["listen_disabled_num"]) >= 1
        others[0].close()
        late.expect(b"MN\r\n")
        others[1].close()
        wait_until(lambda: first.stats()["accepting_conns"] == "1", "accepting goes on")
        assert int(first.stats()["time_in_listen_disabled_us"]) > 0
        late.close()


# Idle ones


def pass_seconds(client: Client, seconds: int) -> None:
    """Returns when that much later by the server's clock."""
    began_sec = int(client.stats()["uptime"])
    wait_until(lambda: int(client.stats()["uptime"]) >= began_sec + seconds, "seconds have passed")


def test_an_idle_connection_is_closed_when_its_time_is_up(start):
    server = start("-o", "idle_timeout=1")
    idle, halfway = server.connect(), server.connect()
    halfway.send(b"set k 0 0 10\r\nabc")
    watcher = server.connect()
    watcher.ask(b"watch connevents\r\n", b"OK\r\n")
    watcher.until(b" reason=idle_timeout ")
    idle.closed()
    halfway.closed()
    with server.connect() as late:
        assert late.stats()["idle_kicks"] == "2"
        assert late.stats("settings")["idle_timeout"] == "1"


@pytest.mark.parametrize("fast_bytes", [0, 4_000_000])
def test_a_large_value_that_comes_slowly_is_not_idle_time(start, fast_bytes):
    server = start("-o", "idle_timeout=1", "-I", "9m")
    value = random_bytes(fast_bytes * 2 + 500_000)
    slow, c = server.connect(), server.connect()
    slow.send(b"set k 0 0 %d\r\n" % len(value))
    slow.send(value[:fast_bytes])
    sent = fast_bytes
    for _ in range(4):
        slow.send(value[sent : sent + 1000])
        sent += 1000
        pass_seconds(c, 1)
    slow.send(value[sent:], b"\r\n")
    slow.expect(b"STORED\r\n")
    assert c.get(b"k") == value
    slow.close()
    c.close()


def test_the_time_that_a_client_takes_to_read_is_not_idle_time(server, c):
    c.set(b"k", random_bytes(LARGEST_VALUE))
    slow = server.connect(receive_buffer_bytes=4096)
    slow.send(b"get k\r\n" * 8)
    wait_until(lambda: "conn_mwrite" in c.stats("conns").values(), "the socket takes no more")
    pass_seconds(c, 3)
    for _ in range(8):
        slow.until(b"END\r\n")
    wait_until(lambda: "conn_mwrite" not in c.stats("conns").values(), "all is sent")
    idle = [sec for name, sec in c.stats("conns").items() if name.endswith(":secs_since_last_cmd")]
    assert max(map(int, idle)) <= 1
    slow.close()


def test_no_connection_is_idle_unless_asked_for(c):
    assert "idle_kicks" not in c.stats()
    assert c.stats("settings")["idle_timeout"] == "0"


# Slow ones


def test_readers_that_do_not_read_disturb_no_other(server, c):
    value = random_bytes(LARGEST_VALUE)
    c.set(b"k", value)
    reply = b"VALUE k 0 %d\r\n%b\r\nEND\r\n" % (len(value), value)
    slow = [server.connect(receive_buffer_bytes=4096) for _ in range(8)]
    for client in slow:
        client.send(b"get k\r\n" * 8)
    for number in range(500):
        c.ask(b"set other 0 0 4\r\n%04d\r\n" % number, b"STORED\r\n")
        c.ask(b"get other\r\n", b"VALUE other 0 4\r\n%04d\r\nEND\r\n" % number)
    for client in slow:
        for _ in range(8):
            assert client.read(len(reply)) == reply
        client.nothing_more()
        client.close()


def test_a_reader_that_does_not_read_stops_being_read(start):
    """The server takes no more of its requests than their replies leave room for."""
    server = start()
    with server.connect(timeout_sec=1) as slow:
        slow.set(b"k", random_bytes(100000))
        with pytest.raises(TimeoutError):
            for _ in range(1000):
                slow.socket.sendall(b"get k\r\n" * 10000)
        with server.connect() as other:
            other.nothing_more()


def test_small_replies_that_are_not_read_stay_bounded(start):
    """A 256 MiB flood of requests with longer replies does not make the server grow."""
    server = start()
    with server.connect(timeout_sec=1) as slow:
        slow.ask(b"set k 0 0 1000\r\n" + b"x" * 1000 + b"\r\n", b"STORED\r\n")
        before = server.rss_peak_bytes()
        flood = b"get k k k k k k k k k k k k k k k k\r\n" * 4096
        with pytest.raises(TimeoutError):
            for _ in range((256 << 20) // len(flood)):
                slow.socket.sendall(flood)
        assert server.rss_peak_bytes() - before < 16 << 20


def test_a_writer_that_pauses_in_a_value_disturbs_no_other(server, c):
    value = random_bytes(LARGEST_VALUE)
    with server.connect() as slow:
        slow.send(b"set k 0 0 %d\r\n" % len(value), value[:500000])
        c.set(b"k", b"quick")
        for _ in range(200):
            assert c.get(b"k") == b"quick"
        slow.send(value[500000:], b"\r\n")
        slow.expect(b"STORED\r\n")
    assert c.get(b"k") == value


# Those that vanish


@pytest.mark.parametrize("leave", [Client.close, Client.reset])
@pytest.mark.parametrize(
    "sent",
    [
        b"set k 0 0 100\r\n" + b"x" * 50,
        b"set k 0 0 5000\r\n" + b"x" * 4000,
        b"set k 0 0 100000\r\n" + b"x" * 99999,
        b"set k 0 0 1000000\r\n" + b"x" * 300000,
        b"set k 0 0 1000000\r\n",
        b"append k 0 0 1000000\r\n" + b"x" * 300000,
        b"ms k 1000000\r\n" + b"x" * 300000,
        b"add k 0 0 2000000000\r\n" + b"x" * 100000,
    ],
)
def test_a_value_that_never_ends_leaves_the_old_one(server, c, sent, leave):
    c.set(b"k", b"old")
    clients = [server.connect() for _ in range(10)]
    for client in clients:
        client.send(sent)
    for client in clients:
        leave(client)
    wait_until(lambda: only_this_one(c), "the others are gone")
    assert c.get(b"k") == b"old"


@pytest.mark.parametrize("leave", [Client.close, Client.reset])
def test_a_reader_may_vanish_in_the_middle_of_a_value(server, c, leave):
    value = random_bytes(LARGEST_VALUE)
    c.set(b"k", value)
    clients = [server.connect(receive_buffer_bytes=4096) for _ in range(20)]
    for client in clients:
        client.send(b"get k\r\n" * 10)
        client.read(1000)
    for client in clients:
        leave(client)
    wait_until(lambda: only_this_one(c), "the readers are gone")
    assert c.get(b"k") == value


def test_a_waiting_connection_that_vanishes_is_noticed(server, c):
    for client in [server.connect() for _ in range(100)]:
        client.nothing_more()
        client.reset()
    wait_until(lambda: only_this_one(c), "the idle connections are gone")


def test_a_client_that_vanishes_with_unread_replies_is_noticed(server, c):
    """Its replies no longer move, and nothing is read from it: the hang-up itself must be seen."""
    c.set(b"k", random_bytes(LARGEST_VALUE))
    clients = [server.connect(receive_buffer_bytes=4096) for _ in range(10)]
    for client in clients:
        client.send(b"get k\r\n" * 50)
    for client in clients:
        client.read(1)
        client.reset()
    wait_until(lambda: only_this_one(c), "the readers are gone")
