"""What people read when something is refused."""

from django.utils.translation import gettext as _

from rapport.records.errors import Problem, Unseen


def in_words(problem: Problem) -> str:
    """A problem as people read it: that a record is not there names its id to programs only."""
    return _("It is no longer there, or not yours to see.") if isinstance(problem, Unseen) else problem.detail
