"""Who may listen to what: asked when a page comes, and again every while."""

import datetime as dt
import time

from rapport.platform.events import stream
from rapport.platform.identity import access
from rapport.records.entity import registry
from rapport.records.live import sight
from rapport.records.live.connection import Connection
from rapport.records.operation import moment_param

# A write that began before the page was made may have ended after it.
SLOWEST_WRITE = dt.timedelta(seconds=2)


def admit(connection: Connection) -> int:
    """Let a reader in, or look at him again: 200, or 403 when his session is not the one the page was made for."""
    found = access.by_session(connection.secret)
    asked = connection.topics
    if found is None or found.session != asked.session or found.actor.id != asked.user:
        return 403
    connection.checked_at = time.monotonic()
    connection.actor = found.actor
    connection.entities = frozenset(name for name in asked.entities if found.actor.may(name, "view"))
    connection.records = {place for place in asked.records if _sees(connection, place)}
    return 200


def _sees(connection: Connection, place: tuple[str, str]) -> bool:
    entity, key = place
    return key in sight.visible(registry.get(entity), connection.reader, {key})


def lost(connection: Connection) -> dict[tuple[str, str], str]:
    """Records of the page that are in the bin (``"binned"``) or out of sight (``"hidden"``) by now."""
    reader = connection.reader
    found = {place: sight.standing(registry.get(place[0]), reader, place[1]) for place in connection.topics.records}
    return {place: how for place, how in found.items() if how != "open"}


def came_from(connection: Connection) -> int:
    """The position from which the page has not heard yet."""
    if connection.after is not None:
        return connection.after
    return _at(connection, SLOWEST_WRITE)


def shows(connection: Connection) -> int:
    """The position up to which the page shows what its reader did: he saw the answer before he asked for the page.

    What came later in his name was not done here: by an automation of his, or in another window.
    """
    return _at(connection, dt.timedelta())


def _at(connection: Connection, before: dt.timedelta) -> int:
    made = dt.datetime.fromtimestamp(connection.topics.at, dt.UTC) - before
    return stream.position_at(moment_param(made))
