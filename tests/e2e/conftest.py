"""Fixtures: servers whose end is checked, and clients whose conversation must come out even."""

import contextlib

import pytest

from server import Server

_SERVERS = pytest.StashKey[list]()
_PASSED = pytest.StashKey[bool]()


def pytest_make_parametrize_id(config, val):
    """Long bytes would make a test's name unreadable."""
    if isinstance(val, bytes) and len(val) > 60:
        return f"{val[:40]!r}... ({len(val)} bytes)"
    return None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows with a failure what the servers of the test have written."""
    report = (yield).get_result()
    item.stash[_PASSED] = report.passed
    if report.failed:
        for server in item.config.stash.get(_SERVERS, []):
            if log := server.stderr()[-20000:].decode(errors="replace"):
                report.sections.append((f"quarryd {' '.join(server.flags)} (stderr)", log))


class _Servers:
    """Starts servers, and in the end stops and checks each of them."""

    def __init__(self, config):
        self._running = config.stash.setdefault(_SERVERS, [])
        self._stops = contextlib.ExitStack()

    def start(self, *flags: str) -> Server:
        server = Server(*flags)
        self._running.append(server)
        self._stops.callback(self._stop, server)
        return server

    def stop_all(self) -> None:
        self._stops.close()

    def _stop(self, server: Server) -> None:
        self._running.remove(server)
        server.stop()


@pytest.fixture(scope="session")
def _session_servers(pytestconfig):
    servers = _Servers(pytestconfig)
    yield servers
    servers.stop_all()


@pytest.fixture(scope="module")
def _module_servers(pytestconfig):
    servers = _Servers(pytestconfig)
    yield servers
    servers.stop_all()


@pytest.fixture
def _test_servers(pytestconfig):
    servers = _Servers(pytestconfig)
    yield servers
    servers.stop_all()


@pytest.fixture
def start(_test_servers):
    """start(*flags) starts a server of the test's own."""
    return _test_servers.start


@pytest.fixture(scope="module")
def start_for_module(_module_servers):
    """start_for_module(*flags) starts a server that serves all tests of a file."""
    return _module_servers.start


@pytest.fixture(scope="session")
def _shared_server(_session_servers):
    """The present shared server, in a list: one that has died is replaced, so that only the test
    which saw it die fails (and the session, when the dead one is stopped)."""
    return [_session_servers.start()]


@pytest.fixture
def server(_shared_server, _session_servers):
    """A server with default flags, shared with other tests. It survives the test."""
    if not _shared_server[0].is_alive:
        _shared_server[0] = _session_servers.start()
    yield _shared_server[0]
    _shared_server[0].check()


@pytest.fixture
def c(server, request):
    """A connection to the shared server, which holds no items at first. After a test that passed,
    nothing that the server sent may be left over."""
    with server.connect() as client:
        client.ask(b"flush_all\r\n", b"OK\r\n")
        yield client
        if client.is_open and request.node.stash[_PASSED]:
            client.nothing_more()
