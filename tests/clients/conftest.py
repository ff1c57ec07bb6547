"""Prints, after the tests, which calls of which client were used."""

import pytest

CALLS = pytest.StashKey[dict]()


@pytest.fixture
def record_calls(pytestconfig, request):
    """record_calls(title, calls) remembers what a program says it called, for the summary."""
    calls = pytestconfig.stash.setdefault(CALLS, {})
    return lambda title, lines: calls.__setitem__(title, lines)


def pytest_terminal_summary(terminalreporter, config):
    for title, calls in config.stash.get(CALLS, {}).items():
        terminalreporter.write_line(title)
        for operation, used in calls.items():
            terminalreporter.write_line(f"    {operation:10} {used}")
