"""The command line: what is refused and how, and what reaches the server."""

import os
import re
import socket

import pytest

from bounds import seconds
from program import asks, free_port, program, run


@pytest.mark.parametrize(
    "flags, code, message",
    [
        (["-m", "0x40"], 1, "-m/--memory-limit"),
        (["-m", "7"], 1, "8m to 127g"),
        (["-t", "0"], 1, "1 to 256"),
        (["-c", "0"], 1, "it takes 1 to"),
        (["-f", "1"], 1, "above 1"),
        (["-n", "0"], 1, "1 to 4096"),
        (["-n", "4097"], 1, "1 to 4096"),
        (["-R", "0"], 1, "it takes 1 to"),
        (["-a", "9"], 1, "octal"),
        (["-p", "x"], 1, "0 to 65535"),
        (["-p", "65536"], 64, "0 to 65535"),
        (["-I", "51m", "-m", "1g"], 64, "1m to 50m"),
        (["-I", "1023k"], 64, "1m to 50m"),
        (["-I", "33m"], 64, "half of -m/--memory-limit"),
        (["-B", "other"], 64, "auto, ascii or binary"),
        (["-U", "x"], 1, "0 to 65535"),
        (["-p", "0"], 64, "nothing to listen on"),
        (["-l", "[::1"], 1, "[v6 address]:port"),
        (["-Z"], 64, "needs -o ssl_chain_cert"),
        (["-Y", "file", "-l", "proto[binary]:*"], 64, "goes with the text protocol alone"),
        (["-S", "-l", "proto[ascii]:*"], 64, "goes with the binary protocol alone"),
        (["-o", "worker_logbuf_size=1"], 1, "2 to 65536"),
        (["-o", "watcher_logbuf_size=65537"], 1, "2 to 65536"),
        (["-e", "file"], 1, "not built in yet"),
        (["--bogus"], 1, 'Illegal argument "--bogus"'),
        (["--mem", "64"], 1, "--memory-limit or --memory-file"),
        (["-m"], 1, "it needs a value"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(flags, code, message):
    ended = run(*flags)
    assert ended.returncode == code
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert message in ended.stderr


_ONLY_THIS_MACHINE = " info without -l only this machine can connect"


@pytest.mark.parametrize("flag", ["-V", "--version", "--vers"])
def test_version_names_the_product_and_its_level(flag):
    ended = run(flag)
    assert ended.returncode == 0
    assert re.fullmatch(r"quarryd \d+\.\d+\.\d+ \(memcached 1\.6\.45 compatible\)\n", ended.stdout)
    assert ended.stderr == ""


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_lists_the_options(flag):
    ended = run(flag)
    assert ended.returncode == 0
    assert "--memory-limit" in ended.stdout
    assert ended.stderr == ""


@pytest.mark.parametrize("flag", ["-h", "-V", "-i"])
def test_root_needs_no_user_to_ask(flag):
    assert run(flag, user=False).returncode == 0


def test_settings_show_what_was_given(start):
    server = start(
        *["-m32", "-M", "-C", "--threads=2", "-t3", "--conn-l", "99", "-R", "010"],
        *["-f", "1.5", "-n48", "-I", "2M", "-b", "77", "-B", "ascii", "-vv", "operand"],
    )
    settings = server.stats("settings")
    expected = {
        "maxbytes": str(32 << 20),
        "evictions": "off",
        "cas_enabled": "no",
        "num_threads": "3",
        "maxconns": "99",
        "reqs_per_event": "10",
        "growth_factor": "1.50",
        "chunk_size": "48",
        "item_size_max": str(2 << 20),
        "tcp_backlog": "77",
        "binding_protocol": "ascii",
        "verbosity": "2",
        "tcpport": str(server.port),
        "udpport": "0",
        "inter": "127.0.0.1",
        "domain_socket": "NULL",
        "umask": "700",
    }
    assert {name: settings[name] for name in expected} == expected
    general = server.stats()
    assert general["limit_maxbytes"] == expected["maxbytes"]
    assert general["max_connections"] == "99"
    assert general["threads"] == "3"


def test_a_share_of_the_machines_memory_is_taken(start):
    limit = int(start("-m", "10%").stats()["limit_maxbytes"])
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 8 << 20 <= limit <= machine // 10
    assert limit % (1 << 20) == 0


def test_the_connection_limit_is_lowered_to_the_open_files(tmp_path):
    """As under a service manager that allows few, and does not allow raising them."""
    path = tmp_path / "ports"
    flags = ["-p", "-1", "-l", "127.0.0.1", "-c", "1000", "-v"]
    with program(
        tmp_path, *flags, wrapper=_open_files(200), MEMCACHED_PORT_FILENAME=str(path)
    ) as server:
        server.await_line("ready")
        lowered = re.search(
            r"warning connection limit lowered .* asked=1000 now=(\d+) open_files=200\n",
            server.stderr(),
        )
        port = int(path.read_text(encoding="ascii").split()[-1])
        stats = asks(("127.0.0.1", port), b"stats\r\n")
        assert b"STAT max_connections %s\r\n" % lowered[1].encode() in stats
        assert server.end() == 0


def test_too_few_open_files_to_serve_are_named(tmp_path):
    with program(tmp_path, "-p", "-1", wrapper=_open_files(20)) as server:
        assert server.process.wait(seconds(20)) == 1
        assert "too few descriptors to serve" in server.stderr()


def _open_files(count: int) -> list[str]:
    """Runs a command with so many open files and no right to more."""
    root = ["setpriv", "--bounding-set=-sys_resource"] if os.geteuid() == 0 else []
    return ["prlimit", f"--nofile={count}:{count}", *root]


def test_an_address_that_others_reach_is_warned_of(tmp_path):
    with program(tmp_path, "-l", "*", "-p", "-1") as server:
        server.await_line("warning other machines can reach this address")
        server.await_line("ready")


def test_loopback_addresses_are_the_default(tmp_path):
    with program(tmp_path, "-p", "-1") as server:
        server.await_line("ready")
        assert "listening address=127.0.0.1:" in server.stderr()
        assert "warning" not in server.stderr()
        assert server.stderr().count(_ONLY_THIS_MACHINE) == 1
        port = int(re.search(r"address=127\.0\.0\.1:(\d+)", server.stderr())[1])
        with socket.create_connection(("127.0.0.1", port)):
            pass


@pytest.mark.parametrize("where", ["127.0.0.1", "*", "UNIX socket"])
def test_whoever_has_said_where_to_listen_is_not_told(tmp_path, where):
    socket_flags = ["-s", str(tmp_path / "socket")]
    flags = socket_flags if where == "UNIX socket" else ["-p", "-1", "-l", where]
    with program(tmp_path, *flags) as server:
        server.await_line("ready")
        assert _ONLY_THIS_MACHINE not in server.stderr()
        assert server.end() == 0


def test_addresses_may_be_listed_with_ports_of_their_own(tmp_path):
    first, second = free_port(), free_port()
    listed = f"127.0.0.1:{first},127.0.0.2;127.0.0.3:{second}"
    with program(tmp_path, "-p", str(first), "-l", listed, "-l127.0.0.4") as server:
        server.await_line("ready")
        for address in [
            f"127.0.0.1:{first}", f"127.0.0.2:{first}", f"127.0.0.3:{second}", f"127.0.0.4:{first}",
        ]:
            assert f"listening address={address}\n" in server.stderr()


def test_an_address_may_have_a_protocol_of_its_own(tmp_path):
    ports = {name: free_port() for name in ["ascii", "binary", "negotiating"]}
    listed = ",".join(f"proto[{name}]:tag[{name[:3]}]:127.0.0.1:{ports[name]}" for name in ports)
    ask_version = b"\x80\x0b" + bytes(22)
    with program(tmp_path, "-B", "ascii", "-l", f"{listed},127.0.0.2:{ports['ascii']}") as server:
        server.await_line("ready")
        address = f"address=127.0.0.1:{ports['binary']} transport=tcp tag=bin\n"
        assert f"listening {address}" in server.stderr()
        for name in ["ascii", "negotiating"]:
            assert asks(("127.0.0.1", ports[name])) == b"MN\r\n"
        assert asks(("127.0.0.2", ports["ascii"]), ask_version + b"\r\n") == b"ERROR\r\n"
        for name in ["binary", "negotiating"]:
            assert asks(("127.0.0.1", ports[name]), ask_version)[:2] == b"\x81\x0b"
        assert asks(("127.0.0.1", ports["binary"]), b"version\r\n" * 3) == b""
        assert server.end() == 0


def test_log_lines_have_time_level_and_fields(tmp_path):
    with program(tmp_path, "-p", "-1") as server:
        server.await_line("ready")
        assert server.end() == 0
        for line in server.stderr().splitlines():
            assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (info|warning) \S", line)
        assert re.search(r" info ready version=\S+ pid=\d+ memory=64m ", server.stderr())
