"""The book of runs: who stands where; every step from one state to the next goes through here."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from rapport.records.models import ImportRun

DRAFTS = ("uploaded", "checked")
SLICE = 1000


def find(key: str, status: str) -> ImportRun | None:
    """The run, when it stands so."""
    return ImportRun.objects.filter(id=key, status=status).first()


def move(key: str, known: Collection[str], **values: Any) -> bool:
    """Note values of a run that stands in one of ``known``; False when it has moved on meanwhile."""
    return bool(ImportRun.objects.filter(id=key, status__in=known).update(**values))


def drafts_before(moment: dt.datetime) -> list[str]:
    """Uploads that were never imported."""
    old = ImportRun.objects.filter(status__in=DRAFTS, at__lt=moment)
    return list(old.values_list("id", flat=True)[:SLICE])


def forget(key: str) -> bool:
    """Strike out an upload that was not imported."""
    return bool(ImportRun.objects.filter(id=key, status__in=DRAFTS).delete()[0])
