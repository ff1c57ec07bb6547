"""lru_crawler metadump and mgdump, and stats cachedump: lists of keys that cost nobody anything."""

import re

import pytest

from bounds import wait_until

KEYS = 50_000


def fill(client, first: int, last: int, name: bytes = b"k") -> None:
    client.send(
        b"".join(b"set %b%d 0 0 5 noreply\r\nvalue\r\n" % (name, n) for n in range(first, last))
    )
    client.nothing_more()


def metadump(client, classes: bytes = b"all") -> list[str]:
    """The keys of a dump."""
    client.ask(b"lru_crawler metadump " + classes + b"\r\n", b"OK\r\n")
    text = client.until(b"\nEND\r\n").decode()
    return re.findall(r"^key=(\S+) exp=\S+ la=\d+ cas=\d+ fetch=\S+ cls=\d+ size=\d+ flags=\d+ $",
                      text, re.MULTILINE)


@pytest.fixture(scope="module")
def filled(start_for_module):
    server = start_for_module("-t", "2")
    with server.connect() as client:
        fill(client, 0, KEYS)
    return server


def test_metadump_lists_every_key_once(filled):
    with filled.connect() as client:
        keys = metadump(client)
        assert len(keys) == KEYS
        assert set(keys) == {f"k{n}" for n in range(KEYS)}
        assert sorted(metadump(client, b"hash")) == sorted(keys)
        client.nothing_more()


def test_mgdump_lists_requests(filled):
    with filled.connect() as client:
        client.ask(b"lru_crawler mgdump hash\r\n", b"OK\r\n")
        requests = client.until(b"EN\r\n")[:-4]
        assert requests.count(b"\r\n") == KEYS
        client.send(requests.replace(b"\r\n", b" s q\r\n"), b"mn\r\n")
        assert client.until(b"MN\r\n").count(b"HD s5\r\n") == KEYS


def test_a_dump_lists_what_stays_while_the_index_grows(start):
    server = start("-t", "2")
    with server.connect() as client, server.connect() as other:
        fill(client, 0, 20_000)
        client.send(b"lru_crawler metadump all\r\n")
        fill(other, 0, 200_000, b"new")
        client.expect(b"OK\r\n")
        lines = client.until(b"\nEND\r\n").split(b"\n")
        old = [line.split(b" ")[0] for line in lines if line.startswith(b"key=k")]
        assert sorted(old) == sorted(b"key=k%d" % n for n in range(20_000))


def test_a_client_that_does_not_read_its_dump_costs_nothing(filled):
    with filled.connect() as reader:
        reader.nothing_more()
        before = filled.rss_bytes()
        stuck = [filled.connect(receive_buffer_bytes=4096) for _ in range(30)]
        for client in stuck:
            client.send(b"lru_crawler metadump all\r\n" * 10)
        wait_until(
            lambda: list(reader.stats("conns").values()).count("conn_mwrite") >= len(stuck),
            "all that were asked for a dump wait for their clients",
        )
        for number in range(100):
            assert reader.get(b"k%d" % number) == b"value"
        assert filled.rss_bytes() - before < 20 << 20
        for client in stuck:
            client.close()


def test_a_client_that_leaves_during_its_dump_disturbs_nobody(filled):
    with filled.connect() as other:
        for _ in range(20):
            client = filled.connect(receive_buffer_bytes=4096)
            client.send(b"lru_crawler metadump all\r\n")
            client.expect(b"OK\r\n")
            client.reset()
        wait_until(lambda: other.stats()["curr_connections"] == "1", "they have been closed")
        other.nothing_more()


def test_a_dump_that_a_client_reads_ends_before_the_server_does(start):
    server = start()
    with server.connect() as client:
        fill(client, 0, KEYS)
        client.send(b"lru_crawler mgdump all\r\n")
        client.expect(b"OK\r\n")
        server.process.terminate()
        assert client.until(b"EN\r\n").count(b"mg k") == KEYS
        client.closed()


def test_nothing_may_be_unanswered_before_a_dump(c):
    c.ask(
        b"get a\r\nlru_crawler metadump all\r\n",
        b"END\r\nERROR cannot pipeline other commands before metadump\r\n",
    )
    c.ask(
        b"get a\r\nlru_crawler mgdump all\r\n",
        b"END\r\nERROR cannot pipeline other commands before mgdump\r\n",
    )


def test_keys_are_not_listed_under_x(start):
    with start("-X").connect() as client:
        client.ask(b"lru_crawler metadump all\r\n", b"ERROR metadump not allowed\r\n")
        client.ask(b"lru_crawler mgdump all\r\n", b"ERROR key dump not allowed\r\n")
        client.ask(b"stats cachedump 1 1\r\n", b"CLIENT_ERROR stats cachedump not allowed\r\n")


def test_cachedump_lists_a_class(filled):
    with filled.connect() as client:
        number = re.search(rb" cls=(\d+) ", client.ask_line(b"me k1\r\n"))[1]
        client.send(b"stats cachedump %b 5\r\n" % number)
        lines = client.until(b"END\r\n").split(b"\r\n")
        assert len(lines) == 5 + 2
        assert all(re.fullmatch(rb"ITEM k\d+ \[5 b; 0 s\]", line) for line in lines[:5])


@pytest.mark.parametrize(
    "arguments, reply",
    [
        (b"", b"CLIENT_ERROR bad command line"),
        (b" 1", b"CLIENT_ERROR bad command line"),
        (b" x 1", b"CLIENT_ERROR bad command line format"),
        (b" 5000 1", b"CLIENT_ERROR Illegal slab id"),
    ],
)
def test_what_cachedump_refuses(c, arguments, reply):
    c.ask(b"stats cachedump" + arguments + b"\r\n", reply + b"\r\n")


def test_a_key_that_no_line_can_hold_is_dumped_whole(c):
    c.ask(b"ms AAogJQ== 1 b\r\nx\r\n", b"HD\r\n")
    assert metadump(c) == ["%00%0A%20%25"]
    c.ask(b"lru_crawler mgdump hash\r\n", b"OK\r\nmg AAogJQ== b\r\nEN\r\n")


def test_the_dump_of_an_empty_cache(start):
    with start().connect() as client:
        client.ask(b"lru_crawler metadump all\r\n", b"NOTSTARTED no items to crawl\r\n")
        client.ask(b"lru_crawler metadump hash\r\n", b"OK\r\nEND\r\n")
        client.ask(b"lru_crawler mgdump hash\r\n", b"OK\r\nEN\r\n")


def test_a_slow_reader_gets_its_dump_whole(filled):
    with filled.connect(receive_buffer_bytes=4096) as client:
        client.ask(b"lru_crawler mgdump all\r\n", b"OK\r\n")
        keys = 0
        while (line := client.line()) != b"EN":
            assert line.startswith(b"mg k")
            keys += 1
        assert keys == KEYS
