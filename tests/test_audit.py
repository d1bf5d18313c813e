"""Who changed, took out and opened what: one screen for administrators, complete, and closed to everybody else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import registry, write

Browser = Callable[[User], Client]
pytestmark = pytest.mark.django_db


def test_a_change_is_told_with_before_and_after(admin: User, browser_of: Browser, acting: Callable[..., Any]) -> None:
    with acting(admin):
        party = write.create(registry.get("party"), {"kind": "organisation", "name": "Northwind"})
        write.change(registry.get("party"), party.id, {"name": "Southwind"})
    page = browser_of(admin).get("/audit").content.decode()
    assert "Southwind" in page
    assert "Northwind" in page
    for kind in (
        "created",
        "changed",
        "binned",
        "merged",
        "shared",
        "acted",
        "undone",
        "imported",
        "many",
        "exported",
        "signed_in",
        "rights",
        "tokens",
    ):
        assert browser_of(admin).get(f"/audit?kind={kind}").status_code == 200
    assert "Southwind" in browser_of(admin).get(f"/audit?record=party:{party.id}").content.decode()
    print(page[page.index('id="lines"') :][:3000])
    print(b"".join(browser_of(admin).get("/audit/file").streaming_content).decode()[:2000])
    page = browser_of(admin).get("/audit").content.decode()
    print(page[page.index('id="lines"') :][:1500])
