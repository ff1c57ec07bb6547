"""The same operations in text, meta and binary: random walks beside one model of a cache, in one
dialect after the other, in all of them side by side, and against Debian's memcached."""

import contextlib
import os
import random
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

import pytest

from binary import is_plain
from bounds import seconds, wait_until
from cache_model import LARGEST_VALUE, LONG, NEVER, PAST, Cas, Model, Outcome
from client import Client
from dialects import Binary, Meta, Text
from values import random_bytes

STEPS = 3000 if is_plain() else 500
KEY_COUNT = 30

#: Where joins stop to make a value longer: what is refused as too large is another test's affair.
LONGEST_JOINED = 500_000


@dataclass
class Step:
    """One operation: a method of the dialects, and what it is called with."""

    kind: str
    key: bytes = b""
    arguments: dict = field(default_factory=dict)
    cas: Cas = Cas.ANY
    quiet: bool = False

    def can_be_told_in(self, dialect) -> bool:
        if isinstance(dialect, Text):
            has_cas = self.cas != Cas.ANY
            only_cas = self.kind == "store" and self.arguments["mode"] == "set"
            return (not has_cas or only_cas) and self.arguments.get("initial") is None
        return not (isinstance(dialect, Meta) and self.kind == "flush")


class Steps:
    """Draws steps for the items that `model` has."""

    def __init__(self, seed: int, model: Model):
        self._random = random.Random(seed)
        self._model = model
        self._noise = random_bytes(1 << 17, seed)

    def choose(self, choices):
        return self._random.choice(choices)

    def draw(self) -> Step:
        key = b"key-%d" % self._random.randrange(KEY_COUNT)
        kind = self._random.choices(
            ["store", "fetch", "count", "delete", "touch", "flush"], [40, 25, 20, 8, 10, 0.3]
        )[0]
        cas = self._random.choices([Cas.ANY, Cas.CURRENT, Cas.OTHER], [6, 2, 1])[0]
        quiet = kind in ("store", "count", "delete", "flush") and self._random.random() < 0.25
        return getattr(self, "_" + kind)(key, cas, quiet)

    def _store(self, key: bytes, cas: Cas, quiet: bool) -> Step:
        mode = self._random.choices(
            ["set", "add", "replace", "append", "prepend"], [4, 1, 1, 2, 2]
        )[0]
        value = self._value()
        old = self._model.find(key)
        if mode in ("append", "prepend") and old and not _can_be_joined(old.value, value):
            mode = "set"
        if mode == "set" and cas == Cas.ANY and self._random.random() < 0.01:
            value = bytes(LARGEST_VALUE + 10_000)
        arguments = {
            "mode": mode,
            "value": value,
            "flags": self.choose([0, 7, (1 << 32) - 1]),
            "exptime": self.choose([NEVER, NEVER, LONG, PAST]),
        }
        return Step("store", key, arguments, cas if mode in ("set", "append") else Cas.ANY, quiet)

    def _fetch(self, key: bytes, cas: Cas, quiet: bool) -> Step:
        return Step("fetch", key, {"exptime": self.choose([None, None, NEVER, LONG, PAST])})

    def _count(self, key: bytes, cas: Cas, quiet: bool) -> Step:
        delta = self.choose([0, 1, 5, 1000, (1 << 64) - 1]) * self.choose([1, -1])
        initial = self.choose([None, 0, 99])
        if initial is not None:  # a creation does not look at the CAS
            return Step("count", key, {"delta": delta, "initial": initial}, quiet=quiet)
        return Step("count", key, {"delta": delta}, cas, quiet)

    def _delete(self, key: bytes, cas: Cas, quiet: bool) -> Step:
        return Step("delete", key, cas=cas, quiet=quiet)

    def _touch(self, key: bytes, cas: Cas, quiet: bool) -> Step:
        return Step("touch", key, {"exptime": self.choose([NEVER, LONG, PAST])})

    def _flush(self, key: bytes, cas: Cas, quiet: bool) -> Step:
        return Step("flush", quiet=quiet)

    def _value(self) -> bytes:
        kind = self._random.randrange(100)
        if kind < 45:
            return b"%d" % (self._random.getrandbits(64) >> self._random.randrange(64))
        byte_count = self._random.randrange(
            200 if kind < 80 else 6300 if kind < 95 else len(self._noise)
        )
        return (b"x" + self._noise)[:byte_count]


def _can_be_joined(old: bytes, added: bytes) -> bool:
    """Behind the spaces that a shrunk number leaves, memcached and Quarry differ on purpose."""
    return not old.endswith(b" ") and len(old + added) <= LONGEST_JOINED


def _without_padding(value: bytes) -> bytes:
    number = value.rstrip(b" ")
    return number if number.isdigit() else value


