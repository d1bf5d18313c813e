"""What a file or a map can be refused for, as a whole."""

import difflib
from collections.abc import Iterable

from rapport.records.errors import Problem


class Unusable(Problem):
    """A file, a map or an option that cannot be worked with; the message says what to do."""

    status, code = 422, "unusable"


def nearest(name: str, names: Iterable[str]) -> str:
    """`` Did you mean “…”?`` for a name nearly met, else nothing."""
    known = {each.lower(): each for each in names}
    close = difflib.get_close_matches(name.lower(), known, n=1)
    return f" Did you mean “{known[close[0]]}”?" if close else ""
