"""python-binary-memcached: see tests/clients/test_real_clients.py for what every client does."""

import bmemcached
from checks import arguments, tls_context, walk


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
        (f"127.0.0.1:{port}",),
        user,
        password,
        compression=NoCompression,
        socket_timeout=10,
        tls_context=tls_context(),
    )
    client.enable_retry_delay(False)

    walk(client, client.set_multi, client.get_multi, tells_of_misses=False)
    client.disconnect_all()


main()
