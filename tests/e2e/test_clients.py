"""Client libraries of the field: pymemcache in text, libmemcached through pylibmc in text and in
binary, and python-binary-memcached."""

import bmemcached
import pylibmc
import pymemcache
import pytest

from bounds import seconds


@pytest.fixture
def pymemcache_client(server, c):
    client = pymemcache.Client(server.address, timeout=seconds(5), default_noreply=False)
    yield client
    client.close()


@pytest.fixture(params=[False, True], ids=["text", "binary"])
def pylibmc_client(server, c, request):
    client = pylibmc.Client(
        ["127.0.0.1:%d" % server.port],
        binary=request.param,
        behaviors={"cas": True, "tcp_nodelay": True, "receive_timeout": int(seconds(5) * 1e6)},
    )
    yield client
    client.disconnect_all()


@pytest.fixture
def bmemcached_client(server, c):
    client = bmemcached.Client(["127.0.0.1:%d" % server.port], socket_timeout=seconds(5))
    yield client
    client.disconnect_all()


class TestPymemcache:
    def test_stores_reads_and_deletes(self, pymemcache_client):
        client = pymemcache_client
        assert client.get("k") is None
        assert client.set("k", b"v", flags=7) is True
        assert client.get("k") == b"v"
        assert client.add("k", b"other") is False
        assert client.replace("k", b"w") is True
        assert client.append("k", b"1") is True
        assert client.prepend("k", b"0") is True
        assert client.get("k") == b"0w1"
        assert client.delete("k") is True
        assert client.delete("k") is False
        assert client.replace("k", b"w") is False
        assert client.append("k", b"1") is False

    def test_stores_and_reads_many(self, pymemcache_client):
        values = {f"k{number}": b"v%d" % number * number for number in range(500)}
        assert pymemcache_client.set_many(values) == []
        assert pymemcache_client.get_many([*values, "gone"]) == values
        assert pymemcache_client.delete_many(list(values)) is True
        assert pymemcache_client.get_many(list(values)) == {}

    def test_compares_and_sets(self, pymemcache_client):
        client = pymemcache_client
        client.set("k", b"1")
        value, cas = client.gets("k")
        assert value == b"1"
        assert client.cas("k", b"2", cas) is True
        assert client.cas("k", b"3", cas) is False
        assert client.cas("gone", b"3", cas) is None
        assert client.gets_many(["k"])["k"][0] == b"2"

    def test_counts(self, pymemcache_client):
        client = pymemcache_client
        client.set("k", b"10")
        assert client.incr("k", 5) == 15
        assert client.decr("k", 20) == 0
        assert client.incr("gone", 1) is None
        client.set("k", b"text")
        with pytest.raises(pymemcache.MemcacheClientError):
            client.incr("k", 1)

    def test_touches(self, pymemcache_client):
        client = pymemcache_client
        client.set("k", b"v", expire=100)
        assert client.touch("k", 0) is True
        assert client.touch("gone", 0) is False
        assert client.get("k") == b"v"
        assert client.touch("k", -1) is True
        assert client.get("k") is None

    def test_flushes(self, pymemcache_client):
        pymemcache_client.set("k", b"v")
        assert pymemcache_client.flush_all() is True
        assert pymemcache_client.get("k") is None

    def test_reads_stats_and_version(self, pymemcache_client):
        assert pymemcache_client.version() == b"1.6.45"
        stats = pymemcache_client.stats()
        assert stats[b"threads"] == 4
        assert isinstance(stats[b"rusage_user"], float)
        assert pymemcache_client.stats("settings")[b"evictions"] == b"on"

    def test_works_without_replies(self, pymemcache_client):
        client = pymemcache_client
        for number in range(200):
            client.set(f"k{number}", b"%d" % number, noreply=True)
        client.incr("k7", 1, noreply=True)
        client.delete("k8", noreply=True)
        assert client.get_many(["k7", "k8", "k199"]) == {"k7": b"8", "k199": b"199"}

    def test_stores_large_values(self, pymemcache_client):
        value = bytes(range(256)) * 4000
        assert pymemcache_client.set("k", value) is True
        assert pymemcache_client.get("k") == value

    def test_hears_of_a_value_that_is_too_large(self, pymemcache_client):
        with pytest.raises(pymemcache.MemcacheServerError, match="object too large"):
            pymemcache_client.set("k", b"x" * (1 << 20))
        assert pymemcache_client.set("k", b"v") is True


