"""Verbs on a record: a method marked ``@action`` is named, permitted, validated and carried out by the write path."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])


def action(right: str = "change", label: Any = None) -> Callable[[Method], Method]:
    """Mark a method of a record as an action that needs ``right`` on it (view, add, change, delete).

    ``label`` is what menus call it; without one its name says it.
    """

    def mark(method: Method) -> Method:
        method.is_action = True  # type: ignore[attr-defined]
        method.right = right  # type: ignore[attr-defined]
        method.label = label or method.__name__.replace("_", " ").capitalize()  # type: ignore[attr-defined]
        method.takes = tuple(inspect.signature(method).parameters)[1:]  # type: ignore[attr-defined]
        return method

    return mark


def actions_of(model: type[Any]) -> dict[str, Callable[..., Any]]:
    """Every action of a model by name."""
    return {
        name: method
        for name, method in inspect.getmembers(model, inspect.isfunction)
        if getattr(method, "is_action", False)
    }
