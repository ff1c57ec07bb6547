"""-A, -F and -X: what clients may ask of the server as a whole."""

import pytest

from bounds import seconds, wait_until


@pytest.mark.parametrize("line", [b"shutdown", b"shutdown graceful"])
def test_shutdown_ends_the_server_in_order(start, line):
    server = start("-A")
    with server.connect() as c, server.connect() as other:
        c.ask(b"shutdown now\r\n", b"CLIENT_ERROR invalid shutdown mode\r\n")
        other.send(b"set k 0 0 5\r\nva")
        wait_until(lambda: "conn_nread" in c.stats("conns").values(), "half of a value is there")
        c.send(line + b"\r\n")
        c.closed()
        other.ask(b"lue\r\n", b"STORED\r\n")
        other.closed()
    assert server.process.wait(seconds(20)) == 0


def test_flush_all_can_be_switched_off(start):
    with start("-F").connect() as c:
        assert c.stats("settings")["flush_enabled"] == "no"
        c.set(b"k", b"v")
        c.ask(b"flush_all\r\n", b"CLIENT_ERROR flush_all not allowed\r\n")
        c.ask(b"flush_all noreply\r\nget k\r\n", b"VALUE k 0 1\r\nv\r\nEND\r\n")
        assert c.stats()["cmd_flush"] == "2"


def test_settings_show_what_clients_may_do(start, c):
    def shown(stats):
        return [stats[name] for name in ("shutdown_command", "flush_enabled", "dump_enabled")]

    assert shown(c.stats("settings")) == ["no", "yes", "yes"]
    assert shown(start("-A", "-F", "-X").stats("settings")) == ["yes", "no", "no"]


def test_lru_tune_is_kept_and_shown(start):
    with start().connect() as c:
        c.ask(b"lru tune 10 30 0.1 2.0\r\n", b"OK\r\n")
        c.ask(b"lru tune 50 40 0.1 2.0\r\n", b"ERROR hot and warm pcts must not exceed 80\r\n")
        settings = c.stats("settings")
        assert settings["hot_lru_pct"] == "10"
        assert settings["warm_max_factor"] == "2.00"
