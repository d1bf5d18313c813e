"""What a check has found: how many, which ones for example, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rapport.platform import db

SHOWN = 3
RESTORE = "restore the last backup that passes this check"
REPORT = f"report it with this line; where it matters now, {RESTORE}"


@dataclass(frozen=True, slots=True)
class Finding:
    """``what`` is not as it must be; ``ids``: a few of the records concerned; ``remedy``: what to do."""

    what: str
    ids: tuple[str, ...] = ()
    remedy: str = REPORT

    def __str__(self) -> str:
        such = f" (such as {', '.join(self.ids)})" if self.ids else ""
        return f"{self.what}{such}. What to do: {self.remedy}."


def quiet(_words: str) -> None:
    """Nobody listens."""


def among(what: str, sql: str, params: Sequence[Any] = (), remedy: str = REPORT) -> list[Finding]:
    """A finding when ``sql``, a SELECT of keys, gives any; ``what`` begins after their number."""
    count = (db.one(f"SELECT count(*) FROM ({sql}) x", params) or (0,))[0]
    if not count:
        return []
    few = db.rows(f"{sql} LIMIT {SHOWN}", params)
    return [Finding(f"{count} {what}", tuple(_shown(row[0]) for row in few), remedy)]


def _shown(key: Any) -> str:
    return str(key if isinstance(key, str | int) else db.unkey(key))
