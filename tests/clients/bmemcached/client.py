"""python-binary-memcached: see tests/clients/test_real_clients.py for what every client does."""

import bmemcached
from checks import ANY_BYTES, MANY, MEGABYTE, arguments, expect


class NoCompression:
    """In the place of zlib, so that a value's bytes go over the wire as they are."""

    @staticmethod
    def compress(value, *_):
        return value

    @staticmethod
    def decompress(value):
        return value


def main() -> None:
    port, _, user, password = arguments()
    client = bmemcached.Client(
        (f"127.0.0.1:{port}",), user, password, compression=NoCompression, socket_timeout=10
    )
    client.enable_retry_delay(False)

    expect(client.get("greeting"), None)
    expect(client.set("greeting", "hello"), True)
    expect(client.get("greeting"), "hello")
    print("set Client.set")
    print("get Client.get")

    expect(client.delete("greeting"), True)
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
