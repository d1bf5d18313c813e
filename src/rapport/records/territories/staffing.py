"""Who works a territory: set and taken back with the proof, as the roles of a person are; and a territory removed."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from rapport.platform import db
from rapport.platform.actor import current
from rapport.platform.events import stream
from rapport.platform.identity import snapshot, viewing
from rapport.platform.identity.models import Territory, TerritoryUser, User
from rapport.platform.keys import parse_key
from rapport.records import history, rows
from rapport.records.entity import registry
from rapport.records.errors import Invalid, Refused
from rapport.records.operation import Operation, operation
from rapport.records.territories.rules import followers, home

MOST = 500


def held_by(territory: str) -> list[str]:
    """The ids of those who work it, by name."""
    sql = """SELECT u.id FROM territory_user x JOIN user_account u ON u.id = x.user_id WHERE x.territory_id = %s
             ORDER BY u.name_key, u.id"""
    return [str(db.unkey(row[0])) for row in db.rows(sql, (db.key(territory),))]


def called(name: str, words: Any) -> list[str]:
    """The ids of users who are named by id or e-mail address; ``name``: the field that names them.

    Raises Invalid for what is no list of those, or for a user who is not there.
    """
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise Invalid.at(name, _("Give a list of ids or e-mail addresses."), "type")
    if len(words) > MOST:
        raise Invalid.at(name, _("At most %(most)s people work a territory.") % {"most": MOST}, "most")
    mails = {word.strip().lower(): word for word in words if parse_key(word) is None}
    sql = f"SELECT lower(email), id FROM user_account WHERE lower(email) IN ({', '.join(['%s'] * len(mails))})"
    known = {mail: str(db.unkey(key)) for mail, key in db.rows(sql, list(mails))} if mails else {}
    if missing := set(mails) - set(known):
        raise Invalid.at(name, _("There is no user “%(user)s”.") % {"user": mails[min(missing)]}, "unknown")
    return [parse_key(word) or known[word.strip().lower()] for word in words]


def staff(territory: str, users: Iterable[str], *, version: int | None = None) -> str | None:
    """These people work a territory from now on and no others. The operation, or None when just these did.

    ``version``: the one of the territory that the caller has read.
    """
    with operation() as done:
        held = _held(territory)
        rows.expect(held, version)
        return done.id if _set(done, held, set(users)) else None


def amend(territory: str, more: Iterable[str], less: Iterable[str], *, version: int | None = None) -> str | None:
    """These work it from now on too, those no longer. The operation, or None when that is so."""
    with operation() as done:
        held = _held(territory)
        rows.expect(held, version)
        return done.id if _set(done, held, (set(held_by(territory)) | set(more)) - set(less)) else None


def take_back(territory: str, old: Iterable[str], new: Iterable[str]) -> bool:
    """Undo it, where still those work it who were set; False when that has changed since."""
    with operation() as done:
        held, there = _held(territory), set(held_by(territory))
        return there == set(new) and _set(done, held, _known(set(old)))


def remove(territory: str) -> None:
    """Remove a territory in which nothing lies and on which none hangs."""
    with operation() as done:
        held = _held(territory)
        if Territory.objects.filter(parent=held).exists():
            raise Refused(_("Other territories hang on this one. Give them another place first."))
        for entity in (home(), *followers()):
            sql = f'SELECT 1 FROM "{entity.table}" WHERE territory_id = %s AND binned_at IS NULL LIMIT 1'
            if db.one(sql, (db.key(held.id),)):
                raise Refused(_("Records lie in it. Clear its rule, and wait until they have gone elsewhere."))
        for entity in (home(), *followers()):  # what lies in the bin comes out of it without
            db.execute(f'UPDATE "{entity.table}" SET territory_id = NULL WHERE territory_id = %s', (db.key(held.id),))
        before = {**rows.values_of(held), "people": held_by(held.id)}
        _prove(done, held, "removed", before, None)
        held.delete()
        _count()


def _held(key: str) -> Territory:
    """A territory under lock."""
    found: Territory = rows.load(registry.get("territory"), key, current(), "change", lock=True)
    return found


def _known(users: set[str]) -> set[str]:
    return set(User.objects.filter(id__in=users).values_list("id", flat=True))


def _set(done: Operation, held: Territory, wanted: set[str]) -> bool:
    before = set(held_by(held.id))
    if wanted == before:
        return False
    if wanted - _known(wanted):
        raise Invalid.at("people", _("There is no such user."), "unknown")
    if len(wanted) > MOST:
        raise Invalid.at("people", _("At most %(most)s people work a territory.") % {"most": MOST}, "most")
    TerritoryUser.objects.filter(territory=held, user__in=before - wanted).delete()
    TerritoryUser.objects.bulk_create(TerritoryUser(territory=held, user_id=user) for user in sorted(wanted - before))
    _prove(done, held, "staffed", {"people": sorted(before)}, {"people": sorted(wanted)})
    _count()
    return True


def _count() -> None:
    """It counts at once, for everybody; whoever looks through another's eyes begins anew."""
    snapshot.touch()
    viewing.end_all()


def _prove(done: Operation, held: Territory, verb: str, before: dict[str, Any], after: dict[str, Any] | None) -> None:
    was, held.version = held.version, held.version + 1
    held.updated_at, held.updated_by = done.at, done.actor.id
    rows.update(held, set(), was)
    history.write([history.row(done, "territory", held.id, verb, held.version, before, after)])
    stream.emit(
        f"territory.{verb}", "territory", held.id, held.version, at=done.at_param, actor=done.actor.id,
        operation=done.id, fields=("people",) if verb == "staffed" else (),
    )  # fmt: skip
