"""pymemcache: see tests/clients/test_real_clients.py for what every client does."""

import pymemcache
from checks import ANY_BYTES, MANY, MEGABYTE, arguments, expect


def main() -> None:
    port, _, user, password = arguments()
    client = pymemcache.Client(("127.0.0.1", port), timeout=10, default_noreply=False)
    if user is not None:
        # The text protocol has no command to log in: a set of any key carries user and password.
        expect(client.set("login", f"{user} {password}"), True)

    expect(client.get("greeting"), None)
    expect(client.set("greeting", b"hello", flags=7), True)
    expect(client.get("greeting"), b"hello")
    print("set Client.set")
    print("get Client.get")

    expect(client.delete("greeting"), True)
    expect(client.delete("greeting"), False)
    expect(client.get("greeting"), None)
    print("delete Client.delete")

    expect(client.set("counter", b"10"), True)
    expect(client.incr("counter", 5), 15)
    expect(client.decr("counter", 20), 0)
    print("incr Client.incr Client.decr")

    expect(client.set("cas", b"1"), True)
    value, cas = client.gets("cas")
    expect(value, b"1")
    expect(client.cas("cas", b"2", cas), True)
    expect(client.cas("cas", b"3", cas), False)
    expect(client.get("cas"), b"2")
    print("cas Client.gets Client.cas")

    expect(client.set_many(MANY), [])
    expect(client.get_many([*MANY, "many-missing"]), MANY)
    print("multi-get Client.set_many Client.get_many")

    expect(client.set("megabyte", MEGABYTE), True)
    expect(client.get("megabyte"), MEGABYTE)
    print("megabyte Client.set Client.get")

    expect(client.set("binary", ANY_BYTES), True)
    expect(client.get("binary"), ANY_BYTES)
    print("binary Client.set Client.get")
    client.quit()


main()
