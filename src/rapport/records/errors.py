"""What a write or a read can answer besides success. The doors turn these into their own words."""

from collections.abc import Mapping
from typing import Any


class Problem(Exception):
    """Base: ``status`` is the HTTP status, ``code`` a stable word for programs."""

    status = 400
    code = "bad_request"

    def __init__(self, detail: str, *, errors: list[dict[str, str]] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.detail = str(detail)
        self.errors = errors or []
        self.more: Mapping[str, Any] = more


class BadQuery(Problem):
    """A filter, sort, cursor or field list that cannot be understood."""


class NotFound(Problem):
    """No such record, or none within this actor's scope."""

    status, code = 404, "not_found"


class Unseen(NotFound):
    """No such record for this reader; the detail names it to programs, people are told in words of their own."""


class Forbidden(Problem):
    """Known, but not allowed."""

    status, code = 403, "forbidden"


class Conflict(Problem):
    """Two things want the same place (a unique value, two matches)."""

    status, code = 409, "conflict"


class Stale(Problem):
    """The record changed since it was read; ``more`` tells what."""

    status, code = 412, "stale"


class Invalid(Problem):
    """Values that cannot be stored: one entry per field."""

    status, code = 422, "invalid"

    @classmethod
    def at(cls, field: str, message: str, code: str = "invalid") -> "Invalid":
        """A problem of one field."""
        return cls(message, errors=[{"field": field, "code": code, "message": str(message)}])


class Refused(Problem):
    """The domain says no, with the reason; ``field`` says where, when it concerns one."""

    status, code = 422, "refused"

    def __init__(self, detail: Any, *, field: str | None = None, **more: Any) -> None:
        errors = [{"field": field, "code": "refused", "message": str(detail)}] if field else None
        super().__init__(str(detail), errors=errors, **more)


class Bad(ValueError):
    """A value its kind cannot take; carries the message for the field."""

    def __init__(self, message: Any, code: str = "invalid") -> None:
        super().__init__(str(message))
        self.code = code
