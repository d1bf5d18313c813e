"""Recurring: what the doors remember is not kept for ever."""

import datetime as dt

from rapport.platform.clock import now
from rapport.platform.identity import viewing
from rapport.platform.identity.models import Session, SignInAttempt
from rapport.platform.identity.provider_models import SeenAssertion
from rapport.platform.identity.sign_in_models import Invitation, SignInEvent
from rapport.platform.jobs.registry import job, schedule
from rapport.platform.jobs.run import Run

SLICE = 1_000
KEPT = (
    (SignInEvent, "at", dt.timedelta(days=400)),
    (SignInAttempt, "at", dt.timedelta(days=1)),
    (Session, "expires_at", dt.timedelta()),
    (Invitation, "expires_at", dt.timedelta()),
    (SeenAssertion, "until", dt.timedelta()),
)


@schedule(daily_at="02:50")
@job("platform.forget_sign_ins")
def forget_sign_ins(run: Run) -> None:
    """Delete events, attempts and sessions past their time, a slice per transaction."""
    viewing.end_expired()
    for model, column, span in KEPT:
        old = model.objects.filter(**{f"{column}__lt": now() - span})
        while ids := list(old.order_by(column).values_list("pk", flat=True)[:SLICE]):
            run.check_cancelled()
            model.objects.filter(pk__in=ids).delete()
