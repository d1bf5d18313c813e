"""The ground everybody stands on: database doors, keys, money, text, clock, identity, events, jobs."""

import importlib
from typing import Any


class _Later:
    """Stands for a module until something of it is needed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:  # noqa: ANN401
        return getattr(importlib.import_module(self._name), attribute)


def lazy(name: str) -> Any:  # noqa: ANN401
    """A module that is loaded at first use: for heavy or optional packages, whose memory most processes never need."""
    return _Later(name)
