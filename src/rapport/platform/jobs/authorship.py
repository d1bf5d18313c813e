"""On whose behalf a job is written."""

from rapport.platform.actor import current_or_none


def at_work() -> dict[str, str | None]:
    """The current actor as the columns of a job; no user means the system."""
    actor = current_or_none()
    if actor is None:
        return {"actor": None, "reason": "", "scope": "admin"}
    return {"actor": actor.id, "reason": actor.reason[:200], "scope": actor.scope}
