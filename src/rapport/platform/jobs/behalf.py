"""On whose behalf a job runs: its user with the rights of today, else the system."""

from contextlib import AbstractContextManager

from rapport.platform.actor import Actor, acting_as, as_system
from rapport.platform.identity.access import actor_of
from rapport.platform.identity.models import User
from rapport.platform.jobs.run import Run


def restored(run: Run) -> AbstractContextManager[Actor]:
    """Act as the user who asked for the job, within the scope of the token he used, or as the system."""
    if run.actor is None:
        return as_system(f"job:{run.name}" + (f" ({run.reason})" if run.reason else ""), source="job")
    return acting_as(find(run.actor, run.scope))


def find(user: str, scope: str) -> Actor:
    """The Actor of a user who may still act."""
    stored = User.objects.filter(id=user, is_active=True).first()
    if stored is None:
        raise PermissionError(f"the user {user} who asked for this job may no longer act")
    return actor_of(stored, source="job", scope=scope)
