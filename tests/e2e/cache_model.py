"""What a cache should hold and answer, in the simplest way, whatever dialect it is asked in."""

import enum
from dataclasses import dataclass

#: Wire times that mean the same in every dialect: for ever, for long, and a date that has passed.
NEVER, LONG, PAST = 0, 1000, 2592001

#: Values above this do not fit the default item limit, however short their key.
LARGEST_VALUE = 1_048_000

_NUMBERS = 1 << 64


class Outcome(enum.Enum):
    DONE = enum.auto()
    NOT_STORED = enum.auto()
    EXISTS = enum.auto()
    NOT_FOUND = enum.auto()
    NON_NUMERIC = enum.auto()
    TOO_LARGE = enum.auto()


class Cas(enum.Enum):
    """What a request demands of the CAS of its item."""

    ANY = enum.auto()
    CURRENT = enum.auto()
    OTHER = enum.auto()


@dataclass
class Item:
    value: bytes
    flags: int
    exptime: int
    version: int  # stands for the CAS: another with every change of the value


class Model:
    def __init__(self):
        self._items: dict[bytes, Item] = {}
        self._last_version = 0

    def find(self, key: bytes) -> Item | None:
        """The item as it is; a change of it is the caller's own affair."""
        return self._items.get(key)

    def store(
        self, mode: str, key: bytes, value: bytes, flags: int, exptime: int, cas: Cas = Cas.ANY
    ) -> Outcome:
        old = self.find(key)
        joins = mode in ("append", "prepend")
        if len(value) > LARGEST_VALUE:
            if mode == "set" and cas == Cas.ANY:
                self._items.pop(key, None)
            return Outcome.TOO_LARGE
        if old is None:
            if cas != Cas.ANY and mode == "set":
                return Outcome.NOT_FOUND
            if joins or mode == "replace":
                return Outcome.NOT_STORED
        elif mode == "add":
            return Outcome.NOT_STORED
        elif cas == Cas.OTHER:
            return Outcome.EXISTS
        elif joins:
            value = old.value + value if mode == "append" else value + old.value
            if len(value) > LARGEST_VALUE:
                return Outcome.TOO_LARGE
            flags, exptime = old.flags, old.exptime
        self._put(key, value, flags, exptime)
        return Outcome.DONE

    def delete(self, key: bytes, cas: Cas = Cas.ANY) -> Outcome:
        if key not in self._items:
            return Outcome.NOT_FOUND
        if cas == Cas.OTHER:
            return Outcome.EXISTS
        del self._items[key]
        return Outcome.DONE

    def count(self, key: bytes, delta: int, initial: int | None = None) -> Outcome | int:
        """The new number. A negative `delta` stops at 0, a positive one wraps."""
        old = self.find(key)
        if old is None:
            if initial is None:
                return Outcome.NOT_FOUND
            self._put(key, b"%d" % initial, 0, NEVER)
            return initial
        digits = old.value.rstrip(b" ")
        if not digits.isdigit() or int(digits) >= _NUMBERS:
            return Outcome.NON_NUMERIC
        number = max(0, int(digits) + delta) % _NUMBERS
        # A shorter number keeps the room of the longer one before it.
        self._put(key, (b"%d" % number).ljust(len(old.value)), old.flags, old.exptime)
        return number

    def touch(self, key: bytes, exptime: int) -> Outcome:
        item = self.find(key)
        if item is None:
            return Outcome.NOT_FOUND
        if exptime == PAST:
            del self._items[key]
        else:
            item.exptime = exptime
        return Outcome.DONE

    def flush(self) -> Outcome:
        self._items.clear()
        return Outcome.DONE

    def _put(self, key: bytes, value: bytes, flags: int, exptime: int) -> None:
        self._last_version += 1
        self._items[key] = Item(value, flags, exptime, self._last_version)
        if exptime == PAST:
            del self._items[key]
