from rapport.platform.events.models import Event, EventCursor
from rapport.platform.identity import organisation  # noqa: F401  registers its part of the snapshot
from rapport.platform.identity.models import (
    ApiToken,
    ExchangeRate,
    Grant,
    Organisation,
    Role,
    Session,
    SignInAttempt,
    Team,
    User,
    UserRole,
)
from rapport.platform.jobs.models import Job, JobSchedule

__all__ = [
    "ApiToken", "Event", "EventCursor", "ExchangeRate", "Grant", "Job", "JobSchedule", "Organisation", "Role",
    "Session", "SignInAttempt", "Team", "User", "UserRole",
]  # fmt: skip
