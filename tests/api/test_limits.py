"""Who asks too often or too much hears so, with the moment to go on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rapport.platform.identity.models import User
from rapport.records.api import limits
from tests.people import Api

Client = Callable[..., Api]


class Clock:
    """Time that goes on when told."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    made = Clock()
    monkeypatch.setattr(limits, "time", made)
    limits.limits.buckets.clear()
    yield made
    limits.limits.buckets.clear()


def test_a_token_runs_dry_and_fills_again(admin: User, api: Client, clock: Clock, settings: Any) -> None:
    settings.API_RATE_TOKEN, settings.API_RATE_USER = 6, 100
    client, other = api(admin), api(admin)
    for left in range(5, -1, -1):
        answer = client.get("parties")
        assert answer.status_code == 200
        assert answer["RateLimit-Policy"] == '"token";q=6;w=60'
        assert answer["RateLimit"] == f'"token";r={left};t={10 * (6 - left)}'
    refused = client.get("parties")
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert refused["Retry-After"] == "10"
    assert client.post("parties", {"name": "Acme"}).status_code == 429
    assert other.get("parties").status_code == 200, "another token of the same user"
    clock.now += 10
    assert client.get("parties").status_code == 200
    assert client.get("parties").status_code == 429


def test_many_tokens_of_one_user_share_his_bucket(
    admin: User, seller: User, api: Client, clock: Clock, settings: Any
) -> None:
    settings.API_RATE_TOKEN, settings.API_RATE_USER = 10, 12
    answers = [api(admin).get("parties").status_code for _each in range(14)]
    assert answers == [200] * 12 + [429] * 2
    assert api(seller).get("parties").status_code == 200


def test_a_browser_counts_as_its_user_and_zero_means_no_limit(
    admin: User, browser_of: Any, api: Client, clock: Clock, settings: Any
) -> None:
    settings.API_RATE_TOKEN, settings.API_RATE_USER = 0, 2
    browser = browser_of(admin)
    assert [browser.get("/api/v1/parties").status_code for _each in range(3)] == [200, 200, 429]
    settings.API_RATE_USER = 0
    answer = browser.get("/api/v1/parties")
    assert (answer.status_code, "RateLimit" in answer) == (200, False)


def test_nothing_is_written_for_counting(admin: User, api: Client, django_assert_num_queries: Any) -> None:
    client = api(admin)
    client.get("parties")
    with django_assert_num_queries(2):  # who it is, and the list
        client.get("parties")


def test_a_request_that_is_too_large_is_not_read(admin: User, api: Client, settings: Any) -> None:
    settings.API_LARGEST = 1000
    answer = api(admin).post("parties", {"name": "x" * 2000})
    assert answer.status_code == 413
    assert answer["Content-Type"] == "application/problem+json"
    settings.API_LARGEST, settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000, 1000
    assert api(admin).post("parties", {"name": "x" * 2000}).status_code == 413
