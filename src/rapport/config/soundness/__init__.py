"""``rapport check --deep``: what must always be true of the data, asked of whole tables.

Each check is a function that gives findings; its docstring says what it holds true. All of them see one moment.
"""

import time
from collections.abc import Callable, Iterable

from rapport.config.soundness import engine, finding, links, parts, proof, rollups, searching, territories
from rapport.config.soundness.finding import Finding
from rapport.platform import db
from rapport.platform.events import stream

__all__ = ["CHECKS", "Finding", "deep"]

CHECKS: tuple[Callable[[], Iterable[Finding]], ...] = (
    proof.events_in_order,
    proof.creations_in_the_history,
    proof.versions_counted_by_the_history,
    links.references_by_kind,
    links.talk_on_timelines,
    links.tags_in_step,
    links.own_fields_in_step,
    links.parts_binned_with_their_whole,
    searching.records_findable,
    searching.entries_of_living_records,
    searching.found_by_owner_and_team,
    searching.found_by_whom_it_is_shared_with,
    searching.words_in_the_index,
    proof.kept_totals,
    rollups.rollups_in_step,
    territories.territories_in_step,
    parts.parties_and_their_parts,
    engine.foreign_keys,
    engine.files,
)


def deep(say: Callable[[str], object] = finding.quiet) -> list[Finding]:
    """Everything that is not as it must be; empty when all is well. ``say`` hears how far it is."""
    stream.number()
    found: list[Finding] = []
    with db.snapshot():
        for check in CHECKS:
            began = time.perf_counter()
            words = check.__name__.replace("_", " ")
            try:
                more = list(check())
            except db.DatabaseError as error:
                found.append(Finding(f"{words} could not be asked: {error}", remedy=finding.RESTORE))
                if db.is_sqlite():  # a damaged file answers some questions and not others
                    continue
                break
            found += more
            say(f"{words}: {'ok' if not more else 'NOT WELL'} ({time.perf_counter() - began:.1f} s)")
    return found
