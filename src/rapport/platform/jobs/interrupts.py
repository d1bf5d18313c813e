"""Why a handler is asked to leave. They pass through ``except Exception`` on purpose."""


class Interrupted(BaseException):
    """A handler must end here; open transactions roll back."""


class Cancelled(Interrupted):
    """Somebody cancelled the job."""


class Stopping(Interrupted):
    """The worker is shutting down; the job waits for the next one with its saved state."""


class LeaseLost(Interrupted):
    """Another worker holds this job now; nothing may be written for it any more."""
