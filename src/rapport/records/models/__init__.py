"""The engine's own tables, and the base of every business object."""

from rapport.records.models.audit import ExportRun, ReadTally
from rapport.records.models.custom import CustomField, CustomValue
from rapport.records.models.duplicates import DuplicatePair, MergeTrace
from rapport.records.models.layouts import ObjectLayout
from rapport.records.models.own import CustomObject, CustomRecord
from rapport.records.models.proof import (
    Change,
    DatumSource,
    KeptTotal,
    KnownWord,
    SearchEntry,
    SearchLearnt,
    TimelineEntry,
)
from rapport.records.models.record import (
    Correction,
    Record,
    Story,
    external_once,
    merged_index,
    record_indexes,
    territory_indexes,
)
from rapport.records.models.runs import Answered, BulkLeft, BulkRun, ImportMapping, ImportRun, Notification, Presence
from rapport.records.models.sharing import RecordShare, RecordTag, Tag
from rapport.records.models.webhooks import Webhook, WebhookDelivery, cursor_of
from rapport.records.models.wording import Wording

__all__ = [
    "Answered",
    "BulkLeft",
    "BulkRun",
    "Change",
    "Correction",
    "CustomField",
    "CustomObject",
    "CustomRecord",
    "CustomValue",
    "DatumSource",
    "DuplicatePair",
    "ExportRun",
    "ImportMapping",
    "ImportRun",
    "KnownWord",
    "KeptTotal",
    "MergeTrace",
    "Notification",
    "ObjectLayout",
    "Presence",
    "ReadTally",
    "Record",
    "RecordShare",
    "RecordTag",
    "SearchEntry",
    "SearchLearnt",
    "Story",
    "Tag",
    "TimelineEntry",
    "Webhook",
    "WebhookDelivery",
    "Wording",
    "cursor_of",
    "external_once",
    "merged_index",
    "record_indexes",
    "territory_indexes",
]
