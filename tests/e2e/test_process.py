"""The process around the server: signals, sockets, files, users, the service manager."""

import ctypes
import fcntl
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import struct
import tempfile
from pathlib import Path

import pytest

from binary import is_plain
from bounds import seconds, wait_until
from program import asks, free_port, program, run

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture(name="open_directory")
def fixture_open_directory():
    """A short path that every user may write to."""
    path = Path(tempfile.mkdtemp(prefix="quarryd-"))
    path.chmod(0o777)
    yield path
    shutil.rmtree(path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_a_signal_ends_it_in_order_with_clients_connected(tmp_path, number):
    port = free_port()
    with program(tmp_path, "-p", str(port)) as server:
        server.await_line("ready")
        with socket.create_connection(("127.0.0.1", port)) as idle, socket.create_connection(
            ("127.0.0.1", port)
        ) as unfinished:
            unfinished.sendall(b"set a 0 0 5\r\nab")
            assert asks(("127.0.0.1", port)) == b"MN\r\n"
            assert server.end(number) == 0
            idle.settimeout(seconds(5))
            assert idle.recv(1) == b""
        assert server.stderr().endswith(" info stopped\n")


def test_a_hangup_is_survived(tmp_path):
    port = free_port()
    with program(tmp_path, "-p", str(port)) as server:
        server.await_line("ready")
        server.process.send_signal(signal.SIGHUP)
        assert asks(("127.0.0.1", port)) == b"MN\r\n"
        assert server.end() == 0


def test_a_hangup_at_the_very_start_waits(tmp_path):
    """Stopped where it prints the help into a full pipe, so that the moment is certain."""
    pipe = tmp_path / "help"
    os.mkfifo(pipe)
    into_pipe = ["/bin/sh", "-c", f'exec "$@" >{pipe}', "sh"]
    with program(tmp_path, "-h", wrapper=into_pipe) as starting, open(pipe, "rb", 0) as text:
        fcntl.fcntl(text, fcntl.F_SETPIPE_SZ, 4096)  # the help is longer
        first = text.read(1)
        starting.process.send_signal(signal.SIGHUP)
        assert len(first + text.readall()) > 4097
        assert starting.process.wait(seconds(20)) == 0


def test_more_signals_do_not_keep_it_from_ending_in_order(tmp_path):
    with program(tmp_path, "-p", "-1") as server:
        server.await_line("ready")
        while server.process.poll() is None:
            server.process.terminate()
        assert server.process.returncode == 0


def test_a_signal_during_the_start_ends_it_in_order(tmp_path):
    """It is killed at once, or kept until the server can end, with code 0."""
    with program(tmp_path, "-p", "-1") as server:
        assert server.end() in (0, -signal.SIGTERM)
    path = tmp_path / "ports"  # written before the workers run
    with program(tmp_path, "-p", "-1", MEMCACHED_PORT_FILENAME=str(path)) as server:
        while not path.exists():
            assert server.process.poll() is None
        assert server.end() == 0


@pytest.mark.skipif(not is_plain(), reason="sanitizers and emulators report crashes themselves")
def test_a_crash_of_a_worker_leaves_a_stack_trace(tmp_path):
    with program(tmp_path, "-p", "-1") as server:
        server.await_line("ready")
        pid = server.process.pid
        worker = next(
            int(task.name)
            for task in Path(f"/proc/{pid}/task").iterdir()
            if (task / "comm").read_text(encoding="ascii") == "quarry-worker\n"
        )
        assert ctypes.CDLL(None).tgkill(pid, worker, int(signal.SIGSEGV)) == 0
        assert server.process.wait(seconds(20)) == -signal.SIGSEGV
        assert "*** SIGSEGV received" in server.stderr()
        assert "PC: @" in server.stderr()


def test_a_port_that_is_taken_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = run("-p", str(port), "-l", "127.0.0.1")
    assert ended.returncode == 71
    assert ended.stderr.count("\n") == 1
    assert f"127.0.0.1:{port}" in ended.stderr


def test_an_address_that_is_not_ours_is_named():
    ended = run("-p", "-1", "-l", "192.0.2.1")
    assert ended.returncode == 71
    assert ended.stderr.count("\n") == 1
    assert "192.0.2.1" in ended.stderr


def test_a_random_port_is_told_in_a_file(tmp_path):
    path = tmp_path / "ports"
    with program(tmp_path, "-p", "-1", MEMCACHED_PORT_FILENAME=str(path)) as server:
        wait_until(path.exists, "the port file appears")
        lines = path.read_text(encoding="ascii").splitlines()
        assert all(re.fullmatch(r"TCP INET6?: \d+", line) for line in lines)
        port = int(re.match(r"TCP INET: (\d+)", lines[0])[1])
        assert asks(("127.0.0.1", port)) == b"MN\r\n"
        assert f"STAT tcpport {port}\r\n".encode() in asks(
            ("127.0.0.1", port), b"stats settings\r\n"
        )
        assert server.end() == 0


def test_a_unix_socket_serves_alone(open_directory):
    path = open_directory / "socket"
    with program(open_directory, "-s", str(path), "-a", "0750") as server:
        server.await_line("ready")
        assert asks(str(path)) == b"MN\r\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o750
        assert "listening address=" not in server.stderr()
        assert server.end() == 0
    assert not path.exists()


@pytest.mark.parametrize("named_by", ["-p", "-l"])
def test_a_unix_socket_serves_beside_tcp_that_is_asked_for(open_directory, named_by):
    path = open_directory / "socket"
    port = free_port()
    tcp = ["-p", str(port)] if named_by == "-p" else ["-l", f"127.0.0.1:{port}"]
    with program(open_directory, *tcp, "-s", str(path)) as server:
        server.await_line("ready")
        assert asks(str(path), b"set k 0 0 1\r\nx\r\n") == b"STORED\r\n"
        assert asks(("127.0.0.1", port), b"get k\r\n") == b"VALUE k 0 1\r\nx\r\nEND\r\n"
        assert server.end() == 0
    assert not path.exists()


def test_a_file_that_is_no_socket_is_left_alone(open_directory):
    path = open_directory / "socket"
    path.write_bytes(b"precious")
    ended = run("-s", str(path))
    assert ended.returncode == 71
    assert str(path) in ended.stderr
    assert path.read_bytes() == b"precious"


def test_the_socket_of_a_live_server_is_not_taken(open_directory):
    path = open_directory / "socket"
    with program(open_directory, "-s", str(path)) as server:
        server.await_line("ready")
        ended = run("-s", str(path))
        assert ended.returncode == 71
        assert "Address already in use" in ended.stderr
        assert asks(str(path)) == b"MN\r\n"


def test_the_socket_of_a_dead_server_is_replaced(open_directory):
    path = open_directory / "socket"
    for _ in range(2):
        with program(open_directory, "-s", str(path)) as server:
            server.await_line("ready")
            assert asks(str(path)) == b"MN\r\n"
            server.end(signal.SIGKILL)
        assert path.exists()


def test_the_pid_file_is_there_while_it_serves(tmp_path):
    path = tmp_path / "pid"
    with program(tmp_path, "-p", "-1", "-P", str(path)) as server:
        server.await_line("ready")
        assert path.read_text(encoding="ascii") == f"{server.process.pid}\n"
        assert server.end() == 0
    assert not path.exists()


def test_a_pid_file_that_cannot_be_written_is_named(tmp_path):
    ended = run("-p", "-1", "-P", str(tmp_path / "missing" / "pid"))
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].count(str(tmp_path / "missing" / "pid")) == 1


