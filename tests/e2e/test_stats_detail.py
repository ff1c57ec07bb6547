"""stats detail: what is done to the keys of each prefix."""


def lines_of(client) -> list[bytes]:
    client.send(b"stats detail dump\r\n")
    return client.until(b"END\r\n").split(b"\r\n")[:-2]


def test_prefixes_are_counted_from_start_with_d(start):
    server = start("-D", "/", "-t", "3")
    clients = [server.connect() for _ in range(6)]
    for client in clients:
        client.set(b"a/k", b"v")
        client.ask(b"get a/k a/gone b/gone plain\r\n", b"VALUE a/k 0 1\r\nv\r\nEND\r\n")
    assert sorted(lines_of(clients[0])) == [
        b"PREFIX a get 12 hit 6 set 6 del 0",
        b"PREFIX b get 6 hit 0 set 0 del 0",
    ]
    settings = clients[0].stats("settings")
    assert (settings["stat_key_prefix"], settings["detail_enabled"]) == ("/", "yes")
    for client in clients:
        client.close()


def test_counting_is_off_until_it_is_asked_for(start):
    with start().connect() as c:
        c.set(b"a:k", b"v")
        assert lines_of(c) == []
        assert c.stats("settings")["detail_enabled"] == "no"
        c.ask(b"stats detail on\r\n", b"OK\r\n")
        c.ask(b"delete a:k\r\n", b"DELETED\r\n")
        assert lines_of(c) == [b"PREFIX a get 0 hit 0 set 0 del 1"]
        assert c.stats("settings")["detail_enabled"] == "yes"
        c.ask(b"stats reset\r\n", b"RESET\r\n")
        assert lines_of(c) == []


def test_what_stats_detail_refuses(c, start):
    for argument in (b"", b" x"):
        c.ask(
            b"stats detail" + argument + b"\r\n",
            b"CLIENT_ERROR usage: stats detail on|off|dump\r\n",
        )
    with start("-X").connect() as client:
        client.ask(b"stats detail on\r\n", b"CLIENT_ERROR stats detail not allowed\r\n")
