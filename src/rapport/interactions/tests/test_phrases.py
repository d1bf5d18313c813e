"""What is understood of a task typed in one line. It is Saturday, 21 November 2026, half past two."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.interactions.phrases import understand

NOW = dt.datetime(2026, 11, 21, 14, 30)  # noqa: DTZ001 - the person's own time


@pytest.mark.parametrize(
    ("text", "title", "due"),
    [
        ("Call Horst tomorrow 10:00", "Call Horst", "2026-11-22 10:00"),
        ("Call Horst", "Call Horst", None),
        ("today: send the quote", "send the quote", "2026-11-21 23:59"),
        ("Send the quote by Friday", "Send the quote", "2026-11-27 23:59"),
        ("next monday at 9 call Nora", "call Nora", "2026-11-23 09:00"),
        ("Saturday clean up", "clean up", "2026-11-28 23:59"),
        ("Visit on thu 4pm", "Visit", "2026-11-26 16:00"),
        ("Plan the year next week", "Plan the year", "2026-11-23 23:59"),
        ("Order in 3 days", "Order", "2026-11-24 23:59"),
        ("Ring back in 20 minutes", "Ring back", "2026-11-21 14:50"),
        ("Ring back in an hour", "Ring back", "2026-11-21 15:30"),
        ("Renew on 24 December", "Renew", "2026-12-24 23:59"),
        ("Renew Dec 24th, 2027 at noon", "Renew", "2027-12-24 12:00"),
        ("Renew 3 March", "Renew", "2027-03-03 23:59"),
        ("Renew 24.12. 8:15", "Renew", "2026-12-24 08:15"),
        ("Renew 2027-02-03", "Renew", "2027-02-03 23:59"),
        ("Lunch 12:30pm", "Lunch", "2026-11-22 12:30"),
        ("Call 15:00", "Call", "2026-11-21 15:00"),
        ("Call 9:00", "Call", "2026-11-22 09:00"),
        ("Tonight dinner", "dinner", "2026-11-21 19:00"),
        ("Order 12 boxes of 31.2. wine", "Order 12 boxes of 31.2. wine", None),
        ("Ask Sun Microsystems about May", "Ask Sun Microsystems about May", None),
        ("tomorrow", "tomorrow", "2026-11-22 23:59"),
        ("Pay 25:00 now", "Pay 25:00 now", None),
    ],
)
def test_dates_and_times(text: str, title: str, due: str | None) -> None:
    found = understand(text, NOW)
    assert (found.title, found.due and f"{found.due:%Y-%m-%d %H:%M}") == (title, due)


def test_a_priority() -> None:
    assert understand("Call Horst !high", NOW).priority == "high"
    assert understand("Call Horst tomorrow !!", NOW).priority == "urgent"
    assert understand("Hello! there", NOW).priority is None


@given(st.text(alphabet=st.sampled_from("abt0123456789:.-! ontmwrdjy,"), max_size=60))
def test_no_text_is_too_odd(text: str) -> None:
    found = understand(text, NOW)
    assert found.title or not text.strip(" ,;:-")
