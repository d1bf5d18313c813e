import re
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from rapport.records.errors import Bad
from rapport.records.kinds.base import Kind, Place, blank

PARTED = re.compile(r"[,;|]")
MOST = 50


class TagsKind(Kind):
    """Tags of a record: a list of names (or ids) on the wire; shared ones are stored as sorted ids between blanks.

    Names belong to a reader and are found in ``tagging``, where the conditions are made, too.
    """

    name = "tags"
    ops: ClassVar[tuple[str, ...]] = ("in", "not_in", "is_empty")
    longest = MOST * 62

    def parse(self, value: Any, place: Place) -> list[str] | None:
        """The names as given, each once; None when there are none."""
        if isinstance(value, str):
            value = PARTED.split(value)
        if blank(value):
            return None
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
            raise Bad(_("Give a list of tags."), "type")
        names = list(dict.fromkeys(" ".join(each.split()) for each in value if each.strip()))
        if len(names) > MOST:
            raise Bad(_("Give at most %(most)s tags.") % {"most": MOST})
        return names or None

    def wire(self, value: Any, place: Place) -> Any:
        return (value or "").split()
