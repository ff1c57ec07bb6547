"""stats sizes: how many items there are of each size, where -o track_sizes asks for it."""

import packets


def test_sizes_are_counted_in_steps_of_32_bytes(start):
    server = start("-o", "track_sizes")
    with server.connect() as c:
        assert c.stats("sizes") == {}
        for number in range(1000):
            c.set(b"k%d" % number, b"x" * 100)
        c.set(b"large", b"x" * 100_000)
        c.set(b"gone", b"x" * 5000, exptime=-1)
        # Key, value and 59 bytes, rounded up.
        assert c.stats("sizes") == {"192": "1000", "100064": "1"}
        assert c.stats("settings")["track_sizes"] == "yes"
        with server.connect() as b:
            assert packets.stats(b, b"sizes") == {b"192": b"1000", b"100064": b"1"}
            packets.nothing_more(b)


def test_sizes_are_not_counted_unless_asked_for(c):
    assert c.stats("sizes") == {"sizes_status": "disabled"}
    assert c.stats("settings")["track_sizes"] == "no"
