"""Clients that speak TLS, and the flags of a server that does."""

import select
import ssl
import subprocess

from bounds import seconds
from certificates import Authority, Certificate
from client import Client

_RECORD_BYTES = 1 << 14  # the most that a record of TLS carries


def server_flags(certificate: Certificate, *options: str) -> list[str]:
    """-Z with the server's certificate; `options` are more words of -o."""
    words = [f"ssl_chain_cert={certificate.certificate}", f"ssl_key={certificate.key}", *options]
    return ["-Z", "-o", ",".join(words)]


def client_context(
    authority: Authority, certificate: Certificate | None = None, version=None
) -> ssl.SSLContext:
    """Trusts `authority`; shows `certificate`; speaks nothing but `version` where one is given."""
    context = ssl.create_default_context(cafile=str(authority.root.certificate))
    if certificate is not None:
        context.load_cert_chain(certificate.certificate, certificate.key)
    if version is not None:
        context.minimum_version = version
        context.maximum_version = version
    return context


class TlsClient(Client):
    """A Client over TLS, its handshake done."""

    def __init__(self, address, context: ssl.SSLContext, session=None, **options):
        super().__init__(address, **options)
        self.socket = context.wrap_socket(
            self.socket, server_hostname="127.0.0.1", session=session
        )

    def send_while_reading(self, requests: bytes) -> None:
        """Sends what is answered with more than both sockets hold. In one thread, since OpenSSL
        lets no two of them use one connection; what arrives is kept for whoever expects it."""
        timeout_sec = self.socket.gettimeout()
        self.socket.settimeout(0)
        unsent = memoryview(requests)
        while unsent:
            readable, writable, _ = select.select([self.socket], [self.socket], [], timeout_sec)
            assert readable or writable, f"stuck with {len(unsent)} bytes unsent"
            try:
                unsent = unsent[self.socket.send(unsent[:_RECORD_BYTES]) :]
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                pass
            try:
                assert self._receive(), f"closed with {len(unsent)} bytes unsent"
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                pass
        self.socket.settimeout(timeout_sec)


class LastFlight:
    """A client over TLS that ends in one flight with what it says last."""

    def __init__(self, address, context: ssl.SSLContext):
        self.client = Client(address)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname="127.0.0.1")
        self._whenever_it_can(self._tls.do_handshake)

    def ask(self, request: bytes, reply: bytes) -> None:
        """One short request, and its reply."""
        self._tls.write(request)
        assert self._whenever_it_can(lambda: self._tls.read(len(reply))) == reply

    def end_with(self, last_words: bytes) -> None:
        """Sends `last_words` and the end together, and waits until the server has ended, too."""
        self._tls.write(last_words)
        self._whenever_it_can(self._tls.unwrap)

    def close(self) -> None:
        self.client.close()

    def _whenever_it_can(self, step):
        """What `step` returns, once the server has sent what it needs."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._send()
                received = self.client.socket.recv(_RECORD_BYTES)
                assert received, "closed without notice"
                self._incoming.write(received)
            finally:
                self._send()

    def _send(self) -> None:
        self.client.socket.sendall(self._outgoing.read())


def s_client(port: int, *flags: str, request: str = "") -> str:
    """What openssl s_client says about a connection on which it sends `request`."""
    ended = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *flags],
        input=request,
        capture_output=True,
        text=True,
        timeout=seconds(20),
        check=False,
    )
    return ended.stdout + ended.stderr
