"""How values are read from outside, and what relative dates mean."""

import datetime as dt
from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.records import kinds, shape
from rapport.records.errors import Bad
from rapport.records.kinds import Place
from rapport.records.kinds.moments import UNITS, local_input, period, relative

D = dt.date
DAYS = st.dates(D(1990, 1, 1), D(2090, 12, 31))
ISO, GERMAN = Place(), Place(dates="DD.MM.YYYY", decimal=",", country="DE")


@pytest.mark.parametrize(
    ("op", "value", "today", "first", "end"),
    [
        ("this", "day", D(2026, 11, 21), D(2026, 11, 21), D(2026, 11, 22)),
        ("last", "day", D(2026, 1, 1), D(2025, 12, 31), D(2026, 1, 1)),
        ("this", "week", D(2026, 11, 22), D(2026, 11, 16), D(2026, 11, 23)),
        ("next", "week", D(2026, 12, 31), D(2027, 1, 4), D(2027, 1, 11)),
        ("last", "month", D(2024, 3, 31), D(2024, 2, 1), D(2024, 3, 1)),
        ("next", "month", D(2026, 12, 5), D(2027, 1, 1), D(2027, 2, 1)),
        ("this", "quarter", D(2026, 11, 21), D(2026, 10, 1), D(2027, 1, 1)),
        ("last", "quarter", D(2026, 1, 9), D(2025, 10, 1), D(2026, 1, 1)),
        ("last", "year", D(2026, 6, 6), D(2025, 1, 1), D(2026, 1, 1)),
        ("in_last", {"n": 30, "unit": "day"}, D(2026, 3, 1), D(2026, 1, 31), D(2026, 3, 2)),
        ("in_last", 7, D(2026, 3, 7), D(2026, 3, 1), D(2026, 3, 8)),
        ("in_last", {"n": 1, "unit": "month"}, D(2026, 3, 31), D(2026, 3, 1), D(2026, 4, 1)),
        ("in_next", {"n": 1, "unit": "year"}, D(2024, 2, 29), D(2024, 2, 29), D(2025, 2, 28)),
    ],
)
def test_a_relative_period_runs_from_its_first_day_to_before_its_end(
    op: str, value: Any, today: D, first: D, end: D
) -> None:
    assert relative(op, value, today) == (first, end)


@given(DAYS, st.sampled_from(UNITS), st.integers(-50, 50))
def test_periods_follow_each_other_without_gap(day: D, unit: str, shift: int) -> None:
    assert period(day, unit, shift)[1] == period(day, unit, shift + 1)[0]
    first, end = period(day, unit, 0)
    assert first <= day < end


@given(DAYS, st.sampled_from(UNITS), st.integers(1, 60))
def test_the_last_n_end_today_and_the_next_n_begin_today(day: D, unit: str, n: int) -> None:
    first, end = relative("in_last", {"n": n, "unit": unit}, day)
    assert first <= day == end - dt.timedelta(days=1)
    first, end = relative("in_next", {"n": n, "unit": unit}, day)
    assert first == day < end


@pytest.mark.parametrize(
    "wrong",
    [0, -1, 4000, "x", None, True, {"n": 1.5, "unit": "day"}, {"n": 1, "unit": "hour"}, {"n": 3999, "unit": "year"}],
)
def test_a_period_that_makes_no_sense_is_refused(wrong: Any) -> None:
    with pytest.raises(Bad):
        relative("in_last", wrong, D(2026, 11, 21))


