"""What people say and plan, read from the files beside this module and filled in."""

import functools
import random
import tomllib
from importlib import resources
from typing import Any

from rapport.config.demo.northwind import Order


@functools.cache
def told(name: str) -> dict[str, list[Any]]:
    """The phrases of a file."""
    return tomllib.loads((resources.files(__package__) / "data" / f"{name}.toml").read_text("utf-8"))


class Voice:
    """Phrases of one kind in an order of their own, so that nobody says the same twice in a row."""

    def __init__(self, phrases: list[Any], chance: random.Random) -> None:
        self._phrases = chance.sample(phrases, len(phrases))
        self._at = 0

    def next(self) -> Any:
        """The next one; after the last, the first again."""
        found = self._phrases[self._at % len(self._phrases)]
        self._at += 1
        return found


def filled(phrase: dict[str, Any], words: dict[str, Any]) -> dict[str, Any]:
    """The fields of an interaction or a task that a phrase stands for."""
    found = {name: value.format_map(words) if isinstance(value, str) else value for name, value in phrase.items()}
    if minutes := found.pop("minutes", None):
        found["duration_s"] = minutes * 60
    return found


def goods_of(orders: list[Order], makes: list[str], chance: random.Random) -> dict[str, Any]:
    """What talk at a firm is about: things it bought, else things there are."""
    bought = [good for order in orders for good in order.goods] or [(name, 10) for name in makes]
    first, quantity = chance.choice(bought)
    others = [name for name, _quantity in bought if name != first] or [first]
    return {"goods": first, "more": chance.choice(others), "quantity": quantity}
