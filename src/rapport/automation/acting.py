"""On whose behalf an automation acts: its owner with the rights of today, or the system where that was allowed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from rapport.automation.models import Automation
from rapport.platform.actor import Actor, acting_as
from rapport.platform.identity import access
from rapport.platform.identity.models import User
from rapport.platform.identity.organisation import organisation
from rapport.records.errors import Forbidden

SOURCE = "automation"


def actor_of(automation: Automation) -> Actor:
    """Who acts; raises Forbidden when its owner may no longer act."""
    if automation.all_rights:
        zone, reason = organisation().time_zone, f"automation: {automation.name}"
        return Actor(id=None, name="Rapport", source=SOURCE, reason=reason, time_zone=zone)
    user = User.objects.filter(id=automation.owner_id, is_active=True).first()
    if user is None:
        raise Forbidden(_("Its owner may no longer act here."))
    return access.actor_of(user, source=SOURCE)


@contextmanager
def acting_for(automation: Automation) -> Iterator[Actor]:
    """Act as the automation does within the block."""
    with acting_as(actor_of(automation)) as actor:
        yield actor
