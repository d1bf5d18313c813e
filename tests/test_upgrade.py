"""An upgrade brings new entities: the seeded roles get their grants on them, once."""

from rapport.config import seeds
from rapport.platform.identity.models import Grant, Organisation


def granted() -> set[tuple[str, str, str]]:
    """(role, verb, level) of the grants on deals."""
    found = Grant.objects.filter(entity="deal").values_list("role__key", "verb", "level")
    return {(role, verb, level) for role, verb, level in found}


def test_roles_get_grants_on_what_an_upgrade_brings(organisation: None) -> None:
    before = granted()
    Grant.objects.filter(entity="deal").delete()
    known = Organisation.objects.get(id=1).planted
    Organisation.objects.filter(id=1).update(planted=[key for key in known if key != "deal"])
    assert seeds.plant() is False
    assert granted() == before


def test_what_an_administrator_took_away_stays_away(organisation: None) -> None:
    Grant.objects.filter(entity="deal", role__key="sales").delete()
    seeds.plant()
    assert not any(role == "sales" for role, _verb, _level in granted())
