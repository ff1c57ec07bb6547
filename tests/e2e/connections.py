"""Many connections at once."""

import resource

import pytest

from client import Client


def allow_descriptors(count: int) -> None:
    """Lets this process have `count` descriptors, one for each connection and some of its own, or
    skips the test where the system does not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= count:
        return
    if hard < count:
        pytest.skip(f"the hard limit of descriptors is {hard}, and {count} are needed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def busy_readers(client: Client) -> int:
    """How many connections have replies that their clients do not take."""
    client.send(b"stats conns\r\n")
    return client.until(b"END\r\n").count(b"conn_mwrite\r\n")
