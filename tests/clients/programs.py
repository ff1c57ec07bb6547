"""The client programs: how each is built and run, and which Debian or npm package it stands on."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

SOURCES = Path(__file__).resolve().parent
BUILD = SOURCES.parents[1] / "build/clients"

OPERATIONS = ("set", "get", "delete", "incr", "cas", "multi-get", "megabyte", "binary")

_SPYMEMCACHED = "/usr/share/java/spymemcached.jar"


@dataclass(frozen=True)
class Program:
    """A client library, and the program in its language that uses it."""

    name: str
    package: str  # of Debian, or of npm
    command: tuple[str, ...]  # without its arguments
    ways: tuple[str, ...]  # what it can speak: see WAYS in test_real_clients.py
    build: tuple[str, ...] = ()  # makes the program from its source
    environment: dict[str, str] = field(default_factory=dict)
    operations: tuple[str, ...] = OPERATIONS
    operations_over_tls: tuple[str, ...] = OPERATIONS
    from_npm: bool = False

    def version(self) -> str:
        """The installed version of its package; a missing package fails the test."""
        if self.from_npm:
            path = BUILD / "node/node_modules" / self.package / "package.json"
            return json.loads(path.read_text(encoding="utf-8"))["version"]
        query = ["dpkg-query", "--show", "--showformat=${Version}", self.package]
        return subprocess.run(query, capture_output=True, text=True, check=True).stdout

    def make(self) -> None:
        """Builds the program where its language needs it."""
        if self.build:
            BUILD.mkdir(parents=True, exist_ok=True)
            environment = os.environ | self.environment
            subprocess.run(self.build, cwd=SOURCES, env=environment, check=True, timeout=300)

    def run(self, *arguments: str, environment: dict[str, str], timeout_sec: float) -> str:
        """What the program prints; a failure of it fails the test with its words."""
        finished = subprocess.run(
            [*self.command, *arguments],
            cwd=SOURCES,
            env=os.environ | self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_sec,
            check=False,
        )
        assert finished.returncode == 0, f"{finished.stdout}\n{finished.stderr}"
        return finished.stdout


def _python(name: str, package: str, ways: tuple[str, ...]) -> Program:
    return Program(
        name,
        package,
        ("/usr/bin/python3", f"{name}/client.py"),  # Debian's, which sees Debian's modules
        ways,
        environment={"PYTHONPATH": str(SOURCES)},
    )


def _node(name: str, ways: tuple[str, ...], operations: tuple[str, ...] = OPERATIONS) -> Program:
    return Program(
        f"{name} (npm)",
        name,
        ("node", f"node/{name}.js"),
        ways,
        environment={"NODE_PATH": str(BUILD / "node/node_modules")},
        operations=operations,
        from_npm=True,
    )


# Of the libraries in these versions, three speak TLS.
_TEXT_AND_TLS = ("text", "login", "text over TLS", "login over TLS")
_BINARY_AND_TLS = ("binary", "SASL", "binary over TLS", "SASL over TLS")
_BOTH = ("text", "binary", "SASL")
_BINARY = ("binary", "SASL")

PROGRAMS = (
    Program(
        "libmemcached",
        "libmemcached-dev",
        (str(BUILD / "libmemcached"),),
        _BOTH,
        build=("gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "libmemcached/client.c", "-o",
               str(BUILD / "libmemcached"), "-lmemcached"),
    ),
    _python("pymemcache", "python3-pymemcache", _TEXT_AND_TLS),
    _python("pylibmc", "python3-pylibmc", _BOTH),
    _python("bmemcached", "python3-binary-memcached", _BINARY_AND_TLS),
    Program(
        "Cache::Memcached::Fast",
        "libcache-memcached-fast-perl",
        ("perl", "cache_memcached_fast/client.pl"),
        ("text",),
    ),
    Program(
        "dalli",
        "ruby-dalli",
        ("ruby", "dalli/client.rb"),
        _BINARY_AND_TLS,
        # This version cannot get many keys at once over TLS.
        operations_over_tls=tuple(
            "successive" if name == "multi-get" else name for name in OPERATIONS
        ),
    ),
    Program("php-memcached", "php-memcached", ("php", "php_memcached/client.php"), _BOTH),
    # memjs has no call for cas, nor for many keys: single gets at once are what it offers.
    _node(
        "memjs",
        _BINARY,
        ("set", "get", "delete", "incr", "concurrent", "megabyte", "binary"),
    ),
    _node("memcached", ("text",)),
    Program(
        "gomemcache",
        "golang-github-bradfitz-gomemcache-dev",
        (str(BUILD / "gomemcache"),),
        ("text",),
        build=("go", "build", "-o", str(BUILD / "gomemcache"), "gomemcache/client.go"),
        environment={
            "GO111MODULE": "off",
            "GOPATH": "/usr/share/gocode",
            "GOCACHE": str(BUILD / "go-cache"),
        },
    ),
    Program(
        "spymemcached",
        "libspymemcached-java",
        ("java", "-cp", f"{_SPYMEMCACHED}:{BUILD / 'spymemcached'}", "Client"),
        _BOTH,
        build=("javac", "-Werror", "-cp", _SPYMEMCACHED, "-d", str(BUILD / "spymemcached"),
               "spymemcached/Client.java"),
    ),
)
