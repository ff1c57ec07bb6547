"""libmemcached's own conformance test."""

import re
import subprocess

from bounds import seconds

CHECKS = 54


def test_memccapable_passes_all_its_checks(server):
    finished = subprocess.run(
        ["memccapable", "-h", "127.0.0.1", "-p", str(server.port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds(60),
        text=True,
        check=False,
    )
    results = re.findall(r"^((?:ascii|binary) .*?)\s*\[(\w+)\]", finished.stdout, re.MULTILINE)
    assert [name for name, result in results if result != "pass"] == [], finished.stdout
    assert len(results) == CHECKS, finished.stdout
    assert finished.returncode == 0, finished.stdout
