"""Which pairs are worth comparing: records that share a rare word, or two words that seldom meet.

All is done in arrays of numbers: a million records take a few hundred megabytes, and no pair is compared twice.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence

from rapport.records.duplicates.evidence import Counts
from rapport.records.duplicates.traits import Known, Traits

PARTS = 64
PLACE = 26  # bits of a record's number
ALONE = 12  # a word of at most so many records brings them together by itself
CHANCE = 6.0  # two words do, when so few records have both by chance
WORDS, SPARING = 12, 6  # so many of a record's rarest words are coupled, and among many records
FEW, SOME = 3, 8  # a record with so many keys meets whoever shares one of them, or two;
MANY = 100_000  # among so many records, one with more keys than that meets only whoever shares three
CROWD = 40  # of larger blocks each record meets its neighbours only
NEIGHBOURS = 6
_MASK, _NUMBER = (1 << (64 - PLACE)) - 1, (1 << PLACE) - 1
Tell = Callable[[int], None]


class Blocks:
    """The handles of records, added in order, and the pairs that they make."""

    def __init__(self, traits: Traits, expected: int) -> None:
        manners = [trait.manner for trait in traits.all]
        self._spelt = [(at, Known(_marking(each.handles))) for at, each in enumerate(manners) if each.handles]
        self._whole = [at for at, each in enumerate(manners) if not each.handles]
        self._counts = Counts(8 * expected, largest=24)
        self._marks, self._ends = array("q"), array("L")
        self._needed = bytearray()

    def add(self, row: Sequence[str]) -> None:
        """The next record, by its cleaned values."""
        marks = [hash(value) for at in self._whole if (value := row[at])]
        for at, known in self._spelt:
            if value := row[at]:
                marks += known[value]
        self._counts.add_all(marks)
        self._marks.extend(marks)
        self._ends.append(len(self._marks))

    def pairs(self, packed: Sequence[str], tell: Tell = lambda done: None) -> Iterator[tuple[int, int]]:
        """Every pair worth comparing, once, by the numbers of the records; ``tell``: parts done of PARTS."""
        keys = self._keys()
        found = [array("Q") for _part in range(PARTS)]
        share = len(self._ends) // PARTS + 1
        for part, held in enumerate(keys):
            _meet(sorted(held), packed, found, share)
            keys[part] = array("Q")
            tell(part + 1)
        needed = self._needed
        for part, held in enumerate(found):
            last, times = -1, 0
            for pair in [*sorted(held), -1]:
                if pair == last:
                    times += 1
                    continue
                one, other = last >> PLACE, last & _NUMBER
                if times and times >= min(needed[one], needed[other]):
                    yield one, other
                last, times = pair, 1
            found[part] = array("Q")

    def _keys(self) -> "list[array[int]]":
        """(Hash of words, record) as one number each, in parts by their hash."""
        parts = [array("Q") for _part in range(PARTS)]
        among, marks, start = len(self._ends), self._marks, 0
        count, most, words = self._counts.of, 3 if among > MANY else 2, SPARING if among > MANY else WORDS
        for number, end in enumerate(self._ends):
            held = sorted([(often, mark) for mark in marks[start:end] if (often := count(mark)) > 1])[:words]
            start = end
            keys = _chosen(held, among)
            self._needed.append(1 if len(keys) <= FEW else most if len(keys) > SOME else 2)
            for key in keys:
                parts[key & (PARTS - 1)].append((key & _MASK) << PLACE | number)
        return parts


def _marking(handles: Callable[[str], tuple[str, ...]]) -> Callable[[str], tuple[int, ...]]:
    return lambda value: tuple(hash(handle) for handle in handles(value))


def _chosen(held: list[tuple[int, int]], among: int) -> list[int]:
    """The rare words by themselves, then couples of the others, the rarest first."""
    keys, most = [mark for often, mark in held if often <= ALONE], CHANCE * among
    for at, (often, mark) in enumerate(held):
        for other, mate in held[at + 1 :]:
            if often * other > most:
                break
            if other > ALONE:
                keys.append(hash((mark, mate) if mark < mate else (mate, mark)))
    return keys


def _meet(keys: list[int], packed: Sequence[str], found: "list[array[int]]", share: int) -> None:
    """Records of one block meet; in a crowd only those that stand together when it is put in order."""
    start, total = 0, len(keys)
    while start < total:
        block, end = keys[start] >> PLACE, start + 1
        while end < total and keys[end] >> PLACE == block:
            end += 1
        if end - start > 1:
            members = list(dict.fromkeys(key & _NUMBER for key in keys[start:end]))
            crowd = len(members) > CROWD
            if crowd:
                members.sort(key=packed.__getitem__)
            for at, one in enumerate(members):
                for other in members[at + 1 : at + 1 + NEIGHBOURS if crowd else None]:
                    low, high = (one, other) if one < other else (other, one)
                    found[low // share].append(low << PLACE | high)
        start = end
