"""Verbs on a record: a method marked ``@action`` is named, permitted, validated and carried out by the write path."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Method = TypeVar("Method", bound=Callable[..., Any])


def action(
    right: str = "change", label: Any = None, when: Mapping[str, Any] | None = None, said: Any = None, *,
    final: bool = False,
) -> Callable[[Method], Method]:  # fmt: skip
    """Mark a method of a record as an action that needs ``right`` on it (view, add, change, delete).

    ``label``: the words on its button; ``when``: it is offered while the record's fields have these values;
    ``said``: what is told when it is done, with the record's ``%(title)s`` in it; ``final``: it is not taken back.
    """

    def mark(method: Method) -> Method:
        parameters = list(inspect.signature(method).parameters.values())[1:]
        method.is_action = True  # type: ignore[attr-defined]
        method.right = right  # type: ignore[attr-defined]
        method.label = label or method.__name__.replace("_", " ").capitalize()  # type: ignore[attr-defined]
        method.said = said  # type: ignore[attr-defined]
        method.final = final  # type: ignore[attr-defined]
        method.when = dict(when or {})  # type: ignore[attr-defined]
        method.takes = tuple(each.name for each in parameters)  # type: ignore[attr-defined]
        method.asks = tuple(each.name for each in parameters if each.default is each.empty)  # type: ignore[attr-defined]
        return method

    return mark


@functools.cache
def actions_of(model: type[Any]) -> dict[str, Callable[..., Any]]:
    """Every action of a model by name."""
    return {
        name: method
        for name, method in inspect.getmembers(model, inspect.isfunction)
        if getattr(method, "is_action", False)
    }
