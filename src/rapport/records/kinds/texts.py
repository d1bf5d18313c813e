import functools
import re
import string
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar
from urllib.parse import urlsplit

import email_validator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from rapport.platform import money
from rapport.platform.text import fold, prefix_end
from rapport.records.errors import Bad
from rapport.records.kinds.base import Kind, Place, Sql, blank
from rapport.records.kinds.numbers import NumberKind

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES = re.compile(r"\s+")
_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
LONGEST = 200_000


def escape_like(text: str) -> str:
    """``text`` for LIKE … ESCAPE '!'."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


class TextKind(Kind):
    """One line of text. With ``folded`` it is compared on the stored ``fold()`` key."""

    name = "text"
    ops: ClassVar[tuple[str, ...]] = ("eq", "ne", "in", "not_in", "contains", "not_contains", "starts_with", "is_empty")

    def __init__(self, longest: int = 300, folded: bool = False) -> None:
        self.longest = longest
        self.folded = folded

    def parse(self, value: Any, place: Place) -> str | None:
        if blank(value):
            return None
        if isinstance(value, bool | list | dict):
            raise Bad(_("Give a text."), "type")
        text = self.clean(str(value))
        if len(text) > self.longest:
            raise Bad(
                _("At most %(n)s characters; this has %(len)s.") % {"n": self.longest, "len": len(text)},
                "too_long",
            )
        return text

    def clean(self, text: str) -> str:
        """One line: no control characters, single spaces."""
        if text.isalnum():
            return text
        return _SPACES.sub(" ", _CONTROL.sub("", text)).strip()

    def operand(self, value: Any, place: Place) -> Any:
        if blank(value):
            return None
        return fold(str(value)) if self.folded else str(value).strip()

    def where(self, column: str, op: str, value: Any, place: Place) -> Sql:
        if op in ("contains", "not_contains", "starts_with"):
            operand = self.operand(value, place)
            if operand is None:
                raise Bad(_("Give some text to look for."))
            column, operand = self._alike(column, op, operand, place)
            if op == "starts_with":
                return f"({column} >= %s AND {column} < %s)", [operand, prefix_end(operand)]
            found = f"{column} LIKE %s ESCAPE '!'"
            places = [f"%{escape_like(operand)}%"]
            return (found, places) if op == "contains" else (f"({column} IS NULL OR NOT {found})", places)
        return super().where(column, op, value, place)

    def _alike(self, column: str, op: str, operand: str, place: Place) -> tuple[str, str]:
        """Text without a key is compared bytewise, and LIKE ignores the case of ASCII: so on both engines."""
        if self.folded or place.sqlite:
            return column, operand
        column = f'{column} COLLATE "C"'
        return (column, operand) if op == "starts_with" else (f"lower({column})", operand.translate(_ASCII_LOWER))


class LongTextKind(TextKind):
    """Text of several lines."""

    name = "long_text"
    slot = ""
    ops: ClassVar[tuple[str, ...]] = ("contains", "not_contains", "is_empty")

    def __init__(self, longest: int = LONGEST) -> None:
        super().__init__(longest)

    def clean(self, text: str) -> str:
        return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


@functools.lru_cache(maxsize=20_000)
def _checked_domain(domain: str) -> str:
    checked = email_validator.validate_email(f"a@{domain}", check_deliverability=False, test_environment=True)
    return checked.domain.lower()


_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9!#$&'*+/=?^_{|}~%-]+(\.[A-Za-z0-9!#$&'*+/=?^_{|}~%-]+)*")


class EmailKind(TextKind):
    """An e-mail address, checked for form, in lower case."""

    name = "email"

    def __init__(self) -> None:
        super().__init__(254)

    def clean(self, text: str) -> str:
        text = text.strip().strip("<>").removeprefix("mailto:")
        local, at, domain = text.rpartition("@")
        try:
            if at and len(local) <= 64 and _PLAIN_LOCAL.fullmatch(local):
                return f"{local.lower()}@{_checked_domain(domain)}"
            checked = email_validator.validate_email(text, check_deliverability=False, test_environment=True)
        except email_validator.EmailNotValidError as error:
            raise Bad(_("“%(value)s” is not an e-mail address.") % {"value": text[:100]}) from error
        return checked.normalized.lower()

    def operand(self, value: Any, place: Place) -> Any:
        return None if blank(value) else str(value).strip().lower()


class UrlKind(TextKind):
    """A web address; http(s) only, scheme added when missing."""

    name = "url"

    def __init__(self) -> None:
        super().__init__(2000)

    def clean(self, text: str) -> str:
        text = text.strip()
        if "://" not in text:
            text = "https://" + text
        try:
            parts = urlsplit(text)
        except ValueError as error:
            raise Bad(_("“%(value)s” is not a web address.") % {"value": text[:100]}) from error
        if parts.scheme.lower() not in ("http", "https") or "." not in (parts.hostname or "") or " " in text:
            raise Bad(_("“%(value)s” is not a web address.") % {"value": text[:100]})
        return text


class ChoiceKind(Kind):
    """One of a list: (value, label) pairs. ``ranked``: sorted as the list is, the first the least."""

    name = "choice"
    _before: Mapping[str, str] = MappingProxyType({})

    def __init__(self, choices: tuple[tuple[str, Any], ...], ranked: bool = False) -> None:
        self.choices, self.ranked = choices, ranked
        self._by_word = {fold(str(v)): v for v, _label in choices}
        self._labels: dict[str | None, dict[str | None, str]] = {}

    def relabel(self, choices: tuple[tuple[str, Any], ...], before: Mapping[str, str]) -> None:
        """Show the values under other words; ``before``: values by the folded words they had, which still mean them."""
        self.choices, self._labels, self._before = choices, {}, before

    def parse(self, value: Any, place: Place) -> str | None:
        if blank(value):
            return None
        word = fold(str(value))
        known = self._by_word.get(word)
        if known is None:
            known = next((v for v, label in self.choices if fold(str(label)) == word), self._before.get(word))
        if known is None:
            names = ", ".join(v for v, _label in self.choices)
            raise Bad(_("“%(value)s” is none of: %(names)s.") % {"value": str(value)[:60], "names": names}, "choice")
        return known

    def sorting(self, column: str) -> tuple[str, Kind]:
        if not self.ranked:
            return column, self
        ranks = " ".join(f"WHEN '{value}' THEN {rank}" for rank, (value, _label) in enumerate(self.choices))
        return f"CASE {column} {ranks} END", NumberKind()

    def label(self, value: str | None) -> str:
        """The words for a value."""
        language = get_language()
        known = self._labels.get(language)
        if known is None:
            known = self._labels[language] = {v: str(label) for v, label in self.choices}
        return known.get(value) or value or ""

    def text(self, value: Any, place: Place) -> str:
        return self.label(value)


class CountryKind(TextKind):
    """An ISO 3166 code of two letters where it is one, else the name as given."""

    name = "country"

    def clean(self, text: str) -> str:
        text = super().clean(text)
        return text.upper() if len(text) == 2 and text.isalpha() else text

    def operand(self, value: Any, place: Place) -> Any:
        return None if blank(value) else self.clean(str(value))


class CurrencyKind(TextKind):
    """An ISO 4217 code."""

    name = "currency"

    def clean(self, text: str) -> str:
        code = text.strip().upper()
        if code not in money.CURRENCIES:
            raise Bad(_("“%(value)s” is not a currency code (ISO 4217).") % {"value": text[:20]}, "choice")
        return code

    def operand(self, value: Any, place: Place) -> Any:
        return None if blank(value) else str(value).strip().upper()


class MultiChoiceKind(ChoiceKind):
    """Several of a list; stored as words between blanks (`` customer supplier ``), on the wire a list.

    ``gap``: what stands between them where the words may hold blanks themselves.
    """

    name = "multi_choice"
    ops: ClassVar[tuple[str, ...]] = ("has", "has_not", "has_any", "is_empty")

    def __init__(self, choices: tuple[tuple[str, Any], ...], gap: str = " ") -> None:
        super().__init__(choices)
        self.gap = gap

    def parse(self, value: Any, place: Place) -> str | None:
        if isinstance(value, str):
            value = [each for each in re.split(r"[,;|]", value) if each.strip()]
        if blank(value) or not value:
            return None
        if not isinstance(value, list | tuple):
            raise Bad(_("Give a list."), "type")
        known = [str(super(MultiChoiceKind, self).parse(each, place)) for each in value]
        return f"{self.gap}{self.gap.join(dict.fromkeys(known))}{self.gap}"

    def wire(self, value: Any, place: Place) -> Any:
        return [each for each in (value or "").split(self.gap) if each]

    def text(self, value: Any, place: Place) -> str:
        return ", ".join(self.label(each) for each in self.wire(value, place))

    def json_sql(self, column: str, place: Place) -> str:
        listed = f"replace(trim({column}), ' ', '\",\"')"
        cast = "json({0})" if place.sqlite else "({0})::json"
        return cast.format(f"CASE WHEN {column} IS NULL THEN '[]' ELSE '[\"' || {listed} || '\"]' END")

    def where(self, column: str, op: str, value: Any, place: Place) -> Sql:
        if op == "is_empty":
            return super().where(column, op, value, place)
        wanted = [str(ChoiceKind.parse(self, v, place)) for v in (value if isinstance(value, list) else [value])]
        if not wanted:
            raise Bad(_("Give at least one value."))
        places = [f"%{self.gap}{escape_like(each)}{self.gap}%" for each in wanted]
        like = [f"{column} LIKE %s ESCAPE '!'"] * len(wanted)
        if op == "has_any":
            return f"({' OR '.join(like)})", places
        found = " AND ".join(like)
        return (f"({found})", places) if op == "has" else (f"({column} IS NULL OR NOT ({found}))", places)
