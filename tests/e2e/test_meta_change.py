"""md and ma: deleting, invalidating and counting."""

import re

import pytest

from replies import BAD_ARITHMETIC_MODE, INVALID_OR_DUPLICATE, NON_NUMERIC, TOO_LONG_KEY


# md


def test_md_deletes(c):
    c.set(b"k", b"hi")
    c.ask(b"md k\r\n", b"HD\r\n")
    c.ask(b"md k\r\n", b"NF\r\n")
    assert c.get(b"k") is None


def test_md_echoes_key_and_opaque_on_every_code(c):
    c.ask(b"ms k 2 E50\r\nhi\r\n", b"HD\r\n")
    c.ask(b"md k O1 C51 k\r\n", b"EX O1 kk\r\n")
    c.ask(b"md k k O2 C50\r\n", b"HD kk O2\r\n")
    c.ask(b"md k O3 k\r\n", b"NF O3 kk\r\n")


def test_md_with_q_hides_only_success(c):
    c.ask(b"ms k 2 E50\r\nhi\r\n", b"HD\r\n")
    c.ask(b"md k q C51\r\nmd k q\r\nmd k q\r\nmn\r\n", b"EX\r\nNF\r\nMN\r\n")


def test_md_with_the_wrong_cas_id_leaves_the_item(c):
    c.ask(b"ms k 2 E50\r\nhi\r\n", b"HD\r\n")
    c.ask(b"md k C51\r\n", b"EX\r\n")
    assert c.get(b"k") == b"hi"


def test_md_ignores_a_ttl_on_a_plain_delete(c):
    c.set(b"k", b"hi")
    c.ask(b"md k T30\r\n", b"HD\r\n")
    assert c.get(b"k") is None


def test_md_invalidates_with_a_ttl(c):
    c.ask(b"ms k 2 F5\r\nhi\r\n", b"HD\r\n")
    c.ask(b"md k I T30\r\n", b"HD\r\n")
    assert re.fullmatch(rb"VA 2 f5 t(28|29|30) X W", c.ask_line(b"mg k f t v\r\n"))
    c.expect(b"hi\r\n")


def test_md_without_a_ttl_keeps_the_ttl_of_a_stale_item(c):
    c.ask(b"ms k 2 T100\r\nhi\r\n", b"HD\r\n")
    c.ask(b"md k I\r\n", b"HD\r\n")
    assert re.fullmatch(rb"HD t(98|99|100) X W", c.ask_line(b"mg k t\r\n"))


def test_md_can_remove_the_value_alone(c):
    c.ask(b"ms k 2 F5 T100 E50\r\nhi\r\n", b"HD\r\n")
    c.ask(b"md k x\r\n", b"HD\r\n")
    c.ask(b"mg k v f t c\r\n", b"VA 0 f0 t-1 c50\r\n\r\n")


def test_md_can_remove_the_value_and_set_the_rest(c):
    c.ask(b"ms k 2 F5 E50\r\nhi\r\n", b"HD\r\n")
    c.ask(b"md k x F9 T100 E70\r\n", b"HD\r\n")
    assert re.fullmatch(rb"VA 0 f9 c70 t(98|99|100)", c.ask_line(b"mg k v f c t\r\n"))
    c.expect(b"\r\n")


def test_md_can_empty_and_invalidate_at_once(c):
    c.set(b"k", b"hi")
    c.ask(b"md k x I\r\n", b"HD\r\n")
    c.ask(b"mg k v\r\n", b"VA 0 X W\r\n\r\n")


def test_md_ignores_flags_of_other_commands(c):
    c.set(b"k", b"hi")
    c.ask(b"md k v s t\r\n", b"HD\r\n")


# ma


def test_ma_counts_by_one(c):
    c.set(b"k", b"10")
    c.ask(b"ma k\r\n", b"HD\r\n")
    assert c.get(b"k") == b"11"


@pytest.mark.parametrize(
    "value, flags, result",
    [
        (b"10", b"D5", b"15"),
        (b"10", b"MI", b"11"),
        (b"10", b"M+ D2", b"12"),
        (b"10", b"MD D2", b"8"),
        (b"10", b"M- D11", b"0"),
        (b"10", b"MD", b"9"),
        (b"18446744073709551615", b"", b"0"),
        (b"18446744073709551615", b"D2", b"1"),
        (b"0", b"D18446744073709551615", b"18446744073709551615"),
        (b"5  ", b"", b"6"),
    ],
)
def test_ma_returns_the_number(c, value, flags, result):
    c.set(b"k", value)
    c.ask(b"ma k v " + flags + b"\r\n", b"VA %d\r\n%b\r\n" % (len(result), result))
    assert int(c.get(b"k")) == int(result)


