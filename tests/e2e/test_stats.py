"""stats: the names that dashboards know, in memcached's order, and values that are true."""

import itertools
import re
import time

import pytest

from bounds import wait_until
from filling import fill
from replies import NO_MEMORY
from values import random_bytes

#: Every name of `stats` that memcached 1.6.45 shows under default flags, in its order.
GENERAL_NAMES = """
    pid uptime time version libevent pointer_size rusage_user rusage_system max_connections
    curr_connections total_connections rejected_connections connection_structures
    response_obj_oom response_obj_count response_obj_bytes read_buf_count read_buf_bytes
    read_buf_bytes_free read_buf_oom reserved_fds cmd_get cmd_set cmd_flush cmd_touch cmd_meta
    get_hits get_misses get_expired get_flushed delete_misses delete_hits incr_misses incr_hits
    decr_misses decr_hits cas_misses cas_hits cas_badval touch_hits touch_misses store_too_large
    store_no_memory auth_cmds auth_errors bytes_read bytes_written limit_maxbytes accepting_conns
    listen_disabled_num time_in_listen_disabled_us threads conn_yields hash_power_level hash_bytes
    hash_is_expanding slab_reassign_rescues slab_reassign_chunk_rescues
    slab_reassign_inline_reclaim slab_reassign_busy_items slab_reassign_busy_deletes
    slab_reassign_busy_nomem slab_reassign_last_busy_status slab_reassign_running slabs_moved
    lru_crawler_running lru_crawler_starts lru_maintainer_juggles malloc_fails log_worker_dropped
    log_worker_written log_watcher_skipped log_watcher_sent log_watchers unexpected_napi_ids
    round_robin_fallback bytes curr_items total_items slab_global_page_pool expired_unfetched
    evicted_unfetched evicted_active evictions reclaimed crawler_reclaimed crawler_items_checked
    lrutail_reflocked moves_to_cold moves_to_warm moves_within_lru direct_reclaims
    lru_bumps_dropped
""".split()

SETTINGS_NAMES = """
    maxbytes maxconns tcpport udpport inter verbosity oldest evictions domain_socket umask
    shutdown_command growth_factor chunk_size num_threads num_threads_per_udp stat_key_prefix
    detail_enabled reqs_per_event cas_enabled tcp_backlog binding_protocol auth_enabled_sasl
    auth_enabled_ascii item_size_max maxconns_fast hashpower_init slab_reassign slab_automove
    slab_automove_ratio slab_automove_window slab_chunk_max lru_crawler lru_crawler_sleep
    lru_crawler_tocrawl tail_repair_time flush_enabled dump_enabled hash_algorithm
    lru_maintainer_thread lru_segmented hot_lru_pct warm_lru_pct hot_max_factor warm_max_factor
    temp_lru temporary_ttl idle_timeout watcher_logbuf_size worker_logbuf_size read_buf_mem_limit
    track_sizes inline_ascii_response num_napi_ids memory_file client_flags_size
""".split()

ITEMS_FIELDS = """
    number number_hot number_warm number_cold number_temp age_hot age_warm age mem_requested evicted
    evicted_nonzero evicted_time outofmemory tailrepairs reclaimed expired_unfetched
    evicted_unfetched evicted_active crawler_reclaimed crawler_items_checked lrutail_reflocked
    moves_to_cold moves_to_warm moves_within_lru direct_reclaims hits_to_hot hits_to_warm
    hits_to_cold hits_to_temp
""".split()

SLABS_FIELDS = """
    chunk_size chunks_per_page total_pages total_chunks used_chunks free_chunks free_chunks_end
    get_hits cmd_set delete_hits incr_hits decr_hits cas_hits cas_badval touch_hits
""".split()


def in_order(names, stats: dict[str, str]) -> list[str]:
    """Those of `names` that stand in `stats`, in its order."""
    wanted = set(names)
    return [name for name in stats if name in wanted]