@pytest.mark.parametrize(
    ("kind", "given_", "stored"),
    [
        (kinds.EmailKind(), " Ada.Lovelace@Example.COM ", "ada.lovelace@example.com"),
        (kinds.EmailKind(), "<mailto:ada@example.com>", "ada@example.com"),
        (kinds.EmailKind(), "ada@BÜCHER.example", "ada@bücher.example"),
        (kinds.EmailKind(), "a+b_c%d@x-y.example", "a+b_c%d@x-y.example"),
        (kinds.EmailKind(), "", None),
        (kinds.UrlKind(), "example.com", "https://example.com"),
        (kinds.UrlKind(), "http://a.example/x?y=1", "http://a.example/x?y=1"),
        (kinds.CountryKind(), "de", "DE"),
        (kinds.CountryKind(), "Kazakhstan", "Kazakhstan"),
        (kinds.CurrencyKind(), " usd", "USD"),
        (kinds.TextKind(), " a \n\t b\x00c ", "a bc"),
        (kinds.LongTextKind(), "a\r\nb\rc ", "a\nb\nc"),
        (kinds.NumberKind(), "1,234", 1234),
        (kinds.NumberKind(), "1 234", 1234),
        (kinds.NumberKind(), 7.0, 7),
        (kinds.YesNoKind(), "Yes", True),
        (kinds.YesNoKind(), "0", False),
        (kinds.DayKind(), "2026-02-28", D(2026, 2, 28)),
        (kinds.DayKind(), "2026-02-28T10:00:00Z", D(2026, 2, 28)),
        (kinds.MomentKind(), "2026-02-28T10:00:00+02:00", dt.datetime(2026, 2, 28, 8, tzinfo=dt.UTC)),
        (kinds.MomentKind(), "2026-02-28", dt.datetime(2026, 2, 28, tzinfo=dt.UTC)),
    ],
)
def test_a_value_is_stored_in_one_spelling(kind: kinds.Kind, given_: Any, stored: Any) -> None:
    assert kind.parse(given_, ISO) == stored
    assert kind.parse(stored, ISO) == stored


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (kinds.EmailKind(), "ada"),
        (kinds.EmailKind(), "a@b"),
        (kinds.EmailKind(), "a b@example.com"),
        (kinds.EmailKind(), "a@@example.com"),
        (kinds.EmailKind(), ".a@example.com"),
        (kinds.UrlKind(), "javascript:alert(1)"),
        (kinds.UrlKind(), "ftp://example.com"),
        (kinds.UrlKind(), "nonsense"),
        (kinds.UrlKind(), "https://[::1"),
        (kinds.CurrencyKind(), "DOLLAR"),
        (kinds.TextKind(3), "four"),
        (kinds.TextKind(), ["a"]),
        (kinds.NumberKind(), "1.5"),
        (kinds.NumberKind(), "many"),
        (kinds.NumberKind(0, 9), 10),
        (kinds.NumberKind(), True),
        (kinds.NumberKind(), "1e99999999"),
        (kinds.MoneyKind(), "1e99999999"),
        (kinds.MoneyKind(), "NaN"),
        (kinds.YesNoKind(), "maybe"),
        (kinds.DayKind(), "2026-02-30"),
        (kinds.DayKind(), "20217-01-01"),
        (kinds.MomentKind(), "yesterday"),
        (kinds.PhoneKind(), "12"),
        (kinds.PhoneKind(), "call me"),
        (kinds.PhoneKind(), "+1 2"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(kind: kinds.Kind, wrong: Any) -> None:
    with pytest.raises(Bad):
        kind.parse(wrong, ISO)


@pytest.mark.parametrize(
    ("text", "country", "stored"),
    [
        ("+49 (37) 235-188", "", "+4937235188"),
        ("0049 37 235188", "", "+4937235188"),
        ("037 235188", "DE", "+4937235188"),
        ("(202) 555-0175", "", "+12025550175"),
        ("+1 202 555 0175 ext. 12", "", "+12025550175;ext=12"),
        ("tel:+44-20-7946-0018", "", "+442079460018"),
    ],
)
def test_a_phone_number_is_stored_with_its_country(text: str, country: str, stored: str) -> None:
    assert kinds.PhoneKind().parse(text, Place(country=country)) == stored


def test_numbers_outside_the_plans_of_all_countries_are_known_as_such() -> None:
    wrong = []
    for region in phonenumbers.SUPPORTED_REGIONS:
        for number, right in (
            (phonenumbers.example_number(region), True),
            (phonenumbers.invalid_example_number(region), False),
        ):
            text = number and phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            if text and kinds.is_assigned(text) != right:
                wrong.append(text)
    assert not wrong


def test_dates_and_numbers_are_read_as_the_place_writes_them() -> None:
    assert kinds.DayKind().parse("03.02.2026", GERMAN) == D(2026, 2, 3)
    assert kinds.MoneyKind().parse("1.234,50", GERMAN) == "1234.50"
    assert kinds.MoneyKind().parse("1,234.50", ISO) == "1234.50"
    with pytest.raises(Bad, match=r"DD\.MM\.YYYY"):
        kinds.DayKind().parse("2026-02-03", GERMAN)


@given(DAYS)
def test_a_date_reads_as_it_was_written(day: D) -> None:
    assert kinds.DayKind().parse(day.isoformat(), ISO) == kinds.DayKind().parse(day.strftime("%d.%m.%Y"), GERMAN) == day


def test_a_moment_typed_without_a_zone_is_read_where_the_person_is() -> None:
    assert local_input("2026-07-01T09:30", "America/New_York") == dt.datetime(2026, 7, 1, 13, 30, tzinfo=dt.UTC)


def test_an_entity_with_very_many_fields_still_gives_every_field_empty_ones_included(organisation: None) -> None:
    """Both engines limit the arguments of a function, so wide objects are put together from parts."""
    import json

    from rapport.platform import db

    names = [f"f{n}" for n in range(120)]
    make = "json_object" if db.is_sqlite() else "json_build_object"
    pairs = [(name, "NULL" if n % 3 else f"'{name}'") for n, name in enumerate(names)]
    cast = "" if db.is_sqlite() else "::text"
    found = json.loads(db.one(f"SELECT {shape._object(make, pairs)}{cast}")[0])
    assert list(found) == names
    assert found == {name: None if n % 3 else name for n, name in enumerate(names)}
