"""The screen that shows what a webhook was told."""

from collections.abc import Callable
from typing import Any

from django.test import Client

from rapport.platform.identity.models import User
from rapport.records.webhooks import signing
from tests.people import Api
from tests.webhooks.receiving import Receiver, work


def test_it_shows_what_was_told_and_tells_it_again(
    admin: User, reader: User, api: Callable[..., Api], browser_of: Callable[[User], Client], receiver: Receiver
) -> None:
    client = api(admin)
    made = client.make("webhooks", {"name": "Shop", "url": receiver.url, "events": "party"})
    path = f"/webhooks/{made['id']}"
    browser = browser_of(admin)
    assert "Nothing yet" in browser.get(f"{path}/deliveries").content.decode()
    assert f'href="{path}/deliveries"' in browser.get(path).content.decode()
    party = client.make("parties", {"name": "Acme"})["id"]
    receiver.status = 503
    work()
    page: Any = browser.get(f"{path}/deliveries").content.decode()
    for words in ("party.created", f'href="/parties/{party}"', "503", "Waiting", signing.secret_of(made["id"], 1)):
        assert words in page, words
    assert "party.created" not in browser.get(f"{path}/deliveries?status=sent").content.decode()
    (entry,) = client.items(f"webhooks/{made['id']}/deliveries")
    receiver.status = 200
    token = browser.cookies["csrftoken"].value
    again = browser.post(f"{path}/deliveries/{entry['id']}/replay", {"csrfmiddlewaretoken": token})
    assert (again.status_code, again["Location"]) == (302, f"{path}/deliveries")
    work()
    assert len(receiver.heard) == 2
    assert "Delivered" in browser.get(f"{path}/deliveries?status=sent").content.decode()
    assert browser_of(reader).get(f"{path}/deliveries").status_code in (403, 404)
