"""Who belongs to whom: the links around a party, the people of an organisation, its place among others."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rapport.parties import choices
from rapport.parties.holding import today
from rapport.platform import db
from rapport.platform.actor import current
from rapport.records import registry, scope

LINKS = 300
PEOPLE = 200
NODES = 60
FIRST = 24
_LABELS = dict(choices.LINKS)


@dataclass(frozen=True, slots=True)
class Link:
    """A link that runs today, read from one end: ``other`` is the party at the far end."""

    id: str
    kind: str
    here: str
    other: str
    forward: bool
    title: str | None
    department: str | None

    @property
    def words(self) -> str:
        """What the far end is to this one: "Works at", "Employs"."""
        return str(_LABELS[self.kind] if self.forward else choices.INVERSE[self.kind])


@dataclass(slots=True)
class Node:
    """A party of the map or the chart."""

    id: str
    name: str
    kind: str
    sub: str = ""
    hop: int = 0
    via: str | None = None
    words: str = ""


@dataclass(slots=True)
class Around:
    """A party, those around it, and how they hang together; ``more`` were left out."""

    nodes: list[Node]
    edges: list[tuple[str, str, str]]
    more: int = 0


@dataclass(slots=True)
class Member:
    """Somebody in an organisation, with those who report to him."""

    id: str
    name: str
    title: str | None = None
    department: str | None = None
    decides: bool = False
    reports: list["Member"] = field(default_factory=list)


@dataclass(slots=True)
class Chart:
    """An organisation: what it is part of, its parts, who leads whom, and the rest by department."""

    above: list[Node]
    below: list[Node]
    tops: list[Member]
    departments: list[tuple[str, list[Member]]]
    count: int
    more: int = 0


def links(parties: Iterable[str], *, kinds: tuple[str, ...] = (), limit: int = LINKS) -> list[Link]:
    """The links of parties that run today, in both directions, as far as the actor may see them."""
    keys = list(dict.fromkeys(parties))
    entity, actor, day = registry.get("party_link"), current(), today()
    if not keys or not actor.may(entity.key, "view"):
        return []
    where, places = scope.condition(entity, actor)
    among = ", ".join(["%s"] * len(keys))
    wanted = f" AND t.kind IN ({', '.join(['%s'] * len(kinds))})" if kinds else ""
    when = day.isoformat() if db.is_sqlite() else day
    found: dict[tuple[str, bool], Link] = {}
    told = ", ".join(f"t.{name}" if name in entity.fields else "NULL" for name in ("title", "department"))
    for here, other in (("from_party_id", "to_party_id"), ("to_party_id", "from_party_id")):
        sql = f"""SELECT t.id, t.kind, t.{here}, t.{other}, {told} FROM party_link t
                  WHERE t.{here} IN ({among}){wanted} AND {where} AND t.binned_at IS NULL
                  AND (t.ended_on IS NULL OR t.ended_on > %s) ORDER BY t.{here}, t.kind, t.id LIMIT {limit}"""
        forward = here == "from_party_id"
        for key, kind, one, far, title, department in db.rows(sql, [*(db.key(k) for k in keys), *kinds, *places, when]):
            link = Link(str(db.unkey(key)), kind, str(db.unkey(one)), str(db.unkey(far)), forward, title, department)
            found[link.id, forward] = link
    return list(found.values())


def named(keys: Iterable[str]) -> dict[str, Node]:
    """Parties by id, those that the actor may see."""
    asked = list(dict.fromkeys(keys))
    if not asked:
        return {}
    entity = registry.get("party")
    where, places = scope.condition(entity, current())
    sql = f"""SELECT t.id, t.name, t.kind FROM party t WHERE t.id IN ({", ".join(["%s"] * len(asked))})
              AND {where} AND t.binned_at IS NULL"""
    found = db.rows(sql, [*(db.key(key) for key in asked), *places])
    return {str(db.unkey(key)): Node(str(db.unkey(key)), name, kind) for key, name, kind in found}


def around(party: str) -> Around:
    """The parties to two hops around ``party``, nearest first, at most NODES."""
    near, left_near = _hop([party], {party}, FIRST)
    nodes = named([party])
    nodes[party].hop = 0
    first, edges = _placed(near, 1, {party})
    far, left_far = _hop([node.id for node in first], {party, *(node.id for node in first)}, NODES - 1 - len(first))
    second, more_edges = _placed(far, 2, {party, *(node.id for node in first)})
    known = {party, *(node.id for node in first), *(node.id for node in second)}
    for link in [*near, *far]:
        pair = {link.here, link.other}
        if pair <= known and not any(pair == {a, b} for a, b, _w in [*edges, *more_edges]):
            more_edges.append((link.here, link.other, link.words))
    return Around([nodes[party], *first, *second], [*edges, *more_edges], left_near + left_far)


def _hop(keys: list[str], known: set[str], most: int) -> tuple[list[Link], int]:
    """The links that lead on from ``keys``, and how many new parties they leave out."""
    found = links(keys)
    fresh = list(dict.fromkeys(link.other for link in found if link.other not in known))
    kept = known | set(fresh[:most])
    return [link for link in found if link.other in kept], max(0, len(fresh) - most)


def _placed(found: list[Link], hop: int, known: set[str]) -> tuple[list[Node], list[tuple[str, str, str]]]:
    seen = named(link.other for link in found)
    nodes: dict[str, Node] = {}
    edges = []
    for link in found:
        node = seen.get(link.other)
        if node is None or node.id in nodes or node.id in known:
            continue
        node.hop, node.via, node.words, node.sub = hop, link.here, link.words, link.title or ""
        nodes[node.id] = node
        edges.append((link.here, node.id, link.words))
    return list(nodes.values()), edges


def chart(organisation: str) -> Chart:
    """The people of an organisation by who reports to whom, the rest by department."""
    employed = links([organisation], kinds=("works_at",), limit=PEOPLE + 1)
    works = {link.other: link for link in employed if not link.forward}
    deciding = {link.other for link in links([organisation], kinds=("decision_maker_for",)) if not link.forward}
    seen = named(works)
    members = {
        key: Member(key, node.name, works[key].title, works[key].department, key in deciding)
        for key, node in sorted(seen.items(), key=lambda pair: pair[1].name.casefold())
    }
    lead = {link.here: link.other for link in links(members, kinds=("reports_to",), limit=2 * PEOPLE) if link.forward}
    tops, rest = _tree(members, lead)
    groups: dict[str, list[Member]] = {}
    for member in rest:
        groups.setdefault(member.department or "", []).append(member)
    departments = sorted(groups.items(), key=lambda pair: (pair[0] == "", pair[0].casefold()))
    structure = links([organisation], kinds=("part_of",))
    units = named(link.other for link in structure)
    above = [units[link.other] for link in structure if link.forward and link.other in units]
    below = [units[link.other] for link in structure if not link.forward and link.other in units]
    return Chart(above, below, tops, departments, len(members), max(0, len(employed) - PEOPLE))


def _tree(members: dict[str, Member], lead: dict[str, str]) -> tuple[list[Member], list[Member]]:
    """Those at the top with whom they lead below them, and those of whom nothing is known. A circle is opened."""
    for key, member in members.items():
        above = lead.get(key)
        if above in members and not _leads(key, str(above), lead):
            members[str(above)].reports.append(member)
        else:
            lead.pop(key, None)
    free = [member for key, member in members.items() if key not in lead]
    return [each for each in free if each.reports], [each for each in free if not each.reports]


def _leads(key: str, other: str, lead: dict[str, str]) -> bool:
    """Whether ``key`` stands somewhere above ``other``."""
    seen: set[Any] = set()
    at: str | None = other
    while at is not None and at not in seen:
        if at == key:
            return True
        seen.add(at)
        at = lead.get(at)
    return False
