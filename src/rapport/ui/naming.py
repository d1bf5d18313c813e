"""What templates call business objects. Who knows them says it; the design system does not."""

from collections.abc import Callable

Namer = Callable[[str, bool], str]
_said: dict[str, Namer] = {}


def by(namer: Namer) -> None:
    """Let ``namer`` say what an object with a key is called, one of them or many."""
    _said["namer"] = namer


def called(key: str, many: bool = False) -> str:
    """``called("deal")``: Deal, or what this organisation calls one; ``called("party.people")``: a named list."""
    return _said["namer"](key, many)
