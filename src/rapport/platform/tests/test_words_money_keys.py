"""The ground: one way to compare text, exact money, keys in order of time."""

import string
import uuid
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.platform import db, money
from rapport.platform.keys import key_at, new_key, parse_key
from rapport.platform.text import fold, prefix_end, words

CURRENCIES = st.sampled_from(sorted(money.CURRENCIES))
MINOR = st.integers(-(10**17), 10**17)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "muller"),
        ("ÅNGSTRÖM", "angstrom"),
        ("Шолпан", "Sholpan"),
        ("Әлия", "Aliya"),
        ("O'Neil", "oneil"),
        ("O’Neil", "ONEIL"),
        ("straße", "STRASSE"),
        ("  a \t b ", "A B"),
        ("Æsop", "aesop"),
        ("Łódź", "lodz"),
        ("İstanbul", "istanbul"),
        ("Ёлка", "elka"),
        ("ＦＵＬＬ", "full"),
        ("ﬁ", "fi"),
        ("Qo‘shimcha", "qoshimcha"),
    ],
)
def test_spellings_of_one_name_are_one_key(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(string.ascii_letters + "éñßяж '", max_size=20))
def test_case_never_matters(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


@given(st.text(max_size=40))
def test_words_hold_nothing_that_could_be_search_syntax(text: str) -> None:
    assert all(word.isalnum() for word in words(text))


@given(st.text(max_size=5), st.text(max_size=5))
def test_what_starts_with_a_prefix_lies_between_it_and_its_end(prefix: str, rest: str) -> None:
    held, end = (prefix + rest).encode("utf-8", "surrogatepass"), prefix_end(prefix).encode("utf-8", "surrogatepass")
    assert prefix.encode("utf-8", "surrogatepass") <= held
    assert held < end or rest.startswith("\U0010ffff")


@given(MINOR, CURRENCIES)
def test_money_comes_back_as_it_went(minor: int, currency: str) -> None:
    text = money.from_minor(minor, currency)
    assert money.to_minor(text, currency) == minor
    assert Decimal(text) == Decimal(minor).scaleb(-money.exponent(currency))
    assert "E" not in text


@given(st.lists(MINOR, max_size=50), CURRENCIES)
def test_sums_are_exact(amounts: list[int], currency: str) -> None:
    shown = sum((Decimal(money.from_minor(each, currency)) for each in amounts), Decimal(0))
    assert shown == Decimal(money.from_minor(sum(amounts), currency))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minors=st.lists(MINOR, min_size=1, max_size=8), currency=CURRENCIES)
def test_the_database_writes_an_amount_as_python_does(minors: list[int], currency: str, organisation: None) -> None:
    for minor in minors:
        sql = f"SELECT {money.sql_text('a', 'c', db.vendor())} FROM (SELECT CAST(%s AS bigint) AS a, %s AS c) x"
        assert db.one(sql, (minor, currency)) == (money.from_minor(minor, currency),)


@pytest.mark.parametrize(
    "wrong",
    ["", "x", "1,5", "1.005", "NaN", "Infinity", "-Infinity", "1e99999999", "1e30", "92233720368547758.08", "½"],
)
def test_what_is_no_amount_of_dollars_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        money.to_minor(wrong, "USD")


@given(
    st.integers(-(10**12), 10**12),
    st.sampled_from(["USD", "JPY", "KWD"]),
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.decimals("0.0001", "5000", places=4),
)
def test_conversion_is_exact_to_the_last_minor_unit_and_symmetric(
    minor: int, currency: str, base: str, rate: Decimal
) -> None:
    found = money.convert(minor, currency, base, rate)
    exact = Decimal(minor).scaleb(-money.exponent(currency)) * rate
    assert abs(Decimal(found).scaleb(-money.exponent(base)) - exact) <= Decimal(1).scaleb(-money.exponent(base)) / 2
    assert money.convert(-minor, currency, base, rate) == -found


def test_keys_are_unique_and_sort_by_the_time_they_were_made() -> None:
    keys = [new_key() for _n in range(2000)]
    assert keys == sorted(set(keys))
    assert uuid.UUID(keys[0]).version == 7


@given(st.integers(0, 2**48 - 2), st.integers(0, 2**74 - 2))
def test_keys_of_a_moment_sort_by_moment_then_serial(moment: int, serial: int) -> None:
    assert key_at(moment, serial) < key_at(moment, serial + 1) < key_at(moment + 1, 0)
    assert uuid.UUID(key_at(moment, serial)).version == 7


@given(st.uuids())
def test_a_key_is_read_dashed_or_not_in_any_case(key: uuid.UUID) -> None:
    for text in (key.hex, str(key), str(key).upper(), key, key.bytes):
        assert parse_key(text) == key.hex


@pytest.mark.parametrize("wrong", ["", "x" * 32, "0" * 31, "0" * 33, None, 7, "é" * 32, "0" * 31 + "\n"])
def test_what_is_no_key_is_none(wrong: object) -> None:
    assert parse_key(wrong) is None
