"""Where the parties of a relationship map stand: the one in the middle, two rings around it, room by followers."""

import math
from dataclasses import dataclass
from typing import Any

from rapport.parties.queries import Around, Node

WIDE = 1.55
ROOM = 96.0
INNER, OUTER = 150.0, 280.0
LETTERS = 20


@dataclass(frozen=True, slots=True)
class Spot:
    """A node at its place, its texts cut to what fits."""

    node: Node
    x: int
    y: int
    name: str
    sub: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The map, ready for SVG: the box it lies in, lines and nodes."""

    box: tuple[int, int, int, int]
    lines: list[dict[str, Any]]
    spots: list[Spot]


def drawn(around: Around) -> Drawn:
    """Lay a map out."""
    middle, first = around.nodes[0], [node for node in around.nodes if node.hop == 1]
    second = [node for node in around.nodes if node.hop == 2]
    followers = {node.id: [other for other in second if other.via == node.id] for node in first}
    shares = [1.0 + 0.8 * len(followers[node.id]) for node in first]
    inner = max(INNER, _radius(len(first)))
    outer = max(inner + OUTER - INNER, _radius(len(second)))
    spots = [_spot(middle, 0, 0)]
    turn, whole = -math.pi / 2 - (math.pi * shares[0] / sum(shares) if shares else 0), sum(shares) or 1.0
    for node, share in zip(first, shares, strict=True):
        part = 2 * math.pi * share / whole
        spots.append(_at(node, turn + part / 2, inner))
        own = followers[node.id]
        for at, other in enumerate(own):
            spots.append(_at(other, turn + part * (at + 0.5) / len(own), outer))
        turn += part
    places = {spot.node.id: spot for spot in spots}
    lines = [
        {"x1": places[a].x, "y1": places[a].y, "x2": places[b].x, "y2": places[b].y, "words": words,
         "near": "0" if middle.id in (a, b) else "1"}
        for a, b, words in around.edges
        if a in places and b in places
    ]  # fmt: skip
    left, right = min(spot.x for spot in spots) - 90, max(spot.x for spot in spots) + 90
    top, bottom = min(spot.y for spot in spots) - 40, max(spot.y for spot in spots) + 64
    return Drawn((left, top, right - left, bottom - top), lines, spots)


def _radius(count: int) -> float:
    """How far out so many nodes have room beside each other."""
    return count * ROOM / (math.pi * (1 + WIDE))


def _at(node: Node, angle: float, far: float) -> Spot:
    return _spot(node, round(math.cos(angle) * far * WIDE), round(math.sin(angle) * far))


def _spot(node: Node, x: int, y: int) -> Spot:
    sub = node.sub or node.words
    return Spot(node, x, y, _cut(node.name), _cut(sub, LETTERS + 2))


def _cut(text: str, most: int = LETTERS) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
