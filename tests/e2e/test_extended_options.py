"""memcached's command lines: what -o sets at start, and what is taken without having an effect."""

import re

import pytest

from program import free_port, program, run


def shown(server, *names: str) -> list[str]:
    settings = server.stats("settings")
    return [settings[name] for name in names]


def warnings_of(directory, *flags: str) -> list[str]:
    """What a server that starts with these flags warns of."""
    with program(directory, "-p", "-1", *flags) as server:
        server.await_line(" info ready ")
        assert server.end() == 0
        return re.findall(r"Z warning (.*)\n", server.stderr())


def test_numbers_may_have_blanks_in_front(start):
    """As a chart of Kubernetes passes "-m 100" in one word."""
    server = start("-m 100", "-c 99", "-t 2", "-R 7", "-b 77", "-f 1.5", "-n 48", "-I 2m", "-a 755")
    names = "maxbytes maxconns num_threads reqs_per_event tcp_backlog growth_factor chunk_size"
    assert shown(server, *names.split(), "item_size_max", "umask") == [
        *[str(100 << 20), "99", "2", "7", "77", "1.50", "48", str(2 << 20), "755"],
    ]


@pytest.mark.parametrize("words, automove", [
    ("slab_reassign,slab_automove", "1"),
    ("slab_automove=0", "0"),
    ("slab_automove=2", "2"),
    ("no_slab_automove", "0"),
    ("no_slab_reassign", "0"),
])  # fmt: skip
def test_automove_is_set_at_start(start, words, automove):
    assert shown(start("-o", words), "slab_automove") == [automove]


def test_what_steers_automove_is_set_at_start(start):
    words = "slab_automove_ratio=0.5,slab_automove_freeratio=0.25,slab_automove_window=30"
    server = start("-o", words)
    assert shown(
        server, "slab_automove_ratio", "slab_automove_freeratio", "slab_automove_window"
    ) == ["0.50", "0.25", "30"]


def test_the_crawler_is_set_at_start(start):
    server = start("-o", "no_lru_crawler,lru_crawler_sleep=7,lru_crawler_tocrawl=9")
    assert shown(server, "lru_crawler", "lru_crawler_sleep", "lru_crawler_tocrawl") == [
        *["no", "7", "9"],
    ]
    with server.connect() as c:
        c.ask(b"lru_crawler crawl all\r\n", b"CLIENT_ERROR lru crawler disabled\r\n")
        c.ask(b"lru_crawler enable\r\n", b"OK\r\n")
        c.ask(b"lru_crawler crawl all\r\n", b"NOTSTARTED no items to crawl\r\n")


def test_the_lru_is_set_at_start(start):
    assert shown(start("-o", "no_lru_maintainer"), "lru_segmented") == ["no"]
    words = "lru_maintainer,hot_lru_pct=30", "warm_max_factor=3,temporary_ttl=60"
    server = start("-o", words[0], "-o", words[1])
    names = "lru_segmented hot_lru_pct warm_lru_pct hot_max_factor warm_max_factor temp_lru"
    assert shown(server, *names.split(), "temporary_ttl") == [
        *["yes", "30", "40", "0.20", "3.00", "yes", "60"],
    ]
    with server.connect() as c:
        c.ask(b"lru temp_ttl -1\r\nlru tune 10 20 0.5 1\r\n", b"OK\r\nOK\r\n")
        assert shown(server, "hot_lru_pct", "temp_lru") == ["10", "no"]


def test_no_modern_is_plain_lru_without_automove_and_crawler(start):
    server = start("-o", "no_modern")
    assert shown(server, "lru_segmented", "slab_automove", "lru_crawler", "maxconns_fast") == [
        *["no", "0", "no", "no"],
    ]
    with server.connect() as c:
        c.set(b"k", b"v")
        assert c.get(b"k") == b"v"


def test_what_is_so_anyway_is_taken_silently(tmp_path):
    words = [
        *"modern slab_reassign slab_automove=1 lru_crawler lru_maintainer=1 maxconns_fast".split(),
        *"hash_algorithm=murmur3 slab_chunk_max=512 read_buf_mem_limit=0 sock_cookie_id=0".split(),
        *"resp_obj_mem_limit resp_obj_mem_limit=5 no_drop_privileges inline_ascii_resp".split(),
    ]
    assert warnings_of(tmp_path, "-L", "-o", ",".join(words)) == []


def test_what_has_no_effect_is_warned_of_once(tmp_path):
    words = [
        *"hashpower=20 no_hashexpand hash_algorithm=jenkins tail_repair_time=10".split(),
        *"slab_sizes=100-200-400 slab_chunk_max=1024 no_chunked_items".split(),
        *"read_buf_mem_limit=64 sock_cookie_id=1".split(),
        *"ext_page_size=64 ext_max_frag=0.8 ext_drop_unread".split(),
    ]
    given = [word.partition("=")[0] for word in words]
    warned = warnings_of(tmp_path, "-k", "-N", "2", "-o", ",".join(words), "-o", words[0])
    assert [warning.partition(" has no effect: ")[0] for warning in warned] == [
        *["-k/--lock-memory", "-N/--napi-ids", *given],
    ]
    assert all(re.fullmatch(r"\S+ has no effect: \w.*\w", warning) for warning in warned)


@pytest.mark.parametrize("flags, code, message", [
    (["-o", "hashpower=11"], 1, "hashpower: it takes 12 to 32"),
    (["-o", "tail_repair_time=9"], 1, "tail_repair_time: it takes 10 to"),
    (["-o", "hash_algorithm=md5"], 1, "jenkins, murmur3 or xxh3"),
    (["-o", "slab_automove=3"], 1, "slab_automove: it takes 0"),
    (["-o", "hot_lru_pct=80"], 1, "hot_lru_pct: it takes 1 to 79"),
    (["-o", "hot_lru_pct=41"], 64, "must not exceed 80"),
    (["-o", "temporary_ttl=60,no_lru_maintainer"], 64, "plain LRU"),
    (["-o", "lru_crawler_sleep=1000001"], 1, "0 to 1000000"),
    (["-o", "ext_path=/f:1G,ext_threads=1"], 1, "external storage does not exist"),
    (["-o", "drop_privileges"], 1, "not built in yet"),
    (["-o", "bogus"], 1, 'Illegal suboption "bogus"'),
    (["-o", "no_bogus=1"], 1, 'Illegal suboption "no_bogus"'),
    (["-N", "5"], 64, "above -t/--threads 4"),
    (["-N", "0"], 1, "it takes 1 to"),
])  # fmt: skip
def test_what_memcached_refuses_or_would_be_missed_is_refused(flags, code, message):
    ended = run(*flags)
    assert ended.returncode == code
    assert ended.stderr.count("\n") == 1
    assert message in ended.stderr


@pytest.mark.parametrize("more", [
    ["-l", "127.0.0.1", "-l", "127.0.0.1"],
    ["-l", "127.0.0.1,127.0.0.1"],
    ["-l", "127.0.0.1:{port},127.0.0.1"],
])  # fmt: skip
def test_an_address_that_is_given_again_is_listened_on_once(tmp_path, more):
    port = str(free_port())
    with program(tmp_path, "-p", port, *[word.format(port=port) for word in more]) as server:
        server.await_line(" info ready ")
        assert server.stderr().count(f"listening address=127.0.0.1:{port}\n") == 1
        assert server.end() == 0
