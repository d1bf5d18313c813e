"""Timelines as people read them."""

import re
from collections.abc import Callable

from django.test import Client

from rapport.platform.actor import acting_as
from rapport.platform.identity import access
from rapport.platform.identity.models import User
from rapport.records import registry, write


def test_a_run_of_the_same_deed_is_one_line_with_the_rest_behind_it(
    admin: User, browser_of: Callable[[User], Client]
) -> None:
    names = [f"Person {letter}" for letter in "ABCDE"]
    with acting_as(access.actor_of(admin)):
        party = registry.get("party")
        firm = write.create(party, {"name": "Quay Stop", "kind": "organisation"})
        for name in names:
            write.create(party, {"name": name, "kind": "person", "company": firm.id})
        write.create(registry.get("interaction"), {"channel": "note", "party": firm.id, "body": "Likes it quiet"})
        write.create(party, {"name": "Person F", "kind": "person", "company": firm.id})
    page = browser_of(admin).get(f"/parties/{firm.id}").content.decode()
    timeline = page[page.index('id="timeline"') : page.index('id="beside"')]
    runs = re.findall(r'<details class="run">(.*?)</details>', timeline, re.S)
    assert len(runs) == 1, "one alone is no run, and a note parts two"
    assert "and 4 more" in runs[0]
    assert [name for name in names if name in runs[0]] == names[:-1], "the newest stands before them"
    assert all(timeline.count(name) == 1 for name in names)
