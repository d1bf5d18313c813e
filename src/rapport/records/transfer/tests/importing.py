"""Imports as tests run them: text or a file in, the outcome and its rows out."""

from pathlib import Path
from typing import Any

from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.records import registry
from rapport.records.transfer.error_file import ErrorFile
from rapport.records.transfer.mapping.binding import bind
from rapport.records.transfer.mapping.guess import guess
from rapport.records.transfer.mapping.spec import read_spec, spec_of
from rapport.records.transfer.run import Import
from rapport.records.transfer.sources import open_source


class Outcome:
    def __init__(self, work: Import, failed: list[tuple[int, str]]) -> None:
        self.work, self.failed, self.run = work, failed, work.run_id
        counts = work.counts
        self.counts = (counts.created, counts.updated, counts.skipped, counts.failed)
        assert counts.rows == sum(self.counts)


def bring(
    entity: str,
    file: Path,
    mapping: Any = None,
    *,
    match: tuple[str, ...] = (),
    errors: Path | None = None,
    **options: Any,
) -> Outcome:
    """Import a file as the system."""
    failed: list[tuple[int, str]] = []
    with as_system("a test") as actor:
        source = open_source(file)
        if mapping is None:
            spec = guess(registry.get(entity), source.header, source.doubled)
        else:
            spec = read_spec(mapping) if isinstance(mapping, Path) else spec_of(mapping)
        spec.currency = options.pop("currency", None) or spec.currency
        binding = bind(registry.get(entity), spec, source, actor, match)
        work = Import(
            source, binding, errors=ErrorFile(errors, source) if errors else None,
            failed=lambda draft: failed.append((draft.line.number, str(draft.error))), **options,
        )  # fmt: skip
        work.go()
    return Outcome(work, failed)


def table(sql: str) -> list[tuple[Any, ...]]:
    return db.rows(sql)