def by_class(stats: dict[str, str], prefix: str) -> dict[int, dict[str, str]]:
    """The fields of each slab class of `stats items` or `stats slabs`."""
    classes: dict[int, dict[str, str]] = {}
    for name, value in stats.items():
        if match := re.fullmatch(prefix + r"(\d+):(\w+)", name):
            classes.setdefault(int(match[1]), {})[match[2]] = value
    return classes


# General


def test_all_general_names_are_there_in_memcacheds_order(c):
    assert in_order(GENERAL_NAMES, c.stats()) == GENERAL_NAMES


def test_the_general_values_describe_the_process(start):
    server = start("-m", "100", "-t", "3", "-c", "77")
    with server.connect() as c:
        stats = c.stats()
        assert int(stats["pid"]) == server.process.pid
        assert stats["version"] == "1.6.45"
        assert stats["pointer_size"] == "64"
        assert stats["threads"] == "3"
        assert stats["max_connections"] == "77"
        assert stats["limit_maxbytes"] == str(100 << 20)
        assert stats["accepting_conns"] == "1"
        assert stats["curr_items"] == "0"
        for name in ("rusage_user", "rusage_system"):
            assert re.fullmatch(r"\d+\.\d{6}", stats[name])


def test_time_passes_as_on_the_wall(c):
    before = int(time.time())
    stats = c.stats()
    assert before - 1 <= int(stats["time"]) <= int(time.time()) + 1
    assert 0 <= int(stats["uptime"]) < 3600


#: What happens, and by how much each counter moves. An item `k` holding 10 exists before.
EVENTS = [
    (b"get k\r\n", b"END\r\n", {"cmd_get": 1, "get_hits": 1}),
    (b"get gone\r\n", b"END\r\n", {"cmd_get": 1, "get_misses": 1}),
    (b"gets k gone k\r\n", b"END\r\n", {"cmd_get": 3, "get_hits": 2, "get_misses": 1}),
    (b"gat 0 k gone\r\n", b"END\r\n", {"cmd_touch": 2, "touch_hits": 1, "touch_misses": 1}),
    (b"touch k 0\r\n", b"TOUCHED\r\n", {"cmd_touch": 1, "touch_hits": 1}),
    (b"touch gone 0\r\n", b"NOT_FOUND\r\n", {"cmd_touch": 1, "touch_misses": 1}),
    (b"mg k v\r\n", b"10\r\n", {"cmd_get": 1, "get_hits": 1}),
    (b"mg gone v\r\n", b"EN\r\n", {"cmd_get": 1, "get_misses": 1}),
    (b"mg k T0\r\n", b"HD\r\n", {"cmd_touch": 1, "touch_hits": 1}),
    (b"mg gone T0\r\n", b"EN\r\n", {"cmd_touch": 1, "touch_misses": 1}),
    (b"mg new N0\r\n", b"HD W\r\n", {"cmd_get": 1, "get_hits": 1, "total_items": 1}),
    (b"ma number N0\r\n", b"HD\r\n", {"total_items": 1}),
    (b"set k 0 0 1\r\na\r\n", b"STORED\r\n", {"cmd_set": 1, "total_items": 1}),
    (b"ms k 1\r\na\r\n", b"HD\r\n", {"cmd_set": 1, "total_items": 1}),
    (b"add added 0 0 1\r\na\r\n", b"STORED\r\n", {"cmd_set": 1, "curr_items": 1, "total_items": 1}),
    (b"cas gone 0 0 1 5\r\na\r\n", b"NOT_FOUND\r\n", {"cas_misses": 1}),
    (b"cas k 0 0 1 0\r\na\r\n", b"EXISTS\r\n", {"cas_badval": 1}),
    (b"ms k 1 C77\r\na\r\n", b"HD\r\n", {"cas_hits": 1}),
    (b"delete k\r\n", b"DELETED\r\n", {"delete_hits": 1, "curr_items": -1}),
    (b"delete gone\r\n", b"NOT_FOUND\r\n", {"delete_misses": 1}),
    (b"md k\r\n", b"HD\r\n", {"delete_hits": 1, "curr_items": -1}),
    (b"md gone\r\n", b"NF\r\n", {"delete_misses": 1}),
    (b"md k I\r\n", b"HD\r\n", {}),
    (b"incr k 1\r\n", b"11\r\n", {"incr_hits": 1}),
    (b"incr gone 1\r\n", b"NOT_FOUND\r\n", {"incr_misses": 1}),
    (b"decr k 1\r\n", b"9\r\n", {"decr_hits": 1}),
    (b"decr gone 1\r\n", b"NOT_FOUND\r\n", {"decr_misses": 1}),
    (b"ma k\r\n", b"HD\r\n", {"incr_hits": 1}),
    (b"ma gone MD\r\n", b"NF\r\n", {"decr_misses": 1}),
    (b"me k\r\n", b"\r\n", {"cmd_meta": 1}),
    (b"flush_all\r\n", b"OK\r\n", {"cmd_flush": 1}),
    (b"mn\r\n", b"MN\r\n", {}),
    (b"set k 0 0 1048576\r\n" + b"x" * 1048576 + b"\r\n", b"\r\n", {"store_too_large": 1}),
]

