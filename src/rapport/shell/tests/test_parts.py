"""Parts of a record, edited in their place."""

from collections.abc import Callable

import pytest
from django.test import Client

from rapport.platform.actor import acting_as
from rapport.platform.identity import access
from rapport.platform.identity.models import User
from rapport.records import registry, write
from tests.people import address


@pytest.mark.parametrize(("who", "status"), [("seller", 200), ("manager", 200), ("admin", 200), ("reader", 403)])
def test_who_may_change_a_party_may_open_the_editor_of_its_contact_points(
    standing: str, browser_of: Callable[[User], Client], who: str, status: int
) -> None:
    seller = User.objects.get(email=address("seller"))
    with acting_as(access.actor_of(seller)):
        party = write.create(registry.get("party"), {"name": "Quay Stop"})
        point = write.create(
            registry.get("contact_point"), {"party": party.id, "kind": "email", "value": "a@quay.test"}
        )
    client = browser_of(User.objects.get(email=address(who)))
    assert ("data-edit" in client.get(f"/parties/{party.id}/related").content.decode()) == (status == 200)
    assert client.get(f"/contact-points/{point.id}/field/value").status_code == status


def test_a_number_that_its_country_is_not_known_to_have_is_told_on_the_card(
    standing: str, browser_of: Callable[[User], Client]
) -> None:
    seller = User.objects.get(email=address("seller"))
    with acting_as(access.actor_of(seller)):
        party = write.create(registry.get("party"), {"name": "Quay Stop", "phone": "+44 20 7946 0018"}).id
        page = browser_of(seller).get(f"/parties/{party}/related").content.decode()
        assert "unusual number" not in page
        write.create(registry.get("contact_point"), {"party": party, "kind": "mobile", "value": "+44 1111 111111"})
    assert browser_of(seller).get(f"/parties/{party}/related").content.decode().count("unusual number") == 1
