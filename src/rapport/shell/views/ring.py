"""Where the parties of a relationship map stand: one in the middle, two rings around it, room by followers.

Names are wide and low, so parties beside each other need more room than parties above each other: places on a ring are
counted by that need, not by the angle.
"""

import bisect
import functools
import math
from dataclasses import dataclass
from typing import Any

from rapport.parties.queries import Around, Node

WIDE = 1.2
BESIDE, ABOVE = 112.0, 66.0
INNER, BETWEEN = 150.0, 125.0
FOLLOWER = 0.6
LETTERS = 19
STEPS = 720
STEEP = 0.35
LEAST = (820, 620)
Drawable = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """A node at its place, its texts cut to what fits.

    ``above``: they stand over it, out of the way of the line to the middle.
    """

    node: Node
    x: int
    y: int
    name: str
    sub: str
    above: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """The map, ready for SVG: the box it lies in, lines and nodes."""

    box: tuple[int, int, int, int]
    lines: list[Drawable]
    spots: list[Spot]


def drawn(around: Around) -> Drawn:
    """Lay a map out."""
    middle, first = around.nodes[0], [node for node in around.nodes if node.hop == 1]
    followers = {
        node.id: [other for other in around.nodes if other.via == node.id and other.hop == 2] for node in first
    }
    shares = [1 + FOLLOWER * len(followers[node.id]) for node in first]
    whole = sum(shares) or 1.0
    round_once = _needs()[-1]
    inner = max(INNER, whole / round_once)
    outer = max(
        [inner + BETWEEN, *(len(followers[n.id]) * whole / s / round_once for n, s in zip(first, shares, strict=True))]
    )
    spots, begun = [_spot(middle, 0, 0)], -shares[0] / 2 if shares else 0.0
    for node, share in zip(first, shares, strict=True):
        spots.append(_at(node, (begun + share / 2) / whole, inner))
        own = followers[node.id]
        for at, other in enumerate(own):
            spots.append(_at(other, (begun + share * (at + 0.5) / len(own)) / whole, outer))
        begun += share
    return Drawn(_box(spots), _lines(around, spots), spots)


def _lines(around: Around, spots: list[Spot]) -> list[Drawable]:
    places, middle = {spot.node.id: spot for spot in spots}, spots[0].node.id
    return [
        {"x1": places[a].x, "y1": places[a].y, "x2": places[b].x, "y2": places[b].y, "words": words,
         "near": middle in (a, b)}
        for a, b, words in around.edges
        if a in places and b in places
    ]  # fmt: skip


def _box(spots: list[Spot]) -> tuple[int, int, int, int]:
    """What the spots and their names take up; few of them are not blown up to fill the screen."""
    left, right = min(spot.x for spot in spots) - 70, max(spot.x for spot in spots) + 70
    top, bottom = min(spot.y for spot in spots) - 64, max(spot.y for spot in spots) + 56
    wide, high = max(right - left, LEAST[0]), max(bottom - top, LEAST[1])
    return left - (wide - (right - left)) // 2, top - (high - (bottom - top)) // 2, wide, high


@functools.cache
def _needs() -> list[float]:
    """How many neighbours fit on a ring of radius 1 from the right up to each step of the turn."""
    found = [0.0]
    for at in range(1, STEPS + 1):
        one, other = 2 * math.pi * (at - 1) / STEPS, 2 * math.pi * at / STEPS
        beside = WIDE * (math.cos(other) - math.cos(one)) / BESIDE
        above = (math.sin(other) - math.sin(one)) / ABOVE
        found.append(found[-1] + math.hypot(beside, above))
    return found


def _at(node: Node, part: float, far: float) -> Spot:
    needs = _needs()
    angle = 2 * math.pi * bisect.bisect_left(needs, (part % 1.0) * needs[-1]) / STEPS
    return _spot(node, round(math.cos(angle) * far * WIDE), round(math.sin(angle) * far))


def _spot(node: Node, x: int, y: int) -> Spot:
    above = node.hop > 0 and y < -abs(x) * STEEP
    return Spot(node, x, y, _cut(node.name, LETTERS), _cut(node.sub or node.words, LETTERS + 2), above)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
