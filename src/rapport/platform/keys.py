"""Record keys: UUIDv7 in 16 bytes; in Python, JSON and URLs always 32 lower-case hex digits."""

import re
import uuid
from typing import Any

import uuid_utils
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

_PLAIN = re.compile(r"[0-9a-f]{32}")


def new_key() -> str:
    """A new UUIDv7, ordered by time, as 32 hex digits."""
    return str(uuid_utils.uuid7().hex)


def key_at(moment_ms: int, serial: int) -> str:
    """A UUIDv7 for a given millisecond and a serial number below 2**74 (made-up data, back-dated rows)."""
    value = (moment_ms & ((1 << 48) - 1)) << 80 | 0x7 << 76
    value |= ((serial >> 62) & 0xFFF) << 64 | 0b10 << 62 | serial & ((1 << 62) - 1)
    return f"{value:032x}"


def parse_key(text: object) -> str | None:
    """``text`` as a key, dashes allowed; None when it is none."""
    if isinstance(text, str):
        if _PLAIN.fullmatch(text):
            return text
        plain = text.replace("-", "").lower()
        return plain if _PLAIN.fullmatch(plain) else None
    if isinstance(text, uuid.UUID):
        return text.hex
    if isinstance(text, bytes | memoryview):
        return bytes(text).hex()
    return None


class KeyField(models.Field):
    """BLOB(16) on SQLite, uuid on PostgreSQL, hex text in Python."""

    description = _("Record key")
    empty_strings_allowed = False

    def db_type(self, connection: Any) -> str:
        return "uuid" if connection.vendor == "postgresql" else "blob"

    def rel_db_type(self, connection: Any) -> str:
        return self.db_type(connection)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else parse_key(value)

    def to_python(self, value: Any) -> str | None:
        if value is None:
            return None
        plain = parse_key(value)
        if plain is None:
            raise ValidationError(_("“%(value)s” is not an id."), code="invalid", params={"value": value})
        return plain

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        plain = self.to_python(value)
        if plain is None or connection.vendor == "postgresql":
            return plain
        return bytes.fromhex(plain)

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj) or "")
