"""Root that becomes another user: which files are opened with whose rights."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from bounds import seconds, wait_until
from certificates import Authority
from program import asks, free_port, program
from tls import server_flags
from test_auth_file import LOGIN, USERS

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

# What the unit of Debian's memcached leaves to root: not the right to go past permissions.
_CONFINED = ("setpriv", "--bounding-set=-all,+setgid,+setuid", "--inh-caps=-all,+setgid,+setuid")


def _can_confine() -> bool:
    if shutil.which("setpriv") is None:
        return False
    tried = subprocess.run([*_CONFINED, "true"], stderr=subprocess.DEVNULL, check=False)
    return tried.returncode == 0


_needs_confining = pytest.mark.skipif(
    not _can_confine(), reason="needs setpriv, and the right to lay down rights"
)


@pytest.fixture(name="directory")
def fixture_directory():
    """A short path that every user may read, with directories that nobody and root may write to."""
    path = Path(tempfile.mkdtemp(prefix="quarryd-"))
    path.chmod(0o755)
    for name, owner in [("nobody", pwd.getpwnam("nobody").pw_uid), ("root", 0)]:
        (path / name).mkdir(mode=0o755)
        os.chown(path / name, owner, -1)
    yield path
    shutil.rmtree(path)


def _private_file(path: Path, contents: str) -> Path:
    """A file that only the owner of its directory may read."""
    path.touch(mode=0o600)
    path.write_text(contents, encoding="ascii")
    os.chown(path, path.parent.stat().st_uid, -1)
    return path


@pytest.mark.parametrize(
    "wrapper",
    [
        pytest.param((), id="root"),
        pytest.param(_CONFINED, id="confined", marks=_needs_confining),
    ],
)
def test_the_user_opens_what_it_may(directory, wrapper):
    own = directory / "nobody"
    users = _private_file(own / "users", USERS)
    made = {name: own / name for name in ["pid", "socket", "ports"]}
    port = free_port()
    flags = ["-u", "nobody", "-P", str(made["pid"]), "-s", str(made["socket"]), "-Y", str(users)]
    flags += ["-l", "127.0.0.1", "-p", str(port)]
    with program(
        directory, *flags, wrapper=wrapper, MEMCACHED_PORT_FILENAME=str(made["ports"])
    ) as server:
        server.await_line("ready")
        assert "warning" not in server.stderr()
        for path in made.values():
            assert path.stat().st_uid == own.stat().st_uid
        for address in [("127.0.0.1", port), str(made["socket"])]:
            assert asks(address, LOGIN) == b"STORED\r\n"
        server.process.send_signal(signal.SIGHUP)
        server.await_line("info users file=")
        assert server.end() == 0
        assert "warning" not in server.stderr()
    assert not made["pid"].exists()
    assert not made["socket"].exists()


@_needs_confining
def test_a_key_that_the_user_alone_may_read_is_read_where_root_may_not(directory):
    own = directory / "nobody"
    flags = ["-u", "nobody", "-p", "-1", "-l", "127.0.0.1", *_tls_flags(own)]
    with program(directory, *flags, wrapper=_CONFINED) as server:
        server.await_line("ready")
        assert "warning" not in server.stderr()
        assert server.end() == 0


def test_what_only_root_may_write_is_there_and_what_stays_behind_is_told(directory):
    pid, path = directory / "root" / "pid", directory / "root" / "socket"
    flags = ["-u", "nobody", "-P", str(pid), "-s", str(path)]
    with program(directory, *flags) as server:
        server.await_line("ready")
        for what, file in [("the UNIX socket", path), ("the pid file", pid)]:
            assert f"warning {what} may stay behind: " in server.stderr()
            assert f"{file}" in server.stderr()
        assert path.stat().st_uid == pwd.getpwnam("nobody").pw_uid
        assert pid.read_text(encoding="ascii") == f"{server.process.pid}\n"
        assert asks(str(path)) == b"MN\r\n"
        assert server.end() == 0
        assert f"the UNIX socket stays behind: removing {path}: Perm" in server.stderr()
        assert f'pid file reason="removing {pid}: Perm' in server.stderr()
    assert path.exists() and pid.exists()


def test_a_dead_socket_where_only_root_may_write_is_replaced(directory):
    path = directory / "root" / "socket"
    for _ in range(2):
        with program(directory, "-u", "nobody", "-s", str(path)) as server:
            server.await_line("ready")
            assert asks(str(path)) == b"MN\r\n"
            server.end(signal.SIGKILL)
        assert path.exists()


def test_what_only_root_may_read_is_read_once_and_that_is_told(directory):
    users = _private_file(directory / "root" / "users", USERS)
    tls = _tls_flags(directory / "root")
    with program(directory, "-u", "nobody", "-p", "-1", "-Y", str(users), *tls) as server:
        server.await_line("ready")
        for what in ["the file of users", "certificates"]:
            assert f"warning {what} will not be read again: " in server.stderr()
        server.process.send_signal(signal.SIGHUP)
        server.await_line("warning the users stay those of before")
        server.await_line("warning certificates were not refreshed")
        assert server.end() == 0


@_needs_confining
def test_what_neither_may_open_is_named_once(directory):
    pid = directory / "other" / "pid"
    pid.parent.mkdir(mode=0o755)
    os.chown(pid.parent, pwd.getpwnam("daemon").pw_uid, -1)
    flags = ["-u", "nobody", "-p", "-1", "-P", str(pid)]
    with program(directory, *flags, wrapper=_CONFINED) as server:
        assert server.process.wait(seconds(20)) == 1
        assert server.stderr().count(str(pid)) == 1
        assert f"writing {pid}: Permission denied" in server.stderr()


@_needs_confining
def test_in_the_background_the_user_opens_its_files_as_well(directory):
    pid_path = directory / "nobody" / "pid"
    flags = ["-d", "-u", "nobody", "-p", "-1", "-P", str(pid_path)]
    with program(directory, *flags, wrapper=_CONFINED) as server:
        assert server.process.wait(seconds(20)) == 0
        pid = int(pid_path.read_text(encoding="ascii"))
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not pid_path.exists(), "the pid file is gone")


def _tls_flags(directory: Path) -> list[str]:
    """-Z with a certificate that all may read, and a key that its owner alone may."""
    certificate = Authority(directory).root
    certificate.certificate.chmod(0o644)
    certificate.key.chmod(0o600)
    os.chown(certificate.key, directory.stat().st_uid, -1)
    return server_flags(certificate)
