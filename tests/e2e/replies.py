"""Reply lines, as they stand on the wire."""

BAD_LINE = b"CLIENT_ERROR bad command line format\r\n"
BAD_CHUNK = b"CLIENT_ERROR bad data chunk\r\n"
BAD_DELETE = b"CLIENT_ERROR bad command line format.  Usage: delete <key> [noreply]\r\n"
BAD_DELTA = b"CLIENT_ERROR invalid numeric delta argument\r\n"
BAD_EXPTIME = b"CLIENT_ERROR invalid exptime argument\r\n"
NON_NUMERIC = b"CLIENT_ERROR cannot increment or decrement non-numeric value\r\n"
TOO_LARGE = b"SERVER_ERROR object too large for cache\r\n"
NO_MEMORY = b"SERVER_ERROR out of memory storing object\r\n"

# Meta commands.
BAD_TOKEN = b"CLIENT_ERROR bad token in command line format\r\n"
DUPLICATE_FLAG = b"CLIENT_ERROR duplicate flag\r\n"
INVALID_FLAG = b"CLIENT_ERROR invalid flag\r\n"
INVALID_OR_DUPLICATE = b"CLIENT_ERROR invalid or duplicate flag\r\n"
TOO_MANY_FLAGS = b"CLIENT_ERROR options flags are too long\r\n"
OPAQUE_TOO_LONG = b"CLIENT_ERROR opaque token too long\r\n"
BAD_BASE64 = b"CLIENT_ERROR error decoding key\r\n"
BAD_STORE_MODE = b"CLIENT_ERROR invalid mode for ms M token\r\n"
BAD_ARITHMETIC_MODE = b"CLIENT_ERROR invalid mode for ma M token\r\n"

LONGEST_KEY = b"k" * 250
TOO_LONG_KEY = b"k" * 251


def value_reply(key: bytes, value: bytes, flags: int = 0) -> bytes:
    """The whole reply to a get of one key."""
    return b"VALUE %b %d %d\r\n%b\r\nEND\r\n" % (key, flags, len(value), value)
