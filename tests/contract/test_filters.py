"""Every operator of every field kind gives the rows that a plain Python reading of it gives."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.platform.actor import as_system
from rapport.platform.identity.models import User
from rapport.records import read, registry, write
from rapport.records.entity import Entity, Field
from rapport.records.errors import BadQuery
from rapport.records.read import Query
from tests.contract import meaning
from tests.contract.examples import DAYS, TAGS, TEXTS, TODAY, crowd, values_of

QUIET = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


def asked(entity: Entity, tree: Any) -> set[str]:
    """Ids that the engine finds."""
    with as_system("tests"):
        return {row["id"] for row in read.page(Query(entity, filter=tree, fields=("id",), limit=1000)).items()}


def operands(known: Field, op: str) -> list[Any]:
    """Values worth asking for: some that are there, some that are not, some nearly."""
    pool = [each for each in values_of(known) if each not in (None, [])]
    if known.name == "external_id":
        pool = ["X-01", "X-03", "x-03", "nothing"]
    if op == "is_empty":
        return [True, False]
    if known.kind.name == "tags":
        return [["VIP"], ["Key account", "Trade fair"], list(TAGS)]
    if op in ("in_last", "in_next"):
        return [{"n": n, "unit": unit} for n in (1, 8, 40) for unit in ("day", "week")]
    if op in ("this", "last", "next"):
        return ["day", "week", "month", "quarter", "year"]
    if op == "between":
        ends = sorted(pool, key=lambda each: meaning.operand(each, known))
        return [[ends[0], ends[-1]], [ends[1], ends[len(ends) // 2]], [ends[-1], ends[0]]] if ends else []
    if op in ("in", "not_in"):
        return [pool[:1], pool[:3], [*pool[:2], None], [None], []]
    if op in ("has", "has_not", "has_any"):
        words = [value for value, _label in known.kind.choices]
        return [words[0], words[:2], words[:1], words[3:6]]
    if op in ("contains", "not_contains", "starts_with"):
        parts = ("a", "AL", "50%", "%", "_", "example", "Шол", "O'", "+4", "!", "z", "0", "straß", "\\")
        return [part for part in parts if known.compare == known.column or meaning.operand(part, known)]
    return pool[:8]


@pytest.mark.parametrize("key", [entity.key for entity in registry])
def test_every_operator_of_every_field_finds_what_it_says(key: str, organisation: None) -> None:
    entity = registry.get(key)
    crowd(entity, 25)
    everybody = list(entity.model._default_manager.all())
    wrong = []
    for name, known in entity.fields.items():
        for op in known.kind.ops:
            for wanted in operands(known, op):
                tree = {"field": name, "op": op, "value": wanted}
                true = {r.id for r in everybody if meaning.leaf(known, op, wanted, r, TODAY)}
                found = asked(entity, tree)
                if found != true:
                    missing, extra = [
                        [getattr(r, known.attname, None) for r in everybody if r.id in ids]
                        for ids in (true - found, found - true)
                    ]
                    wrong.append(f"{tree}: missing {missing}, extra {extra}")
    assert not wrong, "\n".join(wrong)


DEAL_LEAVES = st.one_of(
    st.builds(
        lambda op, v: {"field": "name", "op": op, "value": v},
        st.sampled_from(["eq", "ne", "contains", "starts_with", "not_contains"]),
        st.sampled_from(TEXTS),
    ),
    st.builds(
        lambda op, v: {"field": "amount", "op": op, "value": v},
        st.sampled_from(["gt", "gte", "lt", "lte", "eq", "ne"]),
        st.sampled_from(["0", "99", "1250", "1000.00", "-5", "6.40"]),
    ),
    st.builds(
        lambda op, v: {"field": "close_on", "op": op, "value": v.isoformat()},
        st.sampled_from(["gt", "lte", "eq", "ne"]),
        st.sampled_from(DAYS),
    ),
    st.builds(
        lambda op, v: {"field": "close_on", "op": op, "value": v},
        st.sampled_from(["this", "last", "next"]),
        st.sampled_from(["day", "week", "month", "quarter", "year"]),
    ),
    st.builds(
        lambda op, v: {"field": "status", "op": op, "value": v},
        st.sampled_from(["in", "not_in"]),
        st.lists(st.sampled_from(["open", "won", "lost", None]), max_size=3),
    ),
    st.builds(
        lambda f, v: {"field": f, "op": "is_empty", "value": v},
        st.sampled_from(["party", "amount", "owner", "lost_reason", "party.industry"]),
        st.booleans(),
    ),
    st.builds(
        lambda op, v: {"field": "party.name", "op": op, "value": v},
        st.sampled_from(["eq", "ne", "contains", "not_contains"]),
        st.sampled_from(["Example 1000", "example", "zzz"]),
    ),
)
TREES = st.recursive(
    DEAL_LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"and": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"or": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=8,
)


def depth(tree: dict[str, Any]) -> int:
    parts = tree.get("and") or tree.get("or") or ([tree["not"]] if "not" in tree else [])
    return 1 + max((depth(part) for part in parts), default=0)


def test_any_combination_of_conditions_finds_what_it_says(organisation: None) -> None:
    entity = registry.get("deal")
    records = crowd(entity, 30)

    @settings(max_examples=150, deadline=None, suppress_health_check=QUIET)
    @given(tree=TREES.filter(lambda tree: depth(tree) <= 6))
    def holds(tree: dict[str, Any]) -> None:
        true = {record.id for record in records if meaning.holds(tree, entity, record, TODAY)}
        assert asked(entity, tree) == true

    holds()


def test_a_filter_reaches_over_two_relations_within_the_scope(admin: User, seller: User, acting: Any) -> None:
    with acting(admin):
        holding = write.create(registry.get("party"), {"name": "Holding", "kind": "organisation", "industry": "Retail"})
        buyer = write.create(registry.get("party"), {"name": "Ada", "company": holding.id, "owner": seller.id})
        deal = write.create(registry.get("deal"), {"name": "Boxes", "party": buyer.id, "owner": seller.id})
        write.create(registry.get("deal"), {"name": "Bags"})
    entity, tree = registry.get("deal"), {"field": "party.company.industry", "op": "eq", "value": "Retail"}

    def found(tree: Any, **more: Any) -> list[str]:
        return [row["id"] for row in read.page(Query(entity, filter=tree, **more)).items()]

    with acting(admin):
        assert found(tree) == found(tree, sort=("party.company.name",)) == [deal.id]
        with pytest.raises(BadQuery, match="2 relations at most"):
            found({"field": "party.company.company.industry", "op": "eq", "value": "Retail"})
        with pytest.raises(BadQuery, match="no relation"):
            found({"field": "party.industry.name", "op": "eq", "value": "Retail"})
    with acting(seller):
        assert found({"field": "party.name", "op": "eq", "value": "Ada"}) == [deal.id]
        assert found(tree) == []