#: Counters that no other event of the table moves.
EXACT = """
    cmd_get cmd_flush cmd_touch cmd_meta get_hits get_misses delete_misses delete_hits incr_misses
    incr_hits decr_misses decr_hits cas_misses cas_hits cas_badval touch_hits touch_misses
    store_too_large store_no_memory evictions
""".split()


@pytest.mark.parametrize(
    "request_bytes, end, moves", EVENTS, ids=[event[0][:20].decode().strip() for event in EVENTS]
)
def test_a_command_moves_its_counters(c, request_bytes, end, moves):
    c.ask(b"ms k 2 E77\r\n10\r\n", b"HD\r\n")
    before = c.stats()
    c.send(request_bytes)
    c.until(end)
    after = c.stats()
    moved = {name: int(after[name]) - int(before[name]) for name in {*EXACT, *moves}}
    assert {name: by for name, by in moved.items() if by} == moves


def test_an_expired_or_flushed_item_counts_as_such_when_it_is_missed(c):
    c.set(b"expired", b"v", exptime=-1)
    c.set(b"flushed", b"v")
    c.ask(b"flush_all\r\n", b"OK\r\n")
    before = c.stats()
    c.ask(b"get flushed\r\n", b"END\r\n")
    after = c.stats()
    assert int(after["get_misses"]) - int(before["get_misses"]) == 1
    assert int(after["get_flushed"]) - int(before["get_flushed"]) == 1


@pytest.mark.parametrize(
    "request_bytes, end",
    [
        (b"get k\r\n", b"END\r\n"),
        (b"gat 0 k\r\n", b"END\r\n"),
        (b"touch k 0\r\n", b"NOT_FOUND\r\n"),
        (b"me k\r\n", b"EN\r\n"),
        (b"set k 0 0 1\r\na\r\n", b"STORED\r\n"),
        (b"set k 0 0 20000\r\n" + b"a" * 20000 + b"\r\n", b"STORED\r\n"),
        (b"append k 0 0 1\r\na\r\n", b"NOT_STORED\r\n"),
        (b"incr k 1\r\n", b"NOT_FOUND\r\n"),
        (b"md k\r\n", b"NF\r\n"),
    ],
    ids=lambda value: value[:20].decode().strip(),
)
def test_any_command_counts_the_expired_or_flushed_item_that_it_meets(c, request_bytes, end):
    for counter, death in [("get_expired", b"touch k -1\r\n"), ("get_flushed", b"flush_all\r\n")]:
        c.set(b"k", b"1")
        c.send(death)
        c.line()
        before = c.stats()
        c.ask(request_bytes, end)
        assert int(c.stats()[counter]) - int(before[counter]) == 1


def test_bytes_on_the_wire_are_counted(c):
    before = c.stats()
    c.set(b"k", b"x" * 100000)
    assert len(c.get(b"k")) == 100000
    after = c.stats()
    assert int(after["bytes_read"]) - int(before["bytes_read"]) > 100000
    assert int(after["bytes_written"]) - int(before["bytes_written"]) > 100000


