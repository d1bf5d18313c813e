"""How much each likeness tells: evidence in bits, after Fellegi and Sunter.

A likeness weighs log2(how often records of one thing have it / how often any two records have it). The first is what a
manner says of itself, the second is counted in the data at hand: a rare name weighs more than a common one, and nothing
is learnt from known duplicates. The sum begins far below nothing, as few of all pairs are duplicates: one record in
four is reckoned to have one.
"""

import random
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log2

from rapport.records.duplicates.manners import DIFFERENT, SAME
from rapport.records.duplicates.traits import GAP, Known, Traits

SAMPLED = 20_000
FEWEST = 1_000  # a handful of records tells nothing of how common a name is
HALF = 0.25  # what is left of a value's count where it may be the two records alone
SWAPPED = -3.0  # given and family name change places in about one record in eight of foreign ones
BELONGING = 1.0  # what all that people of one house share may tell beyond the doubt


class Counts:
    """About how often each of very many words occurs, in little memory: words that fall together count together."""

    def __init__(self, most: int, largest: int = 21) -> None:
        size = 1 << max(12, min(largest, (2 * most).bit_length()))
        self._held, self._mask = array("I", bytes(4 * size)), size - 1

    def add(self, mark: int) -> None:
        """Count a word in, by its hash."""
        self._held[mark & self._mask] += 1

    def add_all(self, marks: Iterable[int]) -> None:
        """Count words in."""
        held, mask = self._held, self._mask
        for mark in marks:
            held[mark & mask] += 1

    def of(self, mark: int) -> int:
        """How often it was counted, or more."""
        return self._held[mark & self._mask]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two records are: the evidence in bits, and the level by trait (None: nothing to compare)."""

    bits: float
    levels: tuple[int | None, ...]
    swapped: bool = False


class Evidence:
    """What likenesses weigh among the records that were counted in."""

    def __init__(self, traits: Traits, expected: int) -> None:
        self.traits, self.records = traits, 0
        self._counts = [Counts(expected) for _trait in traits.all]
        self._add = [counts.add for counts in self._counts]
        self._weights: list[tuple[float, ...]] = []
        self._exact: list[float] = []
        self._weigh: list[Callable[[str, str], tuple[float, int]]] = []
        self._shared = [trait.shared for trait in traits.all]
        self.prior = 0.0

    def count(self, row: Sequence[str]) -> None:
        """Count a record in."""
        self.records += 1
        for add, value in zip(self._add, row, strict=True):
            if value:
                add(hash(value))

    def settle(self, packed: Sequence[str]) -> None:
        """All are counted: weigh what any two of them have in common."""
        among = max(self.records, FEWEST)
        self.prior = log2(2 * HALF / among)
        drawn = random.Random(0)  # noqa: S311 - the same sample for the same data
        met = [[0] * 4 for _trait in self.traits.all]
        for _turn in range(SAMPLED if len(packed) > 1 else 0):
            one, other = drawn.randrange(len(packed)), drawn.randrange(len(packed))
            if one == other:
                continue
            for at, (left, right) in enumerate(zip(packed[one].split(GAP), packed[other].split(GAP), strict=True)):
                if left and right:
                    met[at][self.traits.all[at].manner.level(left, right)] += 1
        for trait, found in zip(self.traits.all, met, strict=True):
            often, total = trait.manner.often, sum(found) + 2
            self._weights.append(
                tuple(log2(part * total / (seen + 0.5)) if part else 0 for part, seen in zip(often, found, strict=True))
            )
            self._exact.append(log2(often[SAME] * among))
        self._weigh = [self._weighing(at) for at in range(len(self._exact))]

    def exact(self, at: int, value: str) -> float:
        """What it weighs that both have this very value: the rarer the more."""
        others = self._counts[at].of(hash(value)) - 2 + HALF
        return max(0.0, self._exact[at] - log2(max(others, HALF)))

    def _weighing(self, at: int) -> Callable[[str, str], tuple[float, int]]:
        """What tells what two values of a trait weigh, and how alike they are."""
        manner, weights = self.traits.all[at].manner, self._weights[at]
        known = Known(lambda pair: manner.level(*pair)) if manner.repeats else None
        likely = [(min(w, 0.0) if level == DIFFERENT else max(w, 0.0), level) for level, w in enumerate(weights)]
        level_of, exact = manner.level, self.exact

        def weigh(left: str, right: str) -> tuple[float, int]:
            if left == right:
                return exact(at, left), SAME
            return likely[known[left, right] if known is not None else level_of(left, right)]

        return weigh

    def compare(self, one: Sequence[str], other: Sequence[str]) -> Likeness:
        """The evidence that two rows are of one record."""
        told, levels, swapped = [0.0, 0.0], list[int | None](), False
        shared, weigh = self._shared, self._weigh
        for at, left in enumerate(one):
            right = other[at]
            if left and right:
                weight, level = weigh[at](left, right)
                told[shared[at]] += weight
                levels.append(level)
            else:
                levels.append(None)
        if self.traits.names == 2 and SAME not in levels[:2]:
            swapped = self._swap(one, other, told)
        return Likeness(self.prior + told[0] + min(told[1], BELONGING - self.prior), tuple(levels), swapped)

    def _swap(self, one: Sequence[str], other: Sequence[str], told: list[float]) -> bool:
        """Whether the two names rather changed places; then ``told`` says what they tell so."""
        straight, crossed, found = [0.0, 0.0], [0.0, 0.0], SWAPPED
        for at, shared in enumerate(self._shared[:2]):
            if one[at] and other[at]:
                straight[shared] += self._weigh[at](one[at], other[at])[0]
            if one[at] and other[1 - at]:
                weight, level = self._weigh[at](one[at], other[1 - at])
                crossed[shared] += weight
                found += weight if level != DIFFERENT else SWAPPED
        if found <= 0 or found <= sum(straight):
            return False
        told[0] += SWAPPED + crossed[0] - straight[0]
        told[1] += crossed[1] - straight[1]
        return True


def chance(bits: float) -> float:
    """The evidence as the chance, from 0 to 1, that two records are one."""
    return 1 / (1 + 2 ** -max(-60.0, min(60.0, bits)))
