"""Roll-ups: what the records that name another come to — how many, their sum, the least, the greatest, the latest."""

from dataclasses import dataclass

HOWS = ("count", "sum", "least", "greatest")


@dataclass(frozen=True, slots=True)
class RollUp:
    """``how`` of ``field`` over the records of entity ``of`` whose relation ``by`` names ours; ``only`` those in whose
    field (its first) stands one of some values (the rest)."""

    how: str
    of: str
    by: str
    field: str = ""
    only: tuple[str, ...] = ()
