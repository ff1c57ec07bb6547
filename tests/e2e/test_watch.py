"""watch: what happens, as lines for whoever looks, at nobody else's cost."""

import os
import re

import pytest

from binary import is_plain
from bounds import wait_until
from transports import open_door


class Watcher:
    """A client that watches, and takes one line after the other."""

    def __init__(self, server, classes: bytes = b""):
        self.client = server.connect()
        self.client.ask(b"watch " + classes + b"\r\n", b"OK\r\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()

    def line(self) -> dict[str, str]:
        """The fields of the next line."""
        text = self.client.until(b"\n")[:-1].decode()
        assert re.match(r"ts=\d+\.\d{6} gid=\d+ type=\w+ ", text) or "skipped" in text, text
        text, has_message, message = text.partition(" msg=")  # which goes on to the end
        found = dict(field.split("=", 1) for field in text.split(" "))
        return found | ({"msg": message} if has_message else {})

    def line_with(self, **wanted: str) -> dict[str, str]:
        """The next line with these fields: of connections there may be others, such as the one that
        has found the server to be there."""
        while not wanted.items() <= (line := self.line()).items():
            pass
        return line


@pytest.fixture
def watched(start):
    return start("-t", "2")


def fields(line: dict[str, str], *names: str) -> list[str]:
    return [line[name] for name in names]


FETCHES = [
    (b"get k\r\n", b"END\r\n", "found", "5"),
    (b"get gone\r\n", b"END\r\n", "not_found", "0"),
    (b"gat 0 k\r\n", b"END\r\n", "found", "5"),
    (b"mg k\r\n", b"HD\r\n", "found", "5"),
    (b"touch k 0\r\n", b"TOUCHED\r\n", "found", "5"),
    (b"incr gone 1\r\n", b"NOT_FOUND\r\n", "not_found", "0"),
    (b"delete gone\r\n", b"NOT_FOUND\r\n", "not_found", "0"),
    (b"set k 0 0 1\r\nx\r\n", b"STORED\r\n", "found", "5"),
]


@pytest.mark.parametrize("request_bytes, end, status, size", FETCHES)
def test_fetchers_see_every_look_for_an_item(watched, request_bytes, end, status, size):
    with watched.connect() as c, Watcher(watched) as watcher:
        c.set(b"k", b"value")
        assert fields(watcher.line(), "type", "status") == ["item_get", "not_found"]
        c.send(request_bytes)
        c.until(end)
        line = watcher.line()
        assert fields(line, "type", "status", "size") == ["item_get", status, size]
        assert line["key"] == ("gone" if b"gone" in request_bytes else "k")
        assert line["cfd"] + ":addr" in c.stats("conns")
        assert (int(line["clsid"]) > 0) == (status == "found")


def test_fetchers_see_what_has_expired_or_was_flushed(watched):
    with watched.connect() as c, Watcher(watched, b"fetchers") as watcher:
        c.set(b"expired", b"v", exptime=-1)
        watcher.line()
        c.ask(b"get expired\r\n", b"END\r\n")
        assert watcher.line()["status"] == "expired"
        c.set(b"flushed", b"v")
        watcher.line()
        c.ask(b"flush_all\r\nget flushed\r\n", b"OK\r\nEND\r\n")
        assert watcher.line()["status"] == "flushed"


MUTATIONS = [
    (b"set k 0 100 3\r\nabc\r\n", "stored", "set", "100", "3"),
    (b"add k 0 0 1\r\nx\r\n", "not_stored", "add", "0", "1"),
    (b"replace k 0 0 1\r\nx\r\n", "stored", "replace", "0", "1"),
    (b"append k 0 0 2\r\nxx\r\n", "stored", "append", "0", "7"),
    (b"touch k 100\r\nappend k 0 0 2\r\nxx\r\n", "stored", "append", "100", "7"),
    (b"prepend gone 0 0 2\r\nxx\r\n", "not_stored", "prepend", "0", "2"),
    (b"cas gone 0 0 1 7\r\nx\r\n", "not_found", "cas", "0", "1"),
    (b"cas k 0 0 1 0\r\nx\r\n", "exists", "cas", "0", "1"),
    (b"ms k 1\r\nx\r\n", "stored", "set", "0", "1"),
    (b"ma new N100 J25\r\n", "stored", "add", "100", "2"),
    (b"ma k\r\nset k 0 0 1\r\nx\r\n", "stored", "set", "0", "1"),
    (b"set k 0 0 20000\r\n" + b"x" * 20000 + b"\r\n", "stored", "set", "0", "20000"),
    (b"set k 0 0 2000000\r\n" + b"x" * 2000000 + b"\r\n", "too_large", "set", "0", "2000000"),
]


@pytest.mark.parametrize("request_bytes, status, cmd, ttl, size", MUTATIONS)
def test_mutations_are_every_store(watched, request_bytes, status, cmd, ttl, size):
    with watched.connect() as c:
        c.set(b"k", b"value")
        with Watcher(watched, b"mutations") as watcher:
            c.send(request_bytes)
            c.line()
            line = watcher.line()
            assert fields(line, "type", "status", "cmd", "size") == [
                "item_store", status, cmd, size,
            ]  # fmt: skip
            assert int(ttl) - 2 <= int(line["ttl"]) <= int(ttl)
            assert (int(line["clsid"]) > 0) == (status == "stored")


def test_deletions_are_items_that_a_client_has_deleted(watched):
    with watched.connect() as c, Watcher(watched, b"deletions") as watcher:
        for request in (b"delete a b\r\n", b"delete gone\r\n", b"md stale I\r\n"):
            c.set(b"stale", b"v")
            c.send(request)
            c.line()
        c.set(b"a", b"value")
        c.ask(b"delete a\r\n", b"DELETED\r\n")
        assert fields(watcher.line(), "key", "cmd", "size") == ["a", "delete", "5"]
        c.ask(b"ms AAEC 2 b\r\nxx\r\nmd AAEC b\r\n", b"HD\r\nHD\r\n")
        assert fields(watcher.line(), "key", "cmd", "size") == ["%00%01%02", "md", "2"]


def test_evictions_tell_what_had_to_go(start):
    server = start("-m", "8")
    with server.connect() as c, Watcher(server, b"evictions") as watcher:
        for number in range(20000):
            c.send(b"set k%d 0 %d 1000 noreply\r\n" % (number, number % 2 * 500))
            c.send(b"x" * 1000 + b"\r\n")
        c.nothing_more()
        line = watcher.line()
        assert fields(line, "type", "fetch", "size") == ["eviction", "no", "1000"]
        number = int(line["key"].removeprefix("k"))
        assert (line["ttl"] == "-1") == (number % 2 == 0)
        assert int(line["la"]) >= 0
        assert int(line["clsid"]) > 0
        c.ask(b"get k%d\r\n" % number, b"END\r\n")
        assert int(server.stats()["evictions"]) > 0


def test_connevents_tell_who_comes_and_goes(watched):
    with Watcher(watched, b"connevents") as watcher:
        with watched.connect() as c:
            c.nothing_more()
            host, port = c.socket.getsockname()
            line = watcher.line_with(type="conn_new", rport=str(port))
            assert fields(line, "rip", "transport") == [host, "tcp"]
            descriptor = line["cfd"]
        line = watcher.line_with(type="conn_close", rport=str(port))
        assert fields(line, "rip", "reason", "cfd") == [host, "normal", descriptor]


def test_connevents_tell_of_connections_that_were_idle_for_too_long(start):
    server = start("-o", "idle_timeout=1")
    with Watcher(server, b"connevents") as watcher, server.connect() as c:
        port = str(c.socket.getsockname()[1])
        line = watcher.line_with(type="conn_close", rport=port)
        assert line["reason"] == "idle_timeout"


def test_connevents_tell_of_connections_that_fail(watched):
    with Watcher(watched, b"connevents") as watcher, watched.connect() as c:
        c.nothing_more()
        port = c.socket.getsockname()[1]
        descriptor = watcher.line_with(type="conn_new", rport=str(port))["cfd"]
        c.reset()
        line = watcher.line_with(type="connerr")
        assert fields(line, "fd", "msg") == [descriptor, "Connection reset by peer"]
        assert watcher.line_with(type="conn_close")["reason"] == "error"


def test_connevents_tell_of_connections_that_are_refused(start):
    server = start("-c", "2")
    with Watcher(server, b"connevents") as watcher, server.connect(), server.connect():
        assert watcher.line_with(type="connerr")["msg"] == "too many open connections"


@pytest.mark.parametrize("transport", ["TLS 1.2", "TLS 1.3"])
def test_connevents_tell_of_what_fails_at_tls(start, tmp_path, transport):
    door = open_door(transport, start, tmp_path)
    with Watcher(door, b"connevents") as watcher:
        with door.server.connect() as plain:
            plain.send(b"version\r\n")
            line = watcher.line_with(type="conntlserr", msg="wrong version number")
            assert int(line["fd"]) > 0
        with door.connect() as c:
            c.nothing_more()
            os.write(c.socket.fileno(), b"no record of TLS at all\r\n")
            descriptor = watcher.line_with(type="conntlserr", msg="wrong version number")["fd"]
            line = watcher.line_with(type="conn_close", cfd=descriptor)
            assert line["reason"] == "error"


def test_sysevents_tell_of_crawls_and_moved_pages(watched):
    with watched.connect() as c, Watcher(watched, b"sysevents") as watcher:
        c.set(b"k", b"v")
        c.ask(b"lru_crawler crawl all\r\n", b"OK\r\n")
        assert watcher.line()["type"] == "lru_crawler"
        c.ask_line(b"slabs reassign -1 3\r\n")
        assert fields(watcher.line(), "type", "src", "dst") == ["slab_move", "-1", "3"]


def test_each_watcher_gets_its_own_classes(watched):
    with watched.connect() as c, Watcher(watched, b"deletions") as deletions:
        with Watcher(watched, b"fetchers mutations") as both:
            c.set(b"k", b"v")
            c.ask(b"delete k\r\n", b"DELETED\r\n")
            assert [both.line()["type"] for _ in range(3)] == ["item_get", "item_store", "item_get"]
            assert deletions.line()["type"] == "deleted"


@pytest.mark.parametrize("name", [b"rawcmds", b"proxyreqs", b"proxyevents", b"proxyuser"])
def test_what_never_happens_here_can_be_watched(watched, name):
    with watched.connect() as c, Watcher(watched, name):
        c.nothing_more()


def test_what_cannot_be_watched(c, start):
    c.ask(b"watch nothing\r\n", b"ERROR\r\n")
    c.ask(b"watch fetchers nothing\r\n", b"ERROR\r\n")
    c.ask(
        b"get a\r\nwatch fetchers\r\n",
        b"END\r\nERROR cannot pipeline other commands before watch\r\n",
    )
    with start("-W").connect() as client:
        client.ask(b"watch\r\n", b"CLIENT_ERROR watch commands not allowed\r\n")


def test_no_more_than_twenty_watch(watched):
    watchers = [Watcher(watched) for _ in range(20)]
    with watched.connect() as c:
        assert c.stats()["log_watchers"] == "20"
        c.ask(b"watch\r\n", b"WATCHER_TOO_MANY log watcher limit reached\r\n")
        # A watcher has its OK a moment before its state is told.
        wait_until(
            lambda: list(c.stats("conns").values()).count("conn_watch") == 20, "all are told"
        )
        watchers.pop().client.close()
        wait_until(lambda: c.stats()["log_watchers"] == "19", "one has gone")
        watchers.append(Watcher(watched))
    for watcher in watchers:
        watcher.client.close()
    wait_until(lambda: watched.stats()["log_watchers"] == "0", "all have gone")


def test_what_a_watcher_sends_means_nothing(watched):
    with Watcher(watched, b"mutations") as watcher, watched.connect() as c:
        watcher.client.send(b"set k 0 0 1\r\nx\r\n" * 10000)
        c.set(b"k", b"v")
        assert watcher.line()["size"] == "1"
        c.ask(b"get other\r\n", b"END\r\n")
        assert c.stats()["cmd_set"] == "1"


def test_a_watcher_that_does_not_read_costs_bounded_memory_and_nobodys_time(watched):
    """What it misses is counted, and told once it reads again."""
    with watched.connect() as c:
        stuck = watched.connect(receive_buffer_bytes=4096)
        stuck.ask(b"watch fetchers\r\n", b"OK\r\n")
        before = watched.rss_bytes()

        def skips() -> bool:
            c.send(b"".join(b"get %b%d\r\n" % (b"k" * 200, n) for n in range(500)), b"mn\r\n")
            c.until(b"MN\r\n")
            return int(c.stats()["log_watcher_skipped"]) > 0

        wait_until(skips, "lines are skipped", 60)
        if is_plain():  # a sanitizer keeps what has been freed
            assert watched.rss_bytes() - before < 8 << 20
        skipped = None
        while skipped is None:
            c.send(b"get a\r\n")
            line = stuck.until(b"\n")
            if line.startswith(b"skipped="):
                skipped = int(line[8:-1])
        assert skipped > 0
        stuck.close()


def test_the_log_is_counted_and_reset(watched):
    with watched.connect() as c, Watcher(watched) as watcher:
        for _ in range(10):
            c.ask(b"get k\r\n", b"END\r\n")
        for _ in range(10):
            watcher.line()
        stats = c.stats()
        names = ["written", "dropped"]
        assert fields(stats, *(f"log_worker_{name}" for name in names)) == ["10", "0"]
        assert fields(stats, "log_watcher_sent", "log_watcher_skipped") == ["10", "0"]
        c.ask(b"stats reset\r\n", b"RESET\r\n")
        stats = c.stats()
        assert fields(stats, "log_worker_written", "log_watcher_sent") == ["0", "0"]
        assert stats["log_watchers"] == "1"


# A hundred events of one turn: 30 KB of lines.
BURST = b"get" + b"".join(b" %0200d" % number for number in range(100)) + b"\r\n"


@pytest.mark.parametrize("option, lost", [
    ("worker_logbuf_size", "log_worker_dropped"),
    ("watcher_logbuf_size", "log_watcher_skipped"),
])  # fmt: skip
def test_the_buffers_are_as_large_as_they_are_asked_to_be(start, option, lost):
    with start().connect() as c:
        assert fields(c.stats("settings"), "worker_logbuf_size", "watcher_logbuf_size") == [
            str(64 << 10),
            str(256 << 10),
        ]
    for kib, is_small in ((2, True), (400, False)):
        server = start("-o", f"{option}={kib}")
        with server.connect() as c, Watcher(server) as watcher:
            assert c.stats("settings")[option] == str(kib << 10)
            c.ask(BURST, b"END\r\n")
            if is_small:
                wait_until(lambda: _loses(c, lost), "lines are lost")
            else:
                for _ in range(100):
                    assert watcher.line()["type"] == "item_get"
                assert c.stats()[lost] == "0"


def _loses(c, lost: str) -> bool:
    c.ask(BURST, b"END\r\n")
    return c.stats()[lost] != "0"


def test_a_server_with_watchers_ends_at_once(start):
    server = start()
    with Watcher(server, b"fetchers") as watcher:
        server.process.terminate()
        watcher.client.closed()


def test_who_begins_to_watch_while_the_server_ends_is_closed_at_once(start):
    """It would get lines until the deadline otherwise, when the server complains."""
    server = start("-t", "1")
    with server.connect() as c, server.connect() as idle:
        c.send(b"wat")
        server.process.terminate()
        idle.closed()  # and so c waits for the rest of its request, and for nothing else
        c.send(b"ch\r\n")
        c.until(b"OK\r\n")
        c.closed()
        server.stop()
    assert b"drain deadline" not in server.stderr()


def test_over_a_unix_socket(start, tmp_path):
    path = str(tmp_path / "socket")
    server = start("-s", path)
    with Watcher(server, b"connevents") as watcher, server.connect() as c:
        c.nothing_more()
        line = watcher.line_with(type="conn_new")
        assert fields(line, "rip", "transport") == ["unix", "local"]
