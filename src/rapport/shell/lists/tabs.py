"""The tabs above a list or a board: its named lists and a few saved views."""

from typing import Any

from rapport.shell.lists import saved
from rapport.shell.lists.state import State
from rapport.ui.jinja import cached_gettext as quick

SAVED = 4


def tabs(state: State) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(The tabs, where there are several; the saved views that have none)."""
    entity = state.entity
    found = []
    for view in entity.lists.values():
        if not entity.shows(view):
            continue
        board_of_all = view.shape == "board" and str(view.label) == str(entity.label_plural)
        label = quick("Board") if board_of_all else view.label
        url = f"/{entity.plural}?view={view.key}"
        here = view is state.view and not state.saved
        found.append({"label": label, "icon": view.icon, "url": url, "current": here})
    own = [
        {"label": each.name, "icon": each.icon, "url": each.url, "current": state.saved == each}
        for each in saved.kept_for(entity)
    ]
    own.sort(key=lambda each: not each["current"])  # where the reader is always has its tab
    listed = found + own[:SAVED]
    return (listed if len(listed) > 1 else []), own[SAVED:]
