"""Programs in eight languages, each with a client library of the field, against a real quarryd.

A program is called with PORT PROTOCOL [USER PASSWORD], PROTOCOL being text or binary. Where
$TLS_AUTHORITY names a certificate, it speaks TLS with a server that the certificate's owner has
signed. It

* sets a value with flags where the library has them, gets it, and misses what is not there
* deletes it, and hears that there is nothing more to delete
* adds 5 to 10, and subtracts 20 from the sum, which gives 0
* compares and sets, and is refused with a CAS number that is out of date
* gets a hundred keys at once, and one that is not there
* stores and gets 1,000,000 bytes, uncompressed, and a value with every byte and `\\r\\nEND\\r\\n`

For each of these it prints a line `<operation> <calls of the library>`. What the server has counted
meanwhile shows that it was asked; `-B` makes sure in which protocol, and `-Z` that it is over TLS.
"""

import subprocess
from dataclasses import dataclass, replace

import packets
import pytest
from bounds import seconds
from certificates import Authority
from client import Client
from programs import BUILD, PROGRAMS
from server import Server
from tls import TlsClient, client_context, server_flags

USER, PASSWORD = "ann", "s3cret word"


@dataclass(frozen=True)
class Way:
    """How a program and a server speak: what each of them is started with."""

    flags: tuple[str, ...]
    arguments: tuple[str, ...]  # the protocol first
    login: bytes = b""
    over_tls: bool = False

    def stats(self, client: Client) -> dict[str, str]:
        if self.arguments[0] == "binary":
            return self.binary_stats(client)
        if self.login:
            login = b"set login 0 0 %d\r\n%b\r\n" % (len(self.login), self.login)
            client.ask(login, b"STORED\r\n")
        return client.stats()

    def binary_stats(self, client: Client) -> dict[str, str]:
        if self.login:
            token = b"\0" + self.login.replace(b" ", b"\0", 1)
            reply = packets.ask(client, packets.request(packets.SASL_AUTH, b"PLAIN", token))
            assert reply.value == b"Authenticated"
        pairs = packets.stats(client)
        return {name.decode(): value.decode() for name, value in pairs.items()}


LOGIN = f"{USER} {PASSWORD}".encode()
WAYS = {
    "text": Way(("-B", "ascii"), ("text",)),
    "login": Way(("-Y", "{users}"), ("text", USER, PASSWORD), LOGIN),
    "binary": Way(("-B", "binary"), ("binary",)),
    "SASL": Way(("-S", "-B", "binary", "-Y", "{users}"), ("binary", USER, PASSWORD), LOGIN),
}
WAYS |= {f"{name} over TLS": replace(way, over_tls=True) for name, way in WAYS.items()}

# What a server has counted when a program has ended, at least.
COUNTED = {
    "cmd_set": 103,
    "get_hits": 102,
    "get_misses": 2,
    "delete_hits": 1,
    "incr_hits": 1,
    "decr_hits": 1,
    "bytes_read": 1_000_000,
    "bytes_written": 1_000_000,
}
CAS_COUNTED = {"cas_hits": 1, "cas_badval": 1}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def certificate(authority):
    return authority.sign("server")


@pytest.mark.parametrize(
    ("program", "name"),
    [
        pytest.param(program, name, id=f"{program.name}-{name}")
        for program in PROGRAMS
        for name in program.ways
    ],
)
def test_a_client_does_all_it_can(program, name, authority, certificate, record_calls, tmp_path):
    version, way = program.version(), WAYS[name]
    program.make()
    users = tmp_path / "users"
    users.write_text(f"{USER}:{PASSWORD}\n", encoding="ascii")
    flags = [flag.format(users=users) for flag in way.flags]
    environment = {}
    if way.over_tls:
        flags += server_flags(certificate)
        environment["TLS_AUTHORITY"] = str(authority.root.certificate)
    with Server(*flags) as server:
        output = program.run(
            str(server.port), *way.arguments, environment=environment, timeout_sec=seconds(60)
        )
        calls = dict(line.split(" ", 1) for line in output.splitlines())
        operations = program.operations_over_tls if way.over_tls else program.operations
        assert tuple(calls) == operations, output
        with (
            TlsClient(server.address, client_context(authority))
            if way.over_tls
            else server.connect()
        ) as client:
            counted = way.stats(client)
    for stat, least in (COUNTED | (CAS_COUNTED if "cas" in calls else {})).items():
        assert int(counted[stat]) >= least, f"{stat}: {counted[stat]}"
    record_calls(f"{program.name} {version}, {name}", calls)


class TestMemcachedTool:
    """The script that Debian's memcached brings along."""

    @pytest.fixture(scope="class")
    def server(self):
        with Server() as server:
            with server.connect() as client:
                client.set(b"greeting", b"hello", flags=7)
                client.set(b"page", b"x" * 3_000)
            yield server

    @staticmethod
    def run(server: Server, mode: str) -> list[list[str]]:
        """The words of each line that memcached-tool prints in this mode."""
        script = BUILD / "memcached/usr/share/memcached/scripts/memcached-tool"
        finished = subprocess.run(
            ["perl", script, f"127.0.0.1:{server.port}", mode],
            capture_output=True,
            text=True,
            timeout=seconds(30),
            check=True,
        )
        return [line.split() for line in finished.stdout.splitlines()]

    def test_displays_the_slab_classes(self, server):
        head, *classes = self.run(server, "display")
        assert head[:3] == ["#", "Item_Size", "Max_age"]
        assert sum(int(row[4]) for row in classes) == 2, "the number of items"

    def test_shows_the_statistics(self, server):
        _, *rows = self.run(server, "stats")
        assert dict(rows)["curr_items"] == "2"

    def test_shows_the_settings(self, server):
        _, *rows = self.run(server, "settings")
        assert dict(rows)["item_size_max"] == "1048576"

    def test_dumps_the_keys(self, server):
        rows = self.run(server, "keys")
        assert {row[0] for row in rows} == {"key=greeting", "key=page"}

    def test_dumps_what_restores_the_items(self, server):
        rows = self.run(server, "dump")
        assert ["add", "greeting", "7", "0", "5"] in rows
        assert ["hello"] in rows

    def test_shows_that_sizes_are_not_tracked(self, server):
        _, *rows = self.run(server, "sizes")
        assert dict(rows) == {"sizes_status": "disabled"}
