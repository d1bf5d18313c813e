"""A default made of columns: ``{Account}: {Product}``. An empty part drops its separator."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from rapport.records.transfer.guard import unguard
from rapport.records.transfer.sources import cell_text

_PART = re.compile(r"\{([^{}]+)\}")
_PAIRS = {"(": ")", "[": "]", "«": "»", "“": "”", '"': '"'}


class Template:
    """Literal text around columns; ``{{`` and ``}}`` are braces."""

    def __init__(self, text: str, place_of: Callable[[str], int]) -> None:
        plain = text.replace("{{", "\0").replace("}}", "\1")
        pieces = _PART.split(plain)
        texts = [each.replace("\0", "{").replace("\1", "}") for each in pieces[0::2]]
        self.columns = [place_of(name.strip()) for name in pieces[1::2]]
        self.parts: list[Any] = [["", at, ""] for at in self.columns]
        for at, part in enumerate(self.parts):
            opening = texts[at][-1:]
            if opening in _PAIRS and texts[at + 1].startswith(_PAIRS[opening]):
                part[0], part[2] = opening, texts[at + 1][0]
                texts[at], texts[at + 1] = texts[at][:-1], texts[at + 1][1:]
        self.texts = texts

    def fill(self, cells: Sequence[Any]) -> str:
        """The text for a row."""
        if not self.parts:
            return self.texts[0]
        found = ""
        some = False
        for at, (before, column, after) in enumerate(self.parts):
            value = unguard(cell_text(cells[column])).strip()
            if not value:
                continue
            found += (self.texts[at] if some else "") + f"{before}{value}{after}"
            some = True
        front, back = self.texts[0], self.texts[-1]
        if not some and not re.search(r"\w", front + back):
            return ""
        return f"{front}{found}{back}".strip()