def test_the_background_is_entered_once_it_serves(tmp_path):
    port, path = free_port(), tmp_path / "pid"
    ended = run("-d", "-p", str(port), "-P", str(path))
    assert ended.returncode == 0
    pid = int(path.read_text(encoding="ascii"))
    try:
        assert asks(("127.0.0.1", port)) == b"MN\r\n"
        assert os.readlink(f"/proc/{pid}/cwd") == "/"
        assert os.readlink(f"/proc/{pid}/fd/2") == "/dev/null"
        assert os.getsid(pid) == pid
    finally:
        os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not path.exists(), "the pid file is gone")


@pytest.mark.parametrize("flags", [[], ["-d"]], ids=["foreground", "background"])
def test_it_serves_where_its_standard_descriptors_are_closed(tmp_path, flags):
    port, path = free_port(), tmp_path / "pid"
    closing = ("sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh")
    with program(tmp_path, "-p", str(port), "-P", str(path), *flags, wrapper=closing):
        wait_until(path.exists, "the pid file appears")
        pid = int(path.read_text(encoding="ascii"))
        try:
            assert asks(("127.0.0.1", port)) == b"MN\r\n"
            for descriptor in range(3):
                assert os.readlink(f"/proc/{pid}/fd/{descriptor}") == "/dev/null"
        finally:
            os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not path.exists(), "the pid file is gone")


def test_what_fails_before_the_background_is_told_to_the_caller():
    with socket.create_server(("127.0.0.1", 0)) as other:
        ended = run("-d", "-p", str(other.getsockname()[1]), "-l", "127.0.0.1")
    assert ended.returncode == 71
    assert "can't listen" in ended.stderr


