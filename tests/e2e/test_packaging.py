"""The systemd unit: valid, and well fenced in."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from binary import quarryd
from bounds import seconds

_UNIT = Path(__file__).resolve().parents[2] / "packaging" / "quarryd.service"
_MAX_EXPOSURE = 2.0

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="needs systemd-analyze"
)


@pytest.fixture(name="unit")
def fixture_unit(tmp_path):
    """The unit, with a program in it that this machine has."""
    path = tmp_path / "quarryd.service"
    text = _UNIT.read_text(encoding="ascii")
    assert "ExecStart=/usr/bin/quarryd " in text
    path.write_text(text.replace("/usr/bin/quarryd", "/usr/bin/true"), encoding="ascii")
    return path


def _analyze(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["systemd-analyze", *arguments],
        capture_output=True,
        text=True,
        timeout=seconds(60),
        check=False,
    )


def test_the_unit_names_what_is_installed_with_it():
    text = (quarryd().parent / "quarryd.service").read_text(encoding="ascii")
    prefix = re.search(r"^ExecStart=(/.*)/bin/quarryd ", text, re.MULTILINE)[1]
    etc = "/etc" if prefix == "/usr" else f"{prefix}/etc"
    assert f"\nEnvironmentFile=-{etc}/default/quarryd\n" in text


def test_the_unit_is_valid(unit):
    ended = _analyze("verify", "--man=no", str(unit))
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_unit_exposes_little(unit):
    ended = _analyze("security", "--offline=true", "--no-pager", str(unit))
    exposure = re.search(r"Overall exposure level for quarryd\.service: (\d+\.\d+)", ended.stdout)
    assert exposure, ended.stdout + ended.stderr
    assert float(exposure[1]) < _MAX_EXPOSURE
