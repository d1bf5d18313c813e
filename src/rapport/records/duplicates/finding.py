"""Finding: all records are read once, those that share rare words are compared, the likely pairs are told."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from rapport.platform import db
from rapport.records.duplicates.blocks import PARTS, Blocks
from rapport.records.duplicates.evidence import Evidence, Likeness
from rapport.records.duplicates.traits import GAP, Traits
from rapport.records.entity import Entity

LIKELY = 0.0  # bits: as likely as not
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Found:
    """Two records that may be one, and why; ``rows``: the values that were compared."""

    first: str
    second: str
    likeness: Likeness
    rows: tuple[str, str]


def find(entity: Entity, tell: Tell = lambda done, total: None) -> Iterator[Found]:
    """Every pair of records that is more likely one than two; ``tell`` (done, total) is called now and then."""
    traits, groups = Traits(entity), _groups(entity)
    total = sum(group.count for group in groups.values())
    with _undisturbed():
        for number, (value, key, row) in enumerate(_rows(entity, traits)):
            if group := groups.get(value):  # else it came since they were counted
                group.add(key, row)
            if number % 5000 == 0:
                tell(int(0.45 * min(number, total)), total)
        done = 0.45 * total
        while groups:
            _value, group = groups.popitem()
            share = 0.55 * group.count
            yield from group.pairs(partial(_tell, tell, done, share, total))
            done += share
    tell(total, total)


def _tell(tell: Tell, base: float, share: float, total: int, part: float) -> None:
    tell(int(base + part * share), total)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Millions of rows and no circle among them: nobody need look for any."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def apart(entity: Entity) -> str:
    """SQL for what sets records apart."""
    told = entity.duplicates
    return f't."{entity.every[told.apart].column}"' if told and told.apart else "NULL"


def _groups(entity: Entity) -> dict[Any, "_Group"]:
    """The records by what sets them apart, those of which there are several."""
    sql = f"SELECT {apart(entity)}, count(*) FROM {entity.rows} t WHERE t.binned_at IS NULL GROUP BY 1"
    return {value: _Group(Traits(entity), int(count)) for value, count in db.rows(sql) if count > 1}


def _rows(entity: Entity, traits: Traits) -> Iterator[tuple[Any, bytes, list[str]]]:
    sql = f"SELECT {apart(entity)}, t.id, {traits.columns()} FROM {entity.rows} t WHERE t.binned_at IS NULL"
    made = traits.row
    for value, key, *values in db.stream(sql, size=5000):
        yield value, key if isinstance(key, bytes) else key.bytes, made(values)


class _Group:
    """Records among which duplicates are looked for."""

    def __init__(self, traits: Traits, count: int) -> None:
        self.count = count
        self.evidence, self.blocks = Evidence(traits, count), Blocks(traits, count)
        self.keys, self.packed = bytearray(), list[str]()

    def add(self, key: bytes, row: list[str]) -> None:
        """The next record."""
        self.keys += key
        self.packed.append(GAP.join(row))
        self.evidence.count(row)
        self.blocks.add(row)

    def pairs(self, tell: Callable[[float], None]) -> Iterator[Found]:
        """The likely pairs; ``tell``: how much is done, from 0 to 1."""
        self.evidence.settle(self.packed)
        compare, packed, last, held = self.evidence.compare, self.packed, -1, list[str]()
        for one, other in self.blocks.pairs(packed, lambda part: tell(0.5 * part / PARTS)):
            if one != last:
                if one // 5000 != last // 5000:
                    tell(0.5 + 0.5 * one / self.count)
                last, held = one, packed[one].split(GAP)
            likeness = compare(held, packed[other].split(GAP))
            if likeness.bits >= LIKELY:
                yield Found(self._key(one), self._key(other), likeness, (packed[one], packed[other]))

    def _key(self, number: int) -> str:
        return self.keys[16 * number : 16 * number + 16].hex()
