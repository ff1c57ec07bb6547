"""pylibmc: see tests/clients/test_real_clients.py for what every client does."""

import pylibmc
from checks import arguments, walk


def main() -> None:
    port, protocol, user, password = arguments()
    client = pylibmc.Client(
        [f"127.0.0.1:{port}"],
        binary=protocol == "binary",
        username=user,
        password=password,
        behaviors={"cas": True, "tcp_nodelay": True},
    )

    walk(client, client.set_multi, client.get_multi)
    client.disconnect_all()


main()