def test_bytes_of_items_come_and_go(start):
    with start().connect() as c:
        c.set(b"k", b"x" * 10000)
        assert 10000 + 1 < int(c.stats()["bytes"]) < 10000 + 1 + 200
        c.ask(b"delete k\r\n", b"DELETED\r\n")
        assert c.stats()["bytes"] == "0"


def test_connections_are_counted(start):
    server = start()
    with server.connect() as c:
        wait_until(lambda: c.stats()["curr_connections"] == "1", "only this connection is left")
        total = int(c.stats()["total_connections"])
        others = [server.connect() for _ in range(10)]
        for other in others:
            other.nothing_more()
        stats = c.stats()
        assert stats["curr_connections"] == "11"
        assert int(stats["total_connections"]) == total + 10
        for other in others:
            other.close()
        wait_until(lambda: c.stats()["curr_connections"] == "1", "the others have been closed")


def test_counters_of_all_workers_are_added(start):
    server = start("-t", "4")
    clients = [server.connect() for _ in range(16)]
    for client in clients:
        for _ in range(10):
            client.ask(b"get k\r\n", b"END\r\n")
    assert clients[0].stats()["cmd_get"] == "160"
    assert clients[7].stats()["get_misses"] == "160"
    for client in clients:
        client.close()


def test_an_unknown_group_is_an_error(c):
    c.ask(b"stats nonsense\r\n", b"ERROR\r\n")


# reset


def test_reset_zeroes_counters_and_keeps_the_rest(start):
    server = start()
    with server.connect() as c:
        c.set(b"k", b"v")
        c.ask(b"get k gone\r\n", b"VALUE k 0 1\r\nv\r\nEND\r\n")
        before = c.stats()
        c.ask(b"stats reset\r\n", b"RESET\r\n")
        stats = c.stats()
        for name in ("cmd_get", "cmd_set", "get_hits", "get_misses", "evictions", "total_items"):
            assert stats[name] == "0", name
        for name in ("pid", "curr_items", "bytes", "limit_maxbytes", "threads"):
            assert stats[name] == before[name], name
        assert int(stats["bytes_written"]) < int(before["bytes_written"])
        assert c.get(b"k") == b"v"


# settings


def test_all_settings_are_there_in_memcacheds_order(c):
    assert in_order(SETTINGS_NAMES, c.stats("settings")) == SETTINGS_NAMES


def test_settings_are_the_default_ones(server, c):
    settings = c.stats("settings")
    expected = {
        "maxbytes": str(64 << 20),
        "maxconns": "1024",
        "udpport": "0",
        "evictions": "on",
        "domain_socket": "NULL",
        "num_threads": "4",
        "cas_enabled": "yes",
        "item_size_max": str(1 << 20),
        "reqs_per_event": "20",
        "tcp_backlog": "1024",
        "flush_enabled": "yes",
        "auth_enabled_ascii": "no",
        "auth_enabled_sasl": "no",
        "client_flags_size": "4",
    }
    assert {name: settings[name] for name in expected} == expected


def test_settings_follow_the_flags(start):
    flags = "-m 256 -I 8m -c 99 -t 2 -M -C -b 77 -R 5"
    settings = start(*flags.split()).stats("settings")
    expected = {
        "maxbytes": str(256 << 20),
        "item_size_max": str(8 << 20),
        "maxconns": "99",
        "num_threads": "2",
        "evictions": "off",
        "cas_enabled": "no",
        "tcp_backlog": "77",
        "reqs_per_event": "5",
    }
    assert {name: settings[name] for name in expected} == expected


# items and slabs


def test_an_empty_cache_has_no_items_lines(start):
    assert start().stats("items") == {}


