"""Markup that is the same for the same arguments is made once."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson
from jinja2 import Undefined
from markupsafe import Markup

from rapport.ui import formats

MOST = 4096

Macro = Callable[..., Any]


def wordless(macro: Macro) -> Macro:
    """The macro with a memory, for what says nothing in any language; what cannot be remembered is rendered."""
    known = lru_cache(maxsize=8192, typed=True)(macro)  # text and markup are two

    def recalled(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        try:
            return known(*args, **kwargs)
        except TypeError:
            return macro(*args, **kwargs)

    return recalled


def remembering(macro: Macro) -> Macro:
    """The macro with a memory for each reader; it takes dictionaries and lists, too.

    For what depends on nothing but its arguments and who reads: on no clock, no token, no right.
    """
    known: dict[Any, Any] = {}

    def recalled(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        key = formats.reader(), orjson.dumps((args, kwargs), _named, orjson.OPT_PASSTHROUGH_SUBCLASS)
        found = known.get(key)
        if found is None:
            if len(known) >= MOST:
                known.clear()
            found = known[key] = macro(*args, **kwargs)
        return found

    return recalled


def _named(value: Any) -> list[str]:  # noqa: ANN401
    """Markup is another argument than the same text without being markup."""
    if isinstance(value, Markup | Undefined):
        return [type(value).__name__, str(value)]
    raise TypeError(f"a component cannot be remembered by {value!r}")
