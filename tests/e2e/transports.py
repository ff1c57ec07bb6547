"""The ways from a client to a server: TCP, TLS in both versions, and a UNIX socket."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from certificates import Authority
from client import Client
from server import Server
from tls import TlsClient, client_context, server_flags

#: Name -> the version of TLS, or None for no TLS.
TRANSPORTS = {
    "TCP": None,
    "TLS 1.2": ssl.TLSVersion.TLSv1_2,
    "TLS 1.3": ssl.TLSVersion.TLSv1_3,
    "UNIX": None,
}


@dataclass(frozen=True)
class Door:
    """A server that clients reach in one way."""

    server: Server
    context: ssl.SSLContext | None  # of TLS

    def connect(self, **options) -> Client:
        """A new connection; `options` as Client's."""
        if self.context is None:
            return self.server.connect(**options)
        return TlsClient(self.server.address, self.context, **options)


def open_door(
    transport: str, start: Callable[..., Server], directory: Path, *flags: str
) -> Door:
    """Starts a server with `flags` behind that transport. What it needs is in `directory`, which
    is empty."""
    version = TRANSPORTS[transport]
    if version is not None:
        authority = Authority(directory)
        server = start(*server_flags(authority.sign("server")), *flags)
        return Door(server, client_context(authority, version=version))
    if transport == "UNIX":
        flags = ("-s", str(directory / "socket"), *flags)
    return Door(start(*flags), None)
