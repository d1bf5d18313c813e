"""Which field a column's name means, when no map says it: names, labels, and what other programs call them."""

import re
from collections.abc import Iterable, Mapping

from rapport.platform.text import fold
from rapport.records.entity import Entity
from rapport.records.kinds import TagsKind
from rapport.records.transfer.mapping.parts import known_words, part_named
from rapport.records.transfer.mapping.spec import Spec, Target

# What other programs write above a column; only names that leave no doubt.
_OTHER_NAMES = {
    "email": "e mail, mail, email address, e mail address, primary email, email 1",
    "phone": "telephone, tel, mobile, mobile phone, phone number, business phone, telefon, phone 1",
    "given_name": "first name, firstname, forename, vorname, prenom",
    "family_name": "last name, lastname, surname, nachname, family name",
    "name": "full name, account, account name, company name, display name, opportunity name, deal name, title",
    "company": "organisation, organization, works at, firm, employer",
    "title": "job title, position",
    "website": "web site, url, homepage, web",
    "external_id": "external id, foreign id, opportunity id, record id",
    "employees": "number of employees, headcount, staff",
    "annual_revenue": "revenue, annual turnover, turnover",
    "amount": "value, deal value, close value, price",
    "opened_on": "opened, created on, open date, start date",
    "closed_on": "closed, close date, closed date",
    "close_on": "expected close, expected close date",
    "owner": "sales agent, agent, responsible, assigned to, account manager",
    "party": "customer, client, account, contact",
    "stage": "deal stage, sales stage",
    "address.street": "street, address, street address, address 1, address line 1, street 1",
    "address.city": "city, town, suburb, ort, stadt",
    "address.region": "region, state, province, county",
    "address.postcode": "postcode, zip, zip code, postal code, plz",
    "address.country": "country, land",
    "birth_on": "birthday, bday, date of birth, birth date, birthdate, dob, born on",
    "sex": "gender",
    "description": "note, notes, comment, comments",
}
# The same for parts; each may be filled by several columns.
_PARTS = {
    "contact_points.email.work": "work email, business email, office email",
    "contact_points.email": "email 2, e mail 2, email 3, e mail 3, second email, other email, secondary email",
    "contact_points.email.private": "home email, private email, personal email",
    "contact_points.mobile": "mobile, mobile phone, mobile number, cell, cell phone, handy",
    "contact_points.phone": "phone 2, phone 3, other phone, second phone, business phone 2",
    "contact_points.phone.work": "work phone, office phone",
    "contact_points.phone.home": "home phone, private phone",
    "contact_points.web.work": "work website", "contact_points.web.home": "home website",
    "contact_points.web": "other website, website 2, second website, web page 2",
    "contact_points.fax": "fax, fax number, business fax, telefax",
    "contact_points.telegram": "telegram", "contact_points.whatsapp": "whatsapp", "contact_points.viber": "viber",
    "contact_points.skype": "skype", "contact_points.linkedin": "linkedin, linkedin url, linkedin profile",
    "contact_points.facebook": "facebook", "contact_points.instagram": "instagram", "contact_points.vk": "vk",
    "contact_points.x": "x, twitter", "contact_points.signal": "signal", "contact_points.wechat": "wechat",
    "contact_points.youtube": "youtube", "contact_points.post": "reachable by post",
    "contact_points.other": "other contact",
    **{f"addresses.{kind}.{part}": f"{kind} {part}"
       for kind in ("visiting", "home", "delivery", "billing", "postal", "registered")
       for part in ("street", "postcode", "city", "region", "country")},
    "addresses.delivery.street": "delivery street, shipping street, shipping address",
    "addresses.delivery.city": "delivery city, shipping city",
}  # fmt: skip
# What a column is called that says more of it: “Mobile (work, preferred)”, “Home street (own)”.
_SAYING = re.compile(r"(.+) \(([a-z, ]+)\)( \d+)?")
_BARE = {"email": "contact_points.email", "phone": "contact_points.phone", "website": "contact_points.web"}


def _plain(name: str) -> str:
    return fold(" ".join(name.replace("_", " ").replace("-", " ").replace(".", " ").split()))


def guess(entity: Entity, header: Iterable[str], doubled: set[str], makes: Iterable[str] = ()) -> Spec:
    """A map from the column names alone. A field is taken once; doubled columns are never guessed.

    ``makes``: columns whose related records may be made.
    """
    by_name: dict[str, str] = {}
    for name, alike in _OTHER_NAMES.items():
        if name in entity.fields:
            for other in alike.split(", "):
                by_name.setdefault(other, name)
    for name, field in entity.fields.items():
        by_name.setdefault(_plain(str(field.label)), name)
        by_name.setdefault(_plain(field.key), name)
    for name, field in entity.declared.items():  # files of before the organisation gave it a name of its own
        by_name.setdefault(_plain(str(field.label)), name)
    by_name |= {_plain(name): name for name in entity.fields}
    spec = Spec(guessed=True)
    taken: set[str] = set()
    for strict in (True, False):
        for column in header:
            found = column if strict else by_name.get(_plain(column), "")
            known = entity.fields.get(found)
            if known is None or known.read_only or found in taken or column in spec.columns or column in doubled:
                continue
            taken.add(found)
            related = known.relation is not None or isinstance(known.kind, TagsKind)
            spec.columns[column] = [Target(found, create=column in makes and related)]
    names = {other: name for name, alike in _PARTS.items() for other in alike.split(", ")}
    for column in header:
        found = _saying(entity, names, _plain(column)) or _numbered(names, _plain(column))
        if found and column not in spec.columns and column not in doubled and part_named(entity, found):
            spec.columns[column] = [Target(found)]
    if {"given_name", "family_name"} & taken and "kind" in entity.fields and not {"kind", "name"} & taken:
        spec.defaults["kind"] = "person"  # firms have no first names
    return spec


def _saying(entity: Entity, names: Mapping[str, str], column: str) -> str:
    """The part that a column means which says more of it in brackets; empty when it does not."""
    found = _SAYING.fullmatch(column)
    target = found and ({**names, **_BARE}).get(found[1], "")
    part = part_named(entity, target) if target else None
    if found is None or part is None:
        return ""
    words = [word.strip() for word in found[2].split(",")]
    return ".".join([str(target), *words]) if set(words) <= known_words(part) else ""


def _numbered(names: dict[str, str], column: str) -> str:
    """The part that a column means. A further way to reach somebody has a number: “Mobile 2”, “Home street 2”."""
    head, _space, number = column.rpartition(" ")
    further = names.get(head, "") if number.isdecimal() else ""
    return names.get(column) or (f"{further}.{number}" if further.startswith("addresses.") else further)
