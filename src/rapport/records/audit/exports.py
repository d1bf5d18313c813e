"""What was taken out as files, newest first."""

from rapport.records.audit.wanted import NOBODY, Wanted
from rapport.records.models import ExportRun


def read(wanted: Wanted, before: str | None, limit: int) -> tuple[list[ExportRun], str | None]:
    """Exports older than ``before``, and the id of the last one when there are more."""
    if wanted.record or wanted.kind not in ("", "exported"):
        return [], None
    found = ExportRun.objects.order_by("-id")
    if wanted.actor:
        found = found.filter(actor=None if wanted.actor == NOBODY else wanted.actor)
    if wanted.entity:
        found = found.filter(entity=wanted.entity)
    if wanted.sources:
        found = found.filter(source__in=wanted.sources)
    if lowest := wanted.lowest():
        found = found.filter(id__gte=lowest)
    if upper := min(filter(None, (before, wanted.highest())), default=None):
        found = found.filter(id__lt=upper)
    taken = list(found[: limit + 1])
    return taken[:limit], taken[limit - 1].id if len(taken) > limit else None
