"""Which columns a list shows: the address' own, else those the reader chose last, else the declared ones."""

from rapport.platform import db
from rapport.platform.actor import current
from rapport.records.entity import Entity
from rapport.shell.lists.state import Shown, State, columns_of

_KEEP = """INSERT INTO list_layout ("user", place, columns) VALUES (%s, %s, %s)
ON CONFLICT ("user", place) DO UPDATE SET columns = excluded.columns"""
LONGEST = 4000


def declared(state: State) -> tuple[Shown, ...]:
    """The columns of the saved view, else as laid out, else as declared, else a few that every list can show."""
    if state.saved and (kept := columns_of(state.entity, state.saved.columns)):
        return kept
    if laid_out := columns_of(state.entity, state.entity.arranged.list_of(state.view).columns):
        return laid_out
    names = [name for name in (state.view.columns or state.entity.columns) if name in state.entity.fields]
    return columns_of(state.entity, ",".join(names or _any(state.entity)))


def _any(entity: Entity) -> list[str]:
    own = [name for name in (entity.title, "owner") if name in entity.fields]
    return [*own, "created_at"]


def chosen(state: State) -> tuple[Shown, ...]:
    """The columns in force."""
    return state.columns or columns_of(state.entity, _remembered(state)) or declared(state)


def _remembered(state: State) -> str:
    sql = 'SELECT columns FROM list_layout WHERE "user" = %s AND place = %s'
    row = db.one(sql, (db.key(current().id), state.place))
    return str(row[0]) if row else ""


def remember(state: State, columns: tuple[Shown, ...]) -> None:
    """Keep the reader's columns; none takes the declared ones again."""
    user = db.key(current().id)
    with db.transaction():
        if columns and columns != declared(state):
            db.execute(_KEEP, (user, state.place, ",".join(map(str, columns))[:LONGEST]))
        else:
            db.execute('DELETE FROM list_layout WHERE "user" = %s AND place = %s', (user, state.place))
