"""A kind of value that names a kind of record."""

from typing import Any

from rapport.platform.text import fold
from rapport.records import kinds
from rapport.records.entity import registry


class ObjectKind(kinds.ChoiceKind):
    """One of the business objects that have lists; ``own``: one that takes fields of the organisation's own;
    ``parts``: also what is part of others."""

    def __init__(self, own: bool = False, parts: bool = False) -> None:
        self.ranked, self.own, self.parts = False, own, parts

    def label(self, value: str | None) -> str:
        """What the objects are called; one that there is no more by its key."""
        return str(registry.get(value).label_plural) if value and value in registry else value or ""

    @property
    def choices(self) -> tuple[tuple[str, Any], ...]:  # type: ignore[override]
        return tuple(
            (each.key, each.label_plural)
            for each in registry
            if (self.parts or not each.part_of) and (each.takes_fields or not self.own)
        )

    @property
    def _by_word(self) -> dict[str, str]:  # type: ignore[override]
        return {fold(key): key for key, _label in self.choices}
