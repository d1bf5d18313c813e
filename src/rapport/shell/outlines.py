"""Outlines of countries on one sheet: where each lies, what part of it shows some of them, what fits beside what.

The sheet is made when the front end is built (world.svg, world.json); every length here is in its units.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import orjson
from django.conf import settings

from rapport.platform.text import fold
from rapport.ui.countries import NAMES

SHADES = 5
LEAST, MARGIN, SHAPE = 360, 0.12, 16 / 9  # of what is shown: its least width, what is left around, width by height
INHABITED = 2080  # what lies further down the sheet is ice
LETTERS, LETTER = 64, 0.62  # that many letters of a label are as wide as what is shown; how wide one is by its height


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the sheet."""

    x: float
    y: float
    width: float
    height: float

    def __str__(self) -> str:
        return f"{self.x:.0f} {self.y:.0f} {self.width:.0f} {self.height:.0f}"

    @property
    def letter(self) -> int:
        """How high letters are that can be read."""
        return max(1, round(self.width / LETTERS))


@cache
def _sheet() -> tuple[tuple[int, int], dict[str, list[int]]]:
    """(Its size; by country: its middle and the corners of the box around its largest part)."""
    told = orjson.loads((Path(settings.STATIC_ROOT) / "ui" / "world.json").read_bytes())
    return tuple(told["size"]), told["places"]


@cache
def _codes() -> dict[str, str]:
    return {fold(name): code for code, name in NAMES.items()}


def code_of(name: str) -> str:
    """The two letters of a country however it is written; empty for what is none."""
    return name if name in NAMES else _codes().get(fold(name), "")


def drawn(code: str) -> bool:
    """True for a country that has an outline of its own."""
    return code in _sheet()[1]


def whole() -> Box:
    """All that people live on."""
    return Box(0, 0, _sheet()[0][0], INHABITED)


def around(codes: Iterable[str]) -> Box:
    """The part of the sheet that shows these countries; all of it where they lie far apart, or there are none."""
    known = _sheet()[1]
    boxes = [known[code][2:] for code in codes if code in known]
    if not boxes:
        return whole()
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    width = max((right - left) * (1 + 2 * MARGIN), (bottom - top) * (1 + 2 * MARGIN) * SHAPE, LEAST)
    if width > 0.7 * whole().width:  # noqa: PLR2004 - the rest is but a margin more
        return whole()
    return Box((left + right - width) / 2, (top + bottom - width / SHAPE) / 2, width, width / SHAPE)


def labels(told: Sequence[tuple[str, str]], box: Box) -> dict[str, tuple[int, int]]:
    """Where words stand, by country; the first ones first, and none over another."""
    known, high = _sheet()[1], box.letter
    placed: dict[str, tuple[int, int]] = {}
    taken: list[tuple[float, float, float]] = []
    for code, text in told:
        if code not in known:
            continue
        x, y = known[code][:2]
        wide = (len(text) + 1) * high * LETTER / 2
        if all(abs(x - a) > wide + other or abs(y - b) > high * 1.2 for a, b, other in taken):
            taken.append((x, y, wide))
            placed[code] = x, y
    return placed


def steps(most: int) -> list[tuple[int, int]]:
    """(From, to) of each shade, the lightest first: as many times more from one to the next."""
    ends = [math.floor((1 + most) ** (n / SHADES) - 1 + 1e-9) for n in range(SHADES + 1)]
    found = [(low + 1, high) for low, high in pairwise(ends) if high > low]
    return found or [(1, max(most, 1))]
