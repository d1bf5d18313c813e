"""A queue with two members from different branches, and a deal that waits in it."""

from types import SimpleNamespace

import pytest

from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import registry, write
from rapport.records.queues import keeping


@pytest.fixture
def queue(seller: User, other_seller: User) -> SimpleNamespace:
    """“Inbound leads”, whose members are both sellers; ``empty``: a second queue without any."""
    with as_system("tests"):
        made = keeping.add("Inbound leads")
        for user in (seller, other_seller):
            keeping.join(made.id, user.id)
        other = keeping.add("Second line")
        party = write.create(registry.get("party"), {"name": "Quorum Waiting Ltd", "owner": f"queue:{made.id}"}).id
        deal = write.create(
            registry.get("deal"), {"name": "Zebra waiting", "owner": f"queue:{made.id}", "amount": "70"}
        ).id
    return SimpleNamespace(id=made.id, empty=other.id, deal=deal, party=party)