@pytest.mark.parametrize("abstract", [False, True])
def test_the_service_manager_is_told(open_directory, abstract):
    name = f"@quarryd-test-{os.getpid()}" if abstract else str(open_directory / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(seconds(10))
        manager.bind("\0" + name[1:] if abstract else name)
        with program(open_directory, "-p", "-1", NOTIFY_SOCKET=name) as server:
            assert manager.recv(1024).startswith(b"READY=1\nSTATUS=")
            server.process.send_signal(signal.SIGTERM)
            assert manager.recv(1024).startswith(b"STOPPING=1\n")
            assert server.process.wait(seconds(10)) == 0


def test_a_process_that_the_service_manager_waits_for_stays_in_the_foreground(open_directory):
    name = str(open_directory / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(seconds(10))
        manager.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        manager.bind(name)
        with program(open_directory, "-d", "-p", "-1", NOTIFY_SOCKET=name) as server:
            message, control, _, _ = manager.recvmsg(1024, socket.CMSG_SPACE(12))
            assert message.startswith(b"READY=1\n")
            sender = struct.unpack("3i", control[0][2])[0]
            assert sender == server.process.pid
            assert "warning -d is ignored: " in server.stderr()
            assert server.end() == 0


def test_core_files_are_off_unless_asked_for(tmp_path):
    for flags, zero in (([], True), (["-r"], False)):
        with program(tmp_path, "-p", "-1", *flags) as server:
            server.await_line("ready")
            limits = Path(f"/proc/{server.process.pid}/limits").read_text(encoding="ascii")
            soft = re.search(r"^Max core file size +(\S+)", limits, re.MULTILINE)[1]
            assert (soft == "0") == zero
            assert server.end() == 0


def test_no_privileges_can_be_gained(tmp_path):
    with program(tmp_path, "-p", "-1") as server:
        server.await_line("ready")
        status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
        assert re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)


@AS_ROOT
def test_root_is_refused_without_a_user():
    ended = run("-p", "-1", user=False)
    assert ended.returncode == 64
    assert ended.stderr.count("\n") == 1
    assert "can't run as root without the -u switch" in ended.stderr


@AS_ROOT
def test_a_user_who_is_unknown_is_named():
    ended = run("-p", "-1", "-u", "no-such-user")
    assert ended.returncode == 67
    assert ended.stderr.count("\n") == 1
    assert "no-such-user" in ended.stderr


@AS_ROOT
@pytest.mark.skipif(not is_plain(), reason="sanitizers and emulators need threads of their own")
def test_without_a_thread_for_each_worker_it_does_not_start(open_directory):
    """The limit counts what else runs as that user, too, so that some workers get a thread, or
    none."""
    path, pid_path = open_directory / "socket", open_directory / "pid"
    flags = ["-u", "nobody", "-t", "16", "-s", str(path), "-P", str(pid_path)]
    with program(open_directory, *flags, wrapper=["prlimit", "--nproc=8"]) as server:
        assert server.process.wait(seconds(20)) == 71
        assert "a worker's thread: Resource temporarily unavailable" in server.stderr()
        assert "ready" not in server.stderr()
    assert not path.exists()
    assert not pid_path.exists()


@AS_ROOT
def test_root_becomes_the_user_and_hands_over_its_socket(open_directory):
    nobody = pwd.getpwnam("nobody")
    path, pid_path = open_directory / "socket", open_directory / "pid"
    flags = ["-u", "nobody", "-s", str(path), "-P", str(pid_path)]
    with program(open_directory, *flags) as server:
        server.await_line("ready")
        status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
        ids = {kind: value.split() for kind, value in re.findall(r"^([UG]id):(.*)$", status, re.M)}
        assert ids == {"Uid": [str(nobody.pw_uid)] * 4, "Gid": [str(nobody.pw_gid)] * 4}
        assert re.search(r"^Groups:\s*$", status, re.MULTILINE)
        assert re.search(r"^CapEff:\s*0+$", status, re.MULTILINE)
        assert path.stat().st_uid == nobody.pw_uid
        assert asks(str(path)) == b"MN\r\n"
        assert server.end() == 0
    assert not path.exists()
    assert not pid_path.exists()


@AS_ROOT
def test_a_user_may_have_a_port_that_only_root_can_open(tmp_path):
    port = next(p for p in range(1023, 900, -1) if _is_free(p))
    with program(tmp_path, "-u", "nobody", "-l", "127.0.0.1", "-p", str(port)) as server:
        server.await_line("ready")
        assert asks(("127.0.0.1", port)) == b"MN\r\n"
        assert server.end() == 0


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False