def test_items_shows_each_class_that_holds_items(start):
    with start().connect() as c:
        sizes = [10, 100, 1000, 10000, 100000, 500000]
        for size in sizes:
            for number in range(3):
                c.set(b"k%d-%d" % (size, number), b"x" * size)
        classes = by_class(c.stats("items"), "items:")
        assert sum(int(fields["number"]) for fields in classes.values()) == 3 * len(sizes)
        assert len(classes) > 3
        for number, fields in classes.items():
            assert 1 <= number
            assert in_order(ITEMS_FIELDS, fields) == ITEMS_FIELDS
            assert all(re.fullmatch(r"\d+", value) for value in fields.values())
        requested = sum(int(fields["mem_requested"]) for fields in classes.values())
        assert requested == int(c.stats()["bytes"])


def test_bytes_of_a_full_memory_are_below_its_limit(start):
    """Of the smallest items the headers are most: alarms compare the two."""
    with start("-m", "8").connect() as c:
        fill(c, 600_000, 2)
        stats = c.stats()
        assert int(stats["evictions"]) > 0
        assert int(stats["bytes"]) < int(stats["limit_maxbytes"])
        slabs = by_class(c.stats("slabs"), "")
        for number, fields in by_class(c.stats("items"), "items:").items():
            chunk_bytes = int(slabs[number]["chunk_size"]) * int(slabs[number]["used_chunks"])
            assert int(fields["mem_requested"]) <= chunk_bytes


@pytest.mark.parametrize("size", [100, 4000, 10000, 300000])
def test_stores_refused_for_want_of_memory_count_in_their_class(start, size):
    with start("-M", "-m", "8").connect() as c:
        value = random_bytes(size)
        refused = 0
        numbers = itertools.count()
        while refused < 10:
            keys = [b"k%d" % number for number in itertools.islice(numbers, 50)]
            c.send(b"".join(b"set %b 0 0 %d\r\n%b\r\n" % (key, size, value) for key in keys))
            refused += [c.line() for _ in keys].count(NO_MEMORY.rstrip())
        assert int(c.stats()["store_no_memory"]) == refused
        classes = by_class(c.stats("items"), "items:")
        counts = {number: int(fields["outofmemory"]) for number, fields in classes.items()}
        assert sum(counts.values()) == refused
        assert max(counts, key=counts.get) == max(classes, key=lambda n: int(classes[n]["number"]))


