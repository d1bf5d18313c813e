"""What a backup says of itself, and whether this program can take it."""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import msgspec
from django.db.migrations.loader import MigrationLoader

from rapport import __version__

FORMAT = 1
# From which engine to which.
WAYS = (("sqlite", "sqlite"), ("postgresql", "postgresql"), ("sqlite", "postgresql"))
Say: TypeAlias = Callable[[str], object]


class Unfit(Exception):
    """A backup that cannot be made or restored, with the reason in words; nothing has been replaced."""


class Part(msgspec.Struct, frozen=True):
    """One file in the backup: ``size`` and ``sha256`` are those of its content, unpacked."""

    name: str
    size: int
    sha256: str


class Contents(msgspec.Struct, frozen=True):
    """What a backup holds of the database. ``schema``: the migrations behind it; ``more``: what its engine needs."""

    engine: str
    schema: list[str]
    tables: dict[str, int]
    more: dict[str, Any]


class Manifest(msgspec.Struct, frozen=True):
    """The last part of a backup, ``manifest.json``."""

    moment: str
    contents: Contents
    parts: list[Part]
    version: str = __version__
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """How many rows the tables hold."""
        return sum(self.contents.tables.values())


def names(migrations: Iterable[tuple[str, str]]) -> list[str]:
    """Migrations as a manifest names them."""
    return sorted(f"{app}.{name}" for app, name in migrations)


def fit(manifest: Manifest, engine: str) -> None:
    """Raise Unfit when this program, on this engine, cannot take the backup."""
    if manifest.format > FORMAT:
        raise Unfit(f"It was made by Rapport {manifest.version}, which writes a newer form. This is {__version__}.")
    known = names(MigrationLoader(None).disk_migrations)
    newer = sorted(set(manifest.contents.schema) - set(known))
    if newer:
        raise Unfit(
            f"It was made by Rapport {manifest.version}, whose database is newer than that of this one, {__version__} "
            f"({', '.join(newer)}). Install that version first."
        )
    if (manifest.contents.engine, engine) not in WAYS:
        raise Unfit(
            f"It was made on {manifest.contents.engine}, this installation runs on {engine}. A backup goes back to the "
            "same engine, or from SQLite up to PostgreSQL: set RAPPORT_DATABASE_URL accordingly."
        )
