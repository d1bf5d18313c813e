"""``rapport import``: a file into records; the last line on stdout is the summary as JSON."""

import argparse
import gc
import signal
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from rapport.config.prepare import prepare
from rapport.platform import db
from rapport.platform.actor import as_system
from rapport.records.entity import Entity
from rapport.records.errors import Problem
from rapport.records.transfer.entities import entity_named
from rapport.records.transfer.error_file import ErrorFile
from rapport.records.transfer.mapping.binding import Binding, bind
from rapport.records.transfer.mapping.guess import guess
from rapport.records.transfer.mapping.own import make_fields
from rapport.records.transfer.mapping.spec import Spec, read_spec, spec_of
from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.rows.draft import Draft
from rapport.records.transfer.run import ON_MATCH, Import
from rapport.records.transfer.runs import look_again, mappings
from rapport.records.transfer.sources import Source, open_source
from rapport.records.transfer.undo import undo

DONE, UNUSABLE, SOME_FAILED, STOPPED = 0, 2, 3, 130
SHOWN_ERRORS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("entity", nargs="?", metavar="ENTITY", help="parties, deals, users …")
    parser.add_argument("file", nargs="?", metavar="FILE", help="CSV of any dialect, XLSX, or vCard")
    parser.add_argument("--map", metavar="MAP", help="which column is which field: a file, or the name of a kept one")
    parser.add_argument(
        "--match",
        nargs="+",
        metavar="FIELD",
        default=[],
        help="recognise records by these, in turn; a+b: both together",
    )
    parser.add_argument(
        "--on-match", choices=ON_MATCH, default="update", help="what becomes of a recognised row (update)"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")
    parser.add_argument("--errors", metavar="FILE", help="write rows that failed here, to fix and import again")
    parser.add_argument("--currency", metavar="CODE", help="of amounts without one")
    parser.add_argument("--encoding", metavar="NAME", help="when it is not recognised rightly")
    parser.add_argument("--sheet", metavar="NAME", help="which sheet of a workbook; else the first that holds anything")
    parser.add_argument("--undo", metavar="RUN", help="take an import back")


def run(options: argparse.Namespace) -> int:
    """Import, or take an import back; returns the exit code."""
    try:
        if not options.undo and not (options.entity and options.file):
            raise Unusable("Say what to import and from where: rapport import parties contacts.csv")
        prepare()
        with as_system("rapport import", source="import"):
            return _undo(options.undo) if options.undo else _import(options)
    except Problem as problem:
        _say(problem.detail)
        return UNUSABLE
    except db.OperationalError as error:
        _say(f"The database does not answer ({error}). What was reported is stored; the same command goes on.")
        return UNUSABLE


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _answer(found: dict[str, Any]) -> None:
    print(orjson.dumps(found).decode(), flush=True)


def _undo(run_id: str) -> int:
    found = undo(run_id)
    for key, reason in found.failed[:SHOWN_ERRORS]:
        _say(f"{key}: {reason}")
    counts = {name: len(getattr(found, name)) for name in ("reverted", "kept_changed", "failed")}
    _answer(counts)
    return SOME_FAILED if counts["failed"] else DONE


def _import(options: argparse.Namespace) -> int:
    entity = entity_named(options.entity)
    spec = _spec(options, entity)
    encoding, blanks = options.encoding or (spec.encoding if spec else None), spec.blanks if spec else ()
    opening = partial(open_source, options.file, encoding, options.sheet, blanks)
    source = opening()
    if options.errors == options.file:
        raise Unusable("The error file would overwrite the file itself; give it another name.")
    if spec is None:
        spec = guess(entity, source.header, source.doubled, source.makes)
    spec.currency = options.currency or spec.currency
    with as_system("rapport import", source="import") as actor:
        if made := make_fields(entity, spec, opening, dry_run=options.dry_run):
            verb = "To be made" if options.dry_run else "Made"
            _say(f"{verb}: the custom field{'s' if len(made) > 1 else ''} {', '.join(f'“{name}”' for name in made)}.")
        try:
            binding = bind(entity, spec, source, actor, options.match)
        finally:
            if spec.guessed:
                _say_guess(spec, source)
    _say_reading(binding, source)
    progress = _Progress()
    work = Import(
        source, binding, on_match=options.on_match, dry_run=options.dry_run, file=str(options.file),
        errors=ErrorFile(options.errors, source) if options.errors else None,
        tell=progress.tell, failed=progress.failed, stop=progress.stop,
    )  # fmt: skip
    gc.freeze()
    gc.set_threshold(200_000)  # rows come and go by the thousand, without cycles
    before = signal.signal(signal.SIGINT, progress.interrupt)
    try:
        work.go()
    finally:
        signal.signal(signal.SIGINT, before)
        progress.end(work)
    for note in source.notes:
        _say(f"Note: {note}.")
    told = work.summary()
    if not options.dry_run:
        told["duplicates"] = look_again.at_once(work.record, work.counts.created)
    _answer(told)
    if work.stopped:
        return STOPPED
    return SOME_FAILED if work.counts.failed else DONE


def _spec(options: argparse.Namespace, entity: Entity) -> Spec | None:
    """The map: a file, or one that is kept under this name, with the way it recognises rows."""
    if not options.map or Path(options.map).exists() or options.map.lower().endswith(".json"):
        return read_spec(options.map) if options.map else None
    found = mappings.called(entity, options.map)
    options.match = options.match or list(found.options.get("match", ()))
    return spec_of(found.mapping)


def _say_guess(spec: Spec, source: Source) -> None:
    pairs = [f"“{column}” → {targets[0].field}" for column, targets in spec.columns.items()]
    left = [name for name in source.header if name not in spec.columns]
    _say(f"No --map: guessed {', '.join(pairs) or 'nothing'}." + (f" Not known: {_quoted(left)}." if left else ""))


def _say_reading(binding: Binding, source: Source) -> None:
    unused = f"; columns not used: {_quoted(binding.unused)}" if binding.unused else ""
    _say(f"Reading {source.about}{unused}.")


def _quoted(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


class _Progress:
    """What is committed is said: a bar on a terminal, else a line at most every second."""

    def __init__(self) -> None:
        self.bar = sys.stderr.isatty()
        self.shown = 0
        self.last = 0.0
        self.interrupted = False

    def interrupt(self, _signal: int, _frame: Any) -> None:
        """Ctrl-C: the slice at work is finished, then the import ends."""
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True
        _say("\nStopping after the rows at work …")

    def stop(self) -> bool:
        return self.interrupted

    def failed(self, draft: Draft) -> None:
        self.shown += 1
        if self.shown <= SHOWN_ERRORS:
            _say(f"{self._clear()}line {draft.line.number}: {str(draft.error)[:500]}")

    def tell(self, work: Import) -> None:
        if not self.bar and time.monotonic() - self.last < 1:
            return
        self.last = time.monotonic()
        counts, part = work.counts, work.source.progress()
        text = f"{counts.rows:,} rows: {counts.created:,} created, {counts.updated:,} updated, {counts.failed:,} failed"
        rate = f"{counts.rows / max(work.seconds, 0.001):,.0f}/s"
        if self.bar:
            full = int(part * 30)
            print(
                f"\r[{'█' * full}{'·' * (30 - full)}] {part:4.0%} {text}, {rate} ", end="", file=sys.stderr, flush=True
            )
        else:
            _say(f"{part:4.0%} {text}, {rate}")

    def _clear(self) -> str:
        return "\r\x1b[K" if self.bar else ""

    def end(self, work: Import) -> None:
        if self.bar:
            print(file=sys.stderr)
        if self.shown > SHOWN_ERRORS:
            _say(f"… and {self.shown - SHOWN_ERRORS:,} more rows failed; --errors FILE lists them all.")
        if work.stopped:
            _say(f"Stopped after line {work.line}. The same command goes on where rows are recognised (external_id).")
