from rapport.platform.events.models import Event, EventCursor
from rapport.platform.identity import organisation, territories, upkeep  # noqa: F401  register parts of the snapshot, a job
from rapport.platform.identity.models import (
    ApiToken,
    ExchangeRate,
    Grant,
    Organisation,
    Role,
    Session,
    SignInAttempt,
    Team,
    Territory,
    TerritoryUser,
    User,
    UserRole,
)
from rapport.platform.identity.provider_models import SeenAssertion, SignInProvider
from rapport.platform.identity.saml import renewing  # noqa: F401  registers a job
from rapport.platform.identity.sign_in_models import (
    ExternalIdentity,
    Invitation,
    Passkey,
    RecoveryCode,
    SecondFactor,
    SignInEvent,
)
from rapport.platform.jobs.models import Job, JobSchedule

__all__ = [
    "ApiToken", "Event", "EventCursor", "ExchangeRate", "ExternalIdentity", "Grant", "Invitation", "Job",
    "JobSchedule", "Organisation", "Passkey", "RecoveryCode", "Role", "SecondFactor", "SeenAssertion", "Session",
    "SignInAttempt", "SignInEvent", "SignInProvider", "Team", "Territory", "TerritoryUser", "User", "UserRole",
]  # fmt: skip
