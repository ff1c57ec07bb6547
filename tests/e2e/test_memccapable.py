"""libmemcached's own conformance test, its text half."""

import re
import subprocess

from bounds import seconds

TEXT_CHECKS = 27


def test_memccapable_passes_all_its_text_checks(server):
    finished = subprocess.run(
        ["memccapable", "-h", "127.0.0.1", "-p", str(server.port), "-a"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds(60),
        text=True,
        check=False,
    )
    results = re.findall(r"^(ascii .*?)\s*\[(\w+)\]", finished.stdout, re.MULTILINE)
    assert [name for name, result in results if result != "pass"] == [], finished.stdout
    assert len(results) == TEXT_CHECKS, finished.stdout
    assert finished.returncode == 0, finished.stdout