@pytest.mark.parametrize(
    "flags, reply",
    [
        (b"k", b"HD kk"),
        (b"O1", b"HD O1"),
        (b"t", b"HD t-1"),
        (b"c E77", b"HD c77"),
        (b"s f", b"HD"),
        (b"v t c E77 k O1", b"VA 2 t-1 c77 kk O1\r\n11"),
        (b"O1 k E77 c t v", b"VA 2 O1 kk c77 t-1\r\n11"),
    ],
)
def test_ma_returns_flags_in_the_order_of_the_request(c, flags, reply):
    c.set(b"k", b"10")
    c.ask(b"ma k " + flags + b"\r\n", reply + b"\r\n")


def test_ma_of_a_missing_item_is_not_found(c):
    c.ask(b"ma k k O1 v\r\n", b"NF kk O1\r\n")
    c.ask(b"ma k J5\r\n", b"NF\r\n")
    assert c.get(b"k") is None


def test_ma_can_create(c):
    c.ask(b"ma k N100 J13 D5 v\r\n", b"VA 2\r\n13\r\n")
    assert 98 <= c.ttl(b"k") <= 100
    c.ask(b"ma k N100 J13 D5 v\r\n", b"VA 2\r\n18\r\n")


def test_ma_creates_zero_without_an_initial_value(c):
    c.ask(b"ma k N0\r\n", b"HD\r\n")
    assert c.get(b"k") == b"0"
    assert c.ttl(b"k") == -1


def test_ma_sets_the_ttl(c):
    c.set(b"k", b"10")
    c.ask(b"ma k T100\r\n", b"HD\r\n")
    assert 98 <= c.ttl(b"k") <= 100


def test_ma_heeds_the_cas_id(c):
    c.ask(b"ms k 2 E50\r\n10\r\n", b"HD\r\n")
    c.ask(b"ma k C51 O1\r\n", b"EX O1\r\n")
    assert c.get(b"k") == b"10"
    c.ask(b"ma k C50\r\n", b"HD\r\n")
    assert c.cas_of(b"k") != 50


def test_ma_takes_a_cas_id_of_0_for_none(c):
    c.set(b"k", b"1")
    c.ask(b"ma k C0 v\r\n", b"VA 1\r\n2\r\n")


def test_ma_with_q_hides_only_success(c):
    c.ask(b"ms k 2 E50\r\n10\r\n", b"HD\r\n")
    c.set(b"text", b"abc")
    c.ask(
        b"ma k q C51\r\nma k q\r\nma k q v\r\nma gone q\r\nma new N0 q\r\nma text q\r\nmn\r\n",
        b"EX\r\nNF\r\n" + NON_NUMERIC + b"MN\r\n",
    )
    assert c.get(b"k") == b"12"


@pytest.mark.parametrize("value", [b"", b"abc", b"1 2", b" 5", b"-1", b"18446744073709551616"])
def test_ma_refuses_a_value(c, value):
    c.set(b"k", value)
    c.ask(b"ma k\r\n", NON_NUMERIC)
    assert c.get(b"k") == value


@pytest.mark.parametrize("mode", [b"Mx", b"Mi", b"Md"])
def test_ma_refuses_a_mode(c, mode):
    c.set(b"k", b"10")
    c.ask(b"ma k " + mode + b"\r\n", BAD_ARITHMETIC_MODE)
    assert c.get(b"k") == b"10"


@pytest.mark.parametrize(
    "line",
    [
        b"ma k v v",
        b"ma k W",
        b"ma k noreply",
        b"ma k Nx",
        b"ma k Tx",
        b"ma k Cx",
        b"ma k Dx",
        b"ma k D-1",
        b"ma k Jx",
        b"ma " + TOO_LONG_KEY,
        b"ma !!! b",
    ],
)
def test_ma_has_one_error_for_the_whole_line(c, line):
    c.set(b"k", b"10")
    c.ask(line + b"\r\n", INVALID_OR_DUPLICATE)
    assert c.get(b"k") == b"10"