class Witness:
    """Carries out steps in a dialect and compares their outcomes with the model's."""

    def __init__(self, prefix: bytes = b"", exact: bool = True):
        """Unless `exact`, a number may or may not be padded with spaces."""
        self._prefix = prefix
        self._shown = (lambda value: value) if exact else _without_padding
        self._seen_cas: dict[bytes, tuple[int, int]] = {}  # the version, and the CAS that it had

    def run(self, step: Step, dialect, expected) -> None:
        """`expected` is the model's outcome; of a fetch, the item before it, or None."""
        if step.kind == "flush":
            told = dialect.flush(quiet=step.quiet)
        elif step.kind == "fetch":
            return self._check_item(
                step.key, dialect.fetch(self._prefix + step.key, **step.arguments), expected
            )
        else:
            told = self._change(step, dialect)
        if step.quiet and told is None:
            # noreply hides failures as well, quiet in the other dialects does not.
            assert isinstance(dialect, Text) or expected == Outcome.DONE or _is_number(expected)
        else:
            assert told == expected

    def _change(self, step: Step, dialect):
        arguments = dict(step.arguments)
        if step.cas != Cas.ANY:
            found = dialect.fetch(self._prefix + step.key)
            arguments["cas"] = (found.cas if found else 4711) + (step.cas == Cas.OTHER)
        if step.kind != "touch":
            arguments["quiet"] = step.quiet
        return getattr(dialect, step.kind)(key=self._prefix + step.key, **arguments)

    def _check_item(self, key: bytes, found, item) -> None:
        """`item` is what the model has, as (value, flags, version)."""
        if item is None or found is None:
            assert found is item
            return
        value, flags, version = item
        assert (self._shown(found.value), found.flags) == (self._shown(value), flags)
        seen_version, seen_cas = self._seen_cas.get(key, (version, found.cas))
        assert (version == seen_version) == (found.cas == seen_cas)
        self._seen_cas[key] = (version, found.cas)


def _is_number(outcome) -> bool:
    return isinstance(outcome, int)


def _apply(model: Model, step: Step):
    """Carries out the step in the model; its outcome, of a fetch the item before it."""
    if step.kind == "flush":
        return model.flush()
    if step.kind == "fetch":
        item = model.find(step.key)
        before = (item.value, item.flags, item.version) if item else None
        if step.arguments["exptime"] is not None:
            model.touch(step.key, step.arguments["exptime"])
        return before
    if step.kind == "count" and step.cas == Cas.OTHER and model.find(step.key):
        return Outcome.EXISTS
    takes_cas = step.kind in ("store", "delete")
    arguments = step.arguments | ({"cas": step.cas} if takes_cas else {})
    return getattr(model, step.kind)(key=step.key, **arguments)


def _check_all(model: Model, witness: Witness, dialect) -> None:
    for number in range(KEY_COUNT):
        step = Step("fetch", b"key-%d" % number, {"exptime": None})
        witness.run(step, dialect, _apply(model, step))


def _check_ends(model: Model, client: Client, prefix: bytes = b"") -> None:
    """The items live as long as the model has it. Only meta shows that."""
    for number in range(KEY_COUNT):
        key = b"key-%d" % number
        if item := model.find(key):
            ttl = client.ttl(prefix + key)
            assert ttl == -1 if item.exptime == NEVER else LONG - 600 <= ttl <= LONG


@contextlib.contextmanager
def _dialects(address) -> Iterator[list]:
    with Client(address) as text, Client(address) as meta, Client(address) as binary:
        yield [Text(text), Meta(meta), Binary(binary)]


def _walk(address, seed: int, exact: bool = True) -> None:
    """Each step in another dialect, on the same items."""
    model = Model()
    steps = Steps(seed, model)
    witness = Witness(exact=exact)
    with _dialects(address) as dialects:
        for _ in range(STEPS):
            step = steps.draw()
            speakers = [dialect for dialect in dialects if step.can_be_told_in(dialect)]
            witness.run(step, steps.choose(speakers), _apply(model, step))
        for dialect in dialects:
            _check_all(model, witness, dialect)
    with Client(address) as client:
        _check_ends(model, client)


@pytest.mark.parametrize("seed", range(3))
def test_every_step_in_another_dialect_on_the_same_items(start, seed):
    _walk(start("-m", "256").address, seed)


@pytest.mark.parametrize("seed", range(10, 13))
def test_every_step_in_every_dialect_leaves_the_same_items(start, seed):
    server = start("-m", "256")
    model = Model()
    steps = Steps(seed, model)
    with _dialects(server.address) as dialects, server.connect() as client:
        speakers = [(b"%d-" % i, dialect) for i, dialect in enumerate(dialects)]
        witnesses = {prefix: Witness(prefix) for prefix, _ in speakers}
        for _ in range(STEPS):
            step = steps.draw()
            if not all(step.can_be_told_in(dialect) for dialect in dialects):
                continue
            expected = _apply(model, step)
            for prefix, dialect in speakers:
                witnesses[prefix].run(step, dialect, expected)
        for prefix, dialect in speakers:
            _check_all(model, witnesses[prefix], dialect)
            _check_ends(model, client, prefix)


@pytest.fixture
def memcached(tmp_path):
    """The address of a memcached of the system's."""
    program = shutil.which("memcached")
    if program is None:
        pytest.skip("Debian's memcached is not installed: scripts/setup bench installs it")
    user = ["-u", "root"] if os.geteuid() == 0 else []
    port_file = Path(tmp_path, "port")
    process = subprocess.Popen(
        [program, *user, "-l", "127.0.0.1", "-p", "-1", "-m", "256"],
        env=os.environ | {"MEMCACHED_PORT_FILENAME": str(port_file)},
    )
    try:
        wait_until(port_file.exists, "memcached listens")
        port = re.search(r"TCP INET: (\d+)", port_file.read_text(encoding="ascii"))[1]
        yield ("127.0.0.1", int(port))
    finally:
        process.terminate()
        process.wait(seconds(10))


@pytest.mark.parametrize("seed", range(3))
def test_memcached_itself_agrees_with_the_model(memcached, seed):
    """Else the model would show that the dialects agree, and not that they are right. memcached
    pads a shrunk number only where no reply is still on its way with the old one."""
    _walk(memcached, seed, exact=False)
