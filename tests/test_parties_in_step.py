"""A party's own e-mail, phone, address, roles and company are those of its primary points, role rows and links."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rapport.config import readiness
from rapport.parties.models import Address, ContactPoint, Party, PartyLink, PartyRole
from rapport.platform import db
from rapport.platform.clock import now
from rapport.platform.identity.models import User
from rapport.records import registry, revert, search_read, write
from rapport.records.errors import NotFound, Problem
from rapport.records.operation import operation

TODAY = now().date()


@pytest.fixture(autouse=True)
def at_work(admin: User, acting: Callable[..., Any]) -> Iterator[None]:
    with acting(admin):
        yield
    assert readiness.deep() == []


def make(entity: str, **values: Any) -> Any:
    return write.create(registry.get(entity), values)


def change(record: Any, **values: Any) -> str:
    """Change in an operation of its own; its id."""
    with operation() as done:
        write.change(registry.of(record), record.id, values)
    return done.id


def fresh(record: Any) -> Any:
    return type(record).objects.get(id=record.id)


def points(party: Party, kind: str = "email") -> list[tuple[str, bool]]:
    """(value, primary) of the living points of a kind, oldest first."""
    found = ContactPoint.objects.filter(party_id=party.id, kind=kind, binned_at=None).order_by("id")
    return [(point.value, point.is_primary) for point in found]


def point(party: Party, value: str) -> ContactPoint:
    return ContactPoint.objects.get(party_id=party.id, value=value, binned_at=None)


def test_a_new_party_has_its_points_address_roles_and_place_of_work() -> None:
    firm = make("party", name="Acme", address={"city": "Köln"}, website="acme.example/x", roles=["customer", "media"])
    ada = make("party", kind="person", name="Ada Byron", email="ADA@acme.example", company=firm.id, title="CEO")
    assert points(ada) == [("ada@acme.example", True)]
    assert points(firm, "web") == [("https://acme.example/x", True)]
    assert [str(each) for each in Address.objects.filter(party_id=firm.id)] == ["Köln"]
    assert {(each.role, each.started_on) for each in PartyRole.objects.filter(party_id=firm.id)} == {
        ("customer", None), ("media", None)}  # fmt: skip
    link = PartyLink.objects.get(from_party_id=ada.id)
    assert (link.to_party_id, link.kind, link.title, link.is_primary) == (firm.id, "works_at", "CEO", True)


def test_the_first_point_of_a_kind_becomes_the_partys_own_and_the_next_one_waits() -> None:
    party = make("party", name="Ada")
    make("contact_point", party=party.id, kind="mobile", value="+49 151 23456789", label="private")
    make("contact_point", party=party.id, kind="phone", value="+49 40 1234567")
    assert fresh(party).phone == "+4915123456789"
    assert points(party, "phone") == [("+49401234567", False)]


def test_making_another_point_primary_changes_the_party() -> None:
    party = make("party", name="Ada", email="a@example.com")
    second = make("contact_point", party=party.id, kind="email", value="b@example.com")
    done = change(second, is_primary=True)
    assert fresh(party).email == "b@example.com"
    assert points(party) == [("a@example.com", False), ("b@example.com", True)]
    revert.revert(done)
    assert fresh(party).email == "a@example.com"
    assert points(party) == [("a@example.com", True), ("b@example.com", False)]


def test_changing_the_partys_e_mail_changes_its_primary_point_or_takes_the_one_that_is_there() -> None:
    party = make("party", name="Ada", email="a@example.com")
    make("contact_point", party=party.id, kind="email", value="b@example.com")
    change(party, email="c@example.com")
    assert points(party) == [("c@example.com", True), ("b@example.com", False)]
    change(party, email="b@example.com")
    assert points(party) == [("c@example.com", False), ("b@example.com", True)]
    change(party, email=None)
    assert points(party) == [("c@example.com", False)]
    assert fresh(party).email is None


def test_deleting_the_primary_promotes_the_next_and_the_last_one_empties_the_field() -> None:
    party = make("party", name="Ada", email="a@example.com")
    make("contact_point", party=party.id, kind="email", value="b@example.com")
    with operation() as done:
        write.put_in_bin(registry.get("contact_point"), point(party, "a@example.com").id)
    assert fresh(party).email == "b@example.com"
    write.put_in_bin(registry.get("contact_point"), point(party, "b@example.com").id)
    assert fresh(party).email is None
    outcome = revert.revert(done.id)
    assert outcome.kept_changed
    assert fresh(party).email == "a@example.com"
    assert points(party) == [("a@example.com", True)]


def test_an_emptied_and_undone_address_comes_back() -> None:
    party = make("party", name="Acme", address={"city": "Köln", "street": "Domplatz 1"})
    done = change(party, **{"address.city": None, "address.street": None})
    assert not Address.objects.filter(party_id=party.id, binned_at=None).exists()
    revert.revert(done)
    assert str(Address.objects.get(party_id=party.id, binned_at=None)) == "Domplatz 1, Köln"
    change(Address.objects.get(party_id=party.id), city="Bonn", country="de")
    assert (fresh(party).address_city, fresh(party).address_country) == ("Bonn", "DE")


def test_what_belongs_to_a_party_goes_into_the_bin_and_out_of_it_with_the_party() -> None:
    party = make("party", name="Ada", email="a@example.com", roles=["customer"])
    gone = make("contact_point", party=party.id, kind="fax", value="+49 40 1234567")
    write.put_in_bin(registry.get("contact_point"), gone.id)
    write.put_in_bin(registry.get("party"), party.id)
    assert points(party) == []
    assert not PartyRole.objects.filter(party_id=party.id, binned_at=None).exists()
    with pytest.raises(Problem):
        write.restore(registry.get("contact_point"), gone.id)
    write.restore(registry.get("party"), party.id)
    assert points(party) == [("a@example.com", True)]
    assert points(party, "fax") == []


def test_roles_written_on_the_party_open_and_end_periods() -> None:
    party = make("party", name="Acme", roles=["prospect"])
    done = change(party, roles=["customer", "partner"])
    held = {each.role: (each.started_on, each.ended_on) for each in PartyRole.objects.filter(party_id=party.id)}
    assert held == {"prospect": (None, TODAY), "customer": (TODAY, None), "partner": (TODAY, None)}
    revert.revert(done)
    assert fresh(party).roles == " prospect "
    role = PartyRole.objects.get(party_id=party.id, role="prospect")
    change(role, ended_on=TODAY)
    assert fresh(party).roles is None
    make("party_role", party=party.id, role="prospect", started_on=TODAY, stage="qualified", tier="a")
    assert fresh(party).roles == " prospect "


@pytest.mark.parametrize(
    ("start", "end", "fits"),
    [(None, None, False), ("2020-01-01", None, False), ("2018-01-01", "2019-01-01", True), (None, "2019-06-02", False),
     ("2020-01-01", "2020-02-01", True), ("2019-12-31", "2020-02-01", False)],
)  # fmt: skip
def test_nobody_holds_a_role_twice_at_a_time(start: str | None, end: str | None, fits: bool) -> None:
    party = make("party", name="Acme")
    make("party_role", party=party.id, role="customer", started_on="2019-06-01", ended_on="2020-01-01")
    make("party_role", party=party.id, role="customer", started_on="2021-01-01")
    values = {"party": party.id, "role": "customer", "started_on": start, "ended_on": end}
    if fits:
        assert make("party_role", **values)
    else:
        with pytest.raises(Problem, match="already held"):
            make("party_role", **values)


def test_a_new_employer_ends_the_old_place_of_work_today() -> None:
    acme, other = make("party", name="Acme"), make("party", name="Other")
    ada = make("party", kind="person", name="Ada", company=acme.id, title="CEO")
    done = change(ada, company=other.id, title="Adviser")
    told = [(each.to_party_id, each.title, each.started_on, each.ended_on)
            for each in PartyLink.objects.filter(from_party_id=ada.id).order_by("id")]  # fmt: skip
    assert told == [(acme.id, "CEO", None, TODAY), (other.id, "Adviser", TODAY, None)]
    revert.revert(done)
    assert (fresh(ada).company_id, fresh(ada).title) == (acme.id, "CEO")
    change(PartyLink.objects.get(from_party_id=ada.id, to_party_id=acme.id), ended_on=TODAY)
    assert fresh(ada).company_id is None


def test_a_party_is_found_by_any_of_its_points_and_only_by_living_ones() -> None:
    party = make("party", name="Ada Byron", email="a@example.com")
    mobile = make("contact_point", party=party.id, kind="mobile", value="+49 151 23456789")
    make("contact_point", party=party.id, kind="telegram", value="@countess")

    def found(text: str) -> bool:
        return [hit.id for hit in search_read.search(text)] == [party.id]

    assert found("4915123456789") and found("+49 151 234567") and found("countess") and found("byron")  # noqa: PT018
    write.put_in_bin(registry.get("contact_point"), mobile.id)
    assert not found("4915123456789")
    change(party, name="Ada Lovelace")
    assert found("lovelace countess")


EMAILS = ("a@x.example", "b@x.example", "c@x.example", None)
PHONES = ("+4915123456781", "+4915123456782", None)
ROLES = ([], ["customer"], ["customer", "supplier"], ["media"])
WRITES = {
    "email": st.sampled_from(EMAILS),
    "phone": st.sampled_from(PHONES),
    "roles": st.sampled_from(ROLES),
    "company": st.sampled_from([0, 1, None]),
    "title": st.sampled_from(["CEO", "CTO", None]),
    "address": st.sampled_from([{"city": "Bonn"}, {"city": "Köln", "country": "DE"}, {"city": None, "country": None}]),
}
VALUES = (("email", "d@x.example"), ("email", "a@x.example"), ("mobile", "+4915123456783"), ("fax", "+4915123456784"))
ADDED = [
    *(
        ("contact_point", {"kind": kind, "value": value, "is_primary": first})
        for kind, value in VALUES
        for first in (None, True, False)
    ),
    *(("address", {"city": "Jena", "is_primary": first}) for first in (None, True)),
    *(
        ("party_role", {"role": role, "started_on": since})
        for role in ("customer", "partner")
        for since in (None, TODAY.isoformat())
    ),
    *(("party_link", {"kind": "works_at", "title": "VP", "is_primary": first}) for first in (None, True)),
]
AT = st.integers(0, 9)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("party"), st.fixed_dictionaries({}, optional=WRITES)),
        st.tuples(st.just("add"), st.sampled_from(ADDED)),
        st.tuples(st.just("edit"), st.tuples(AT, st.sampled_from(["first", "second", "value", "end"]))),
        st.tuples(st.sampled_from(["bin", "restore", "undo"]), AT),
        st.tuples(st.just("away"), st.just(0)),
    ),
    max_size=14,
)


class Play:
    """A party to which anything is done, as people do."""

    def __init__(self) -> None:
        self.firms = [make("party", name=name) for name in ("Acme", "Other")]
        self.party = make("party", kind="person", name="Ada", email="a@x.example", roles=["customer"])
        self.deeds: list[str] = []

    def parts(self) -> list[Any]:
        found = [list(model.objects.filter(party_id=self.party.id).order_by("id"))
                 for model in (ContactPoint, Address, PartyRole)]  # fmt: skip
        found.append(list(PartyLink.objects.filter(from_party_id=self.party.id).order_by("id")))
        return [each for one in found for each in one]

    def pick(self, at: int) -> Any:
        found = self.parts()
        return found[at % len(found)] if found else None

    def do(self, step: str, given: Any) -> None:
        try:
            with operation() as done:
                getattr(self, step)(given)
        except Problem:
            return
        self.deeds.append(done.id)

    def party_(self, values: dict[str, Any]) -> None:
        if values.get("company") is not None:
            values = values | {"company": self.firms[values["company"]].id}
        write.change(registry.get("party"), self.party.id, values)

    def add(self, given: tuple[str, dict[str, Any]]) -> None:
        entity, values = given
        more = {"from_party": self.party.id, "to_party": self.firms[0].id} if entity == "party_link" else {
            "party": self.party.id}  # fmt: skip
        make(entity, **values, **more)

    def edit(self, given: tuple[int, str]) -> None:
        part, how = self.pick(given[0]), given[1]
        values: dict[str, Any] = {"note": "seen"}
        if how in ("first", "second") and hasattr(part, "is_primary"):
            values = {"is_primary": how == "first"}
        elif how == "value" and isinstance(part, ContactPoint):
            values = {"kind": "email", "value": "e@x.example"}
        elif how == "value" and isinstance(part, Address):
            values = {"city": "Ulm"}
        elif how == "end" and hasattr(part, "ended_on"):
            values = {"ended_on": TODAY + dt.timedelta(days=given[0] % 2)}
        write.change(registry.of(part), part.id, values)

    def bin(self, at: int) -> None:
        part = self.pick(at)
        write.put_in_bin(registry.of(part), part.id)

    def restore(self, at: int) -> None:
        part = self.pick(at)
        write.restore(registry.of(part), part.id)

    def away(self, _given: int) -> None:
        entity = registry.get("party")
        (write.restore if fresh(self.party).binned_at else write.put_in_bin)(entity, self.party.id)

    def undo(self, at: int) -> None:
        if self.deeds:
            with contextlib.suppress(NotFound):  # a deed that changed nothing
                revert.revert(self.deeds[-1 - at % len(self.deeds)])


@pytest.mark.timeout(900)  # a deep check after each of some 900 steps
def test_whatever_is_done_and_undone_party_and_parts_stay_in_step() -> None:
    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps=STEPS)
    @example(steps=[("party", {"email": None}), ("party", {}), ("away", 0), ("undo", 2)])
    @example(
        steps=[
            ("party", {"roles": []}),
            ("party", {"roles": ["customer", "media"]}),
            ("party", {"roles": ["customer"]}),
            ("undo", 1),
        ]
    )
    def holds(steps: list[tuple[str, Any]]) -> None:
        class Undone(Exception): ...

        with pytest.raises(Undone), db.savepoint():  # noqa: PT012
            play = Play()
            for step, given_ in steps:
                if step == "undo":
                    play.undo(given_)
                else:
                    play.do("party_" if step == "party" else step, given_)
                wrong = [each for each in readiness.deep() if "gap" not in each]
                assert wrong == [], (step, given_, wrong)
            raise Undone

    holds()
