"""pymemcache: see tests/clients/test_real_clients.py for what every client does."""

import pymemcache
from checks import arguments, expect, tls_context, walk


def main() -> None:
    port, _, user, password = arguments()
    client = pymemcache.Client(
        ("127.0.0.1", port), timeout=10, default_noreply=False, tls_context=tls_context()
    )
    if user is not None:
        # The text protocol has no command to log in: a set of any key carries user and password.
        expect(client.set("login", f"{user} {password}"), True)

    walk(client, client.set_many, client.get_many, text=str.encode, flags=7)
    client.quit()


main()
