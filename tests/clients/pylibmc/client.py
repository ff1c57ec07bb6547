"""pylibmc: see tests/clients/test_real_clients.py for what every client does."""

import pylibmc
from checks import ANY_BYTES, MANY, MEGABYTE, arguments, expect


def main() -> None:
    port, protocol, user, password = arguments()
    client = pylibmc.Client(
        [f"127.0.0.1:{port}"],
        binary=protocol == "binary",
        username=user,
        password=password,
        behaviors={"cas": True, "tcp_nodelay": True},
    )

    expect(client.get("greeting"), None)
    expect(client.set("greeting", "hello"), True)
    expect(client.get("greeting"), "hello")
    print("set Client.set")
    print("get Client.get")

    expect(client.delete("greeting"), True)
    expect(client.delete("greeting"), False)
    expect(client.get("greeting"), None)
    print("delete Client.delete")

    expect(client.set("counter", "10"), True)
    expect(client.incr("counter", 5), 15)
    expect(client.decr("counter", 20), 0)
    print("incr Client.incr Client.decr")

    expect(client.set("cas", "1"), True)
    value, cas = client.gets("cas")
    expect(value, "1")
    expect(client.cas("cas", "2", cas), True)
    expect(client.cas("cas", "3", cas), False)
    expect(client.get("cas"), "2")
    print("cas Client.gets Client.cas")

    expect(client.set_multi(MANY), [])
    expect(client.get_multi([*MANY, "many-missing"]), MANY)
    print("multi-get Client.set_multi Client.get_multi")

    expect(client.set("megabyte", MEGABYTE), True)
    expect(client.get("megabyte"), MEGABYTE)
    print("megabyte Client.set Client.get")

    expect(client.set("binary", ANY_BYTES), True)
    expect(client.get("binary"), ANY_BYTES)
    print("binary Client.set Client.get")
    client.disconnect_all()


main()
