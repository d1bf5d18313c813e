"""Phone numbers: how they are read, stored and shown, and whether their country has such numbers at all."""

import functools
import re
from typing import Any

import phonenumbers
from django.utils.translation import gettext as _

from rapport.records.errors import Bad
from rapport.records.kinds.base import Place, blank
from rapport.records.kinds.texts import TextKind


class PhoneKind(TextKind):
    """A phone number in E.164 (+4937235188); one without country code is read in the organisation's country."""

    name = "phone"

    def __init__(self) -> None:
        super().__init__(64)

    def parse(self, value: Any, place: Place) -> str | None:
        if blank(value):
            return None
        return normal_phone(str(value).strip(), place.country)

    def operand(self, value: Any, place: Place) -> Any:
        if blank(value):
            return None
        text = re.sub(r"[^\d+]", "", str(value))
        return text or str(value)

    def text(self, value: Any, place: Place) -> str:
        return spaced_phone(value) if value else ""


_INTERNATIONAL = re.compile(r"\+[1-9][\d ().-]{6,24}")


def _plain_international(text: str) -> str | None:
    """E.164 of a number written with its country code and nothing to strip; None: let the library look (30x slower)."""
    if not _INTERNATIONAL.fullmatch(text):
        return None
    digits = re.sub(r"\D", "", text)
    code = next((digits[:n] for n in (1, 2, 3) if int(digits[:n]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE), "")
    lengths, prefix = _numbering(int(code)) if code else ((), None)
    own = digits[len(code) :]
    if len(own) not in lengths or (prefix is not None and prefix.match(own)):
        return None
    return f"+{digits}"


@functools.cache
def _numbering(code: int) -> tuple[tuple[int, ...], re.Pattern[str] | None]:
    """(Possible lengths of a country's numbers, what may stand before them at home)."""
    region = phonenumbers.region_code_for_country_code(code)
    known = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    if known is None or known.general_desc is None:
        return (), None
    prefix = known.national_prefix_for_parsing
    return tuple(known.general_desc.possible_length), re.compile(prefix) if prefix else None


@functools.lru_cache(maxsize=50_000)
def normal_phone(text: str, country: str) -> str:
    """E.164 of a phone number as people write it, an extension kept as ``;ext=12``; raises Bad."""
    quick = _plain_international(text)
    if quick:
        return quick
    region = country.upper() or None
    digits = re.sub(r"\D", "", text)
    if region is None and text[:1] != "+" and len(digits) == 10 and digits[0] != "0":
        region = "US"
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise Bad(
            _("“%(value)s” is not a phone number; write it with its country code, +44 …") % {"value": text[:60]}
        ) from error
    if not phonenumbers.is_possible_number(number):
        raise Bad(_("“%(value)s” has too few or too many digits for a phone number.") % {"value": text[:60]})
    plain = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return f"{plain};ext={number.extension}" if number.extension else plain


# All the sorts of numbers that a country's plan knows; outside them nobody can be reached.
_SORTS = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan",
    "voicemail",
)  # fmt: skip


def is_assigned(number: str) -> bool:
    """Whether a stored number can be somebody's by the numbering plan of its country, as libphonenumber knows it."""
    digits = number[1:].partition(";")[0]
    code = next((n for n in (1, 2, 3) if int(digits[:n]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE), 0)
    known = _plan(int(digits[:code])) if code else None
    return known is None or known.fullmatch(digits[code:]) is not None


@functools.cache
def _plan(code: int) -> re.Pattern[str] | None:
    """What the numbers of all countries with this code look like, behind the code."""
    found = []
    for region in phonenumbers.region_codes_for_country_code(code):
        known = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, region)
        sorts = [getattr(known, sort, None) for sort in _SORTS]
        found += [sort.national_number_pattern for sort in sorts if sort and sort.national_number_pattern]
    return re.compile("|".join(f"(?:{each})" for each in dict.fromkeys(found))) if found else None


def international(text: str, country: str) -> str:
    """The digits of a number, perhaps only its beginning, with its country code: ``(030) 12`` in Germany is ``493012``.

    Empty where it is written so already.
    """
    plain = text.replace("(0)", "").strip()
    digits = re.sub(r"\D", "", plain)
    if plain.startswith("+"):
        return digits
    if digits.startswith("00"):
        return digits[2:]
    code = phonenumbers.country_code_for_region(country.upper())
    return f"{code}{digits.removeprefix('0')}" if code else ""


@functools.lru_cache(maxsize=20_000)
def spaced_phone(number: str) -> str:
    """A stored number as people read it: ``+49 372 035188``."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))