class TestPylibmc:
    def test_stores_reads_and_deletes(self, pylibmc_client):
        client = pylibmc_client
        assert client.get("k") is None
        assert client.set("k", "v") is True
        assert client.get("k") == "v"
        assert client.add("k", "other") is False
        assert client.replace("k", "w") is True
        assert client.append("k", "1") is True
        assert client.prepend("k", "0") is True
        assert client.get("k") == "0w1"
        assert client.delete("k") is True
        assert client.delete("k") is False
        assert not self._replaces(client, "k", "w")

    def _replaces(self, client, key: str, value: str) -> bool:
        """Binary tells why nothing was replaced, and the library passes it on."""
        try:
            return client.replace(key, value)
        except pylibmc.NotFound:
            return False

    def test_keeps_types_in_flags(self, pylibmc_client):
        values = {"int": 5, "bytes": b"\0\xff", "text": "schlüssel", "list": [1, {"a": None}]}
        assert pylibmc_client.set_multi(values) == []
        assert pylibmc_client.get_multi([*values, "gone"]) == values

    def test_stores_and_reads_many(self, pylibmc_client):
        values = {f"k{number}": "v" * number for number in range(500)}
        assert pylibmc_client.set_multi(values) == []
        assert pylibmc_client.get_multi(list(values)) == values
        assert pylibmc_client.delete_multi(list(values)) is True
        assert pylibmc_client.get_multi(list(values)) == {}

    def test_compares_and_sets(self, pylibmc_client):
        client = pylibmc_client
        client.set("k", "1")
        value, cas = client.gets("k")
        assert value == "1"
        assert client.cas("k", "2", cas) is True
        assert client.cas("k", "3", cas) is False
        assert client.get("k") == "2"

    def test_counts(self, pylibmc_client):
        client = pylibmc_client
        client.set("k", "10")
        assert client.incr("k", 5) == 15
        assert client.decr("k", 20) == 0
        with pytest.raises(pylibmc.NotFound):
            client.incr("gone", 1)

    def test_touches(self, pylibmc_client):
        client = pylibmc_client
        client.set("k", "v", time=100)
        assert client.touch("k", 50) is True
        assert client.touch("gone", 50) is False
        assert client.get("k") == "v"

    def test_flushes(self, pylibmc_client):
        pylibmc_client.set("k", "v")
        assert pylibmc_client.flush_all() is True
        assert pylibmc_client.get("k") is None

    def test_reads_stats(self, pylibmc_client):
        [(_, stats)] = pylibmc_client.get_stats()
        assert stats["version"] == b"1.6.45"

    def test_stores_large_values(self, pylibmc_client):
        value = bytes(range(256)) * 4000
        assert pylibmc_client.set("k", value) is True
        assert pylibmc_client.get("k") == value

    def test_hears_of_a_value_that_is_too_large(self, pylibmc_client):
        with pytest.raises(pylibmc.TooBig):
            pylibmc_client.set("k", b"x" * (1 << 20))
        assert pylibmc_client.set("k", b"v") is True


class TestBmemcached:
    def test_stores_reads_and_deletes(self, bmemcached_client):
        client = bmemcached_client
        assert client.get("k") is None
        assert client.set("k", "v") is True
        assert client.get("k") == "v"
        assert client.add("k", "other") is False
        assert client.replace("k", "w") is True
        assert client.get("k") == "w"
        assert client.delete("k") is True
        assert client.get("k") is None
        assert client.replace("k", "w") is False
        assert client.add("k", "again") is True

    def test_keeps_types_in_flags(self, bmemcached_client):
        values = {"int": 5, "bytes": b"\0\xff", "text": "schlüssel", "list": [1, {"a": None}]}
        for key, value in values.items():
            assert bmemcached_client.set(key, value) is True
        assert bmemcached_client.get_multi([*values, "gone"]) == values

    def test_stores_and_reads_many(self, bmemcached_client):
        values = {f"k{number}": "v" * number for number in range(500)}
        assert bmemcached_client.set_multi(values) == []
        assert bmemcached_client.get_multi(list(values)) == values
        assert bmemcached_client.delete_multi(list(values)) is True
        assert bmemcached_client.get_multi(list(values)) == {}

    def test_compares_and_sets(self, bmemcached_client):
        client = bmemcached_client
        client.set("k", "1")
        value, cas = client.gets("k")
        assert value == "1"
        assert client.cas("k", "2", cas) is True
        assert client.cas("k", "3", cas) is False
        assert client.get("k") == "2"
        assert client.get_multi(["k"], get_cas=True)["k"][0] == "2"

    def test_counts(self, bmemcached_client):
        client = bmemcached_client
        assert client.incr("n", 1, default=10) == 10
        assert client.incr("n", 5) == 15
        assert client.decr("n", 20) == 0

    def test_reads_stats_and_flushes(self, bmemcached_client):
        [stats] = bmemcached_client.stats().values()
        assert stats["version"] == b"1.6.45"
        bmemcached_client.set("k", "v")
        assert bmemcached_client.flush_all() is True
        assert bmemcached_client.get("k") is None

    def test_stores_large_values(self, bmemcached_client):
        value = bytes(range(256)) * 4000
        assert bmemcached_client.set("k", value, compress_level=0) is True
        assert bmemcached_client.get("k") == value
