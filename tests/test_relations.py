"""What belongs to a party on the screens: card, org chart, map; and what a migration makes of older parties."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from rapport.config import readiness
from rapport.parties import filling, queries
from rapport.parties.models import Address, ContactPoint, Party, PartyLink, PartyRole
from rapport.platform import db
from rapport.platform.identity.models import User
from rapport.records import registry, write
from rapport.shell.views import ring


def make(entity: str, **values: Any) -> Any:
    return write.create(registry.get(entity), values)


def link(one: Any, kind: str, other: Any, **more: Any) -> Any:
    return make("party_link", from_party=one.id, kind=kind, to_party=other.id, **more)


def person(name: str, firm: Any, title: str | None = None) -> Any:
    return make("party", kind="person", name=name, company=firm.id, title=title)


@pytest.fixture
def firm(admin: User, acting: Callable[..., Any]) -> Any:
    """Acme: Ada leads Bo, who leads Cy; Di is in finance; part of the Group; adviser Eve of another firm."""
    with acting(admin):
        firm, group, other = (make("party", name=name) for name in ("Acme", "Group", "Other"))
        ada, bo, cy, di = (person(name, firm, title) for name, title in
                           (("Ada", "CEO"), ("Bo", "Head"), ("Cy", "Buyer"), ("Di", None)))  # fmt: skip
        eve = person("Eve", other)
        link(bo, "reports_to", ada)
        link(cy, "reports_to", bo)
        link(ada, "reports_to", cy)  # a circle, as people draw them
        link(ada, "decision_maker_for", firm)
        link(firm, "part_of", group)
        link(eve, "adviser_to", firm)
        place = PartyLink.objects.get(from_party_id=di.id)
        write.change(registry.get("party_link"), place.id, {"department": "Finance"})
    return firm


def test_the_org_chart_shows_who_leads_whom_departments_and_who_decides(
    firm: Any, admin: User, acting: Callable[..., Any], browser_of: Callable[..., Client]
) -> None:
    with acting(admin):
        chart = queries.chart(firm.id)
    names = []

    def walk(members: Any, depth: int) -> None:
        for member in members:
            names.append((depth, member.name, member.decides))
            walk(member.reports, depth + 1)

    walk(chart.tops, 0)
    assert sorted(name for _depth, name, _d in names) == ["Ada", "Bo", "Cy"], "a circle is opened, nobody is lost"
    assert [depth for depth, _n, _d in names] == [0, 1, 2]
    assert ("Ada", True) in [(name, decides) for _depth, name, decides in names]
    assert [(name, [m.name for m in members]) for name, members in chart.departments] == [("Finance", ["Di"])]
    assert [node.name for node in chart.above] == ["Group"]
    page = browser_of(admin).get(f"/parties/{firm.id}/org-chart").content.decode()
    assert all(name in page for name in ("Ada", "Bo", "Cy", "Di", "Group", "Finance", "Decides"))


def test_the_map_draws_two_hops_and_lists_the_same(
    firm: Any, admin: User, acting: Callable[..., Any], browser_of: Callable[..., Client]
) -> None:
    with acting(admin):
        around = queries.around(firm.id)
    hops = {node.name: node.hop for node in around.nodes}
    assert hops == {"Acme": 0, "Group": 1, "Ada": 1, "Bo": 1, "Cy": 1, "Di": 1, "Eve": 1, "Other": 2}
    words = {node.name: node.words for node in around.nodes}
    assert (words["Group"], words["Eve"], words["Di"], words["Other"]) == ("Part of", "Adviser", "Employs", "Works at")
    places = {(spot.x, spot.y) for spot in ring.drawn(around).spots}
    assert len(places) == len(hops), "nobody stands on another"
    page = browser_of(admin).get(f"/parties/{firm.id}/map").content.decode()
    assert page.count('class="spot') == len(hops)
    assert "style=" not in page.partition('<svg class="map"')[2].partition("</svg>")[0]


def test_a_map_of_many_says_how_many_are_left_out(admin: User, acting: Callable[..., Any]) -> None:
    with acting(admin):
        firm = make("party", name="Acme")
        for n in range(queries.FIRST + 12):
            person(f"P{n:02}", firm)
        around = queries.around(firm.id)
        assert (len(around.nodes), around.more) == (queries.FIRST + 1, 12)
        lonely = make("party", name="Lonely")
        assert len(ring.drawn(queries.around(lonely.id)).spots) == 1


def test_nobody_sees_parties_on_chart_or_map_that_he_does_not_see_elsewhere(
    seller: User, other_seller: User, acting: Callable[..., Any], browser_of: Callable[..., Client]
) -> None:
    with acting(other_seller):
        hidden = make("party", kind="person", name="Hidden")
    with acting(seller):
        firm = make("party", name="Acme")
        person("Seen", firm)
    with acting(seller), pytest.raises(Exception, match="no organisation or person"):
        link(firm, "partner_of", hidden)
    for page in ("org-chart", "map"):
        assert browser_of(seller).get(f"/parties/{firm.id}/{page}").status_code == 200
        assert browser_of(other_seller).get(f"/parties/{firm.id}/{page}").status_code == 404


def test_points_are_added_made_primary_and_removed_on_the_card(firm: Any, admin: User, browser_of: Any) -> None:
    browser = browser_of(admin)
    where = f"/parties/{firm.id}"
    page = browser.get(where)
    token = page.context["csrf"] if page.context and "csrf" in page.context else browser.cookies["csrftoken"].value

    def post(url: str, **values: str) -> Any:
        return browser.post(url, {**values, "csrfmiddlewaretoken": token}, HTTP_HX_REQUEST="true")

    assert post(f"{where}/points", kind="email", value="A@acme.example", label="work").status_code == 200
    assert post(f"{where}/points", kind="email", value="b@acme.example").status_code == 200
    assert post(f"{where}/points", kind="email", value="nonsense").status_code == 422
    second = ContactPoint.objects.get(value="b@acme.example")
    assert "records:changed" in post(f"/contact-points/{second.id}/primary")["HX-Trigger"]
    assert Party.objects.get(id=firm.id).email == "b@acme.example"
    assert post(f"/contact-points/{second.id}/remove").status_code == 200
    assert Party.objects.get(id=firm.id).email == "a@acme.example"
    assert post(f"{where}/remove").status_code == 404, "a party is part of nothing"
    assert "a@acme.example" in browser.get(where).content.decode()


def test_parties_from_before_get_their_rows_in_one_go(admin: User, acting: Callable[..., Any]) -> None:
    with acting(admin):
        firm = make("party", name="Acme", website="https://www.Acme.example/", roles=["customer", "public_body"],
                    address={"city": "Köln"})  # fmt: skip
        ada = make("party", kind="person", name="Ada", email="a@x.example", phone="+49 40 1234567", company=firm.id)
        gone = make("party", name="Gone", email="g@x.example")
        write.put_in_bin(registry.get("party"), gone.id)
    kept = {(p.party_id, p.kind, p.value, p.value_key, p.binned_at) for p in ContactPoint.objects.all()}
    for model in (ContactPoint, Address, PartyRole, PartyLink):
        model.objects.all().delete()
    filling.fill(db.connection())
    assert {(p.party_id, p.kind, p.value, p.value_key, p.binned_at) for p in ContactPoint.objects.all()} == kept
    assert {r.role for r in PartyRole.objects.all()} == {"customer", "public_body"}
    assert PartyLink.objects.get().from_party_id == ada.id
    assert len({p.id for p in ContactPoint.objects.all()}) == len(kept)
    assert readiness.deep() == []


def test_what_belongs_to_a_party_is_fetched_beside_its_card(
    admin: User, acting: Callable[..., Any], browser_of: Callable[..., Client]
) -> None:
    with acting(admin):
        firm = make("party", name="Acme", email="desk@acme.example", roles=["customer"], **{"address.city": "Graz"})
    for headers in ({}, {"HX-Request": "true"}):
        page = browser_of(admin).get(f"/parties/{firm.id}/related", headers=headers)
        assert page.status_code == 200
        for words in ("desk@acme.example", "Graz"):
            assert words in page.content.decode(), words