def test_slabs_shows_the_pages_of_large_values(start):
    with start("-I", "4m").connect() as c:
        for size in (70_000, 900_000, 2_000_000):
            c.set(b"k%d" % size, random_bytes(size))
        [number] = by_class(c.stats("items"), "items:")
        fields = by_class(c.stats("slabs"), "")[number]
        pages = sum(size // 65536 for size in (70_000, 900_000, 2_000_000))
        assert pages <= int(fields["total_pages"]) <= pages + 3
        assert fields["chunk_size"] == "65536" and fields["chunks_per_page"] == "1"
        assert fields["used_chunks"] == fields["total_chunks"] == fields["total_pages"]
        c.ask(b"flush_all\r\n", b"OK\r\n")
        for size in (70_000, 900_000, 2_000_000):
            c.ask(b"get k%d\r\n" % size, b"END\r\n")
        assert number not in by_class(c.stats("slabs"), "")


def test_slabs_shows_each_class_and_totals(start):
    with start().connect() as c:
        for size in (10, 100, 1000):
            c.set(b"k%d" % size, b"x" * size)
            assert c.get(b"k%d" % size) is not None
        stats = c.stats("slabs")
        classes = by_class(stats, "")
        for fields in classes.values():
            assert in_order(SLABS_FIELDS, fields) == SLABS_FIELDS
            assert int(fields["used_chunks"]) + int(fields["free_chunks"]) <= int(
                fields["total_chunks"]
            )
        assert int(stats["active_slabs"]) == len(classes)
        assert int(stats["total_malloced"]) > 0
        assert sum(int(fields["cmd_set"]) for fields in classes.values()) == 3
        assert sum(int(fields["get_hits"]) for fields in classes.values()) == 3


def test_items_shows_what_eviction_does(start):
    """`cold` is on probation, `warm` protected, and nothing is `hot`."""
    with start("-m", "8").connect() as c:
        value = b"x" * 1000
        for number in range(20000):
            c.set(b"k%d" % number, value)
            if number % 10 == 0:
                c.get(b"k%d" % number)
        classes = by_class(c.stats("items"), "items:")
        (fields,) = (each for each in classes.values() if int(each["number"]) > 1000)
        assert int(fields["number_warm"]) > 0
        assert fields["number_hot"] == "0"
        assert int(fields["number_warm"]) + int(fields["number_cold"]) == int(fields["number"])
        # Now and then a key is taken for the ghost of another.
        mistaken = int(fields["ghost_hits"])
        assert mistaken < 20
        assert int(fields["moves_to_warm"]) + mistaken >= int(fields["number_warm"])
        assert int(c.stats()["moves_to_warm"]) >= int(fields["moves_to_warm"])
        evicted = [n for n in range(20000) if c.get(b"k%d" % n) is None]
        for number in evicted[-100:]:
            c.set(b"k%d" % number, value)
        fields = by_class(c.stats("items"), "items:")
        assert sum(int(each["ghost_hits"]) for each in fields.values()) > mistaken + 10


def test_items_tells_which_queue_the_hits_met(start):
    with start().connect() as c:
        c.ask(b"lru temp_ttl 60\r\n", b"OK\r\n")
        c.set(b"usual", b"v")
        c.set(b"short", b"v", exptime=10)
        for _ in range(3):
            c.get(b"usual")
        c.get(b"short")
        c.ask(b"touch usual 0\r\n", b"TOUCHED\r\n")
        hits = {"hot": 0, "warm": 0, "cold": 0, "temp": 0}
        for fields in by_class(c.stats("items"), "items:").values():
            for queue in hits:
                hits[queue] += int(fields["hits_to_" + queue])
        assert hits == {"hot": 0, "warm": 0, "cold": 3, "temp": 1}
        c.ask(b"stats reset\r\n", b"RESET\r\n")
        items = c.stats("items")
        assert {value for name, value in items.items() if ":hits_to_" in name} == {"0"}


def test_lru_mode_shows_in_the_settings(start):
    with start().connect() as c:
        assert c.stats("settings")["lru_segmented"] == "yes"
        c.ask(b"lru mode flat\r\n", b"OK\r\n")
        assert c.stats("settings")["lru_segmented"] == "no"
        c.ask(b"lru mode sideways\r\n", b"ERROR\r\n")
        c.ask(b"lru mode segmented\r\n", b"OK\r\n")
        assert c.stats("settings")["lru_segmented"] == "yes"


def test_the_class_of_an_item_is_the_one_of_items_and_slabs(start):
    with start().connect() as c:
        c.set(b"k", b"x" * 300)
        number = int(re.search(rb" cls=(\d+) ", c.ask_line(b"me k\r\n"))[1])
        assert list(by_class(c.stats("items"), "items:")) == [number]
        assert by_class(c.stats("slabs"), "")[number]["used_chunks"] == "1"


# conns


def test_conns_lists_this_connection_and_the_listener(start):
    server = start()
    with server.connect() as c:
        own = "tcp:%s:%d" % c.socket.getsockname()
        listener = f"tcp:127.0.0.1:{server.port}"
        connections: dict[str, dict[str, str]] = {}
        for name, value in c.stats("conns").items():
            descriptor, field = name.split(":")
            connections.setdefault(descriptor, {})[field] = value
        by_address = {fields["addr"]: fields for fields in connections.values()}
        assert by_address[listener]["state"] == "conn_listening"
        assert by_address[own]["listen_addr"] == listener
        assert by_address[own]["state"].startswith("conn_")
        assert re.fullmatch(r"\d+", by_address[own]["secs_since_last_cmd"])


def test_conns_lists_the_connections_of_all_workers(start):
    server = start("-t", "4")
    clients = [server.connect() for _ in range(12)]
    for client in clients:
        client.nothing_more()
    addresses = {
        value for name, value in clients[0].stats("conns").items() if name.endswith(":addr")
    }
    assert addresses >= {"tcp:%s:%d" % client.socket.getsockname() for client in clients}
    for client in clients:
        client.close()
