"""The CSV-injection guard: a cell that a spreadsheet would run gets a leading apostrophe, taken off again on import."""

import re

RISKY = "'=+-@\t\r\n"  # what a cell that is changed begins with
_RISKY = re.compile(r"'*[=+\-@\t\r\n]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*%?")
_PHONE = re.compile(r"\+\d[\d ()./-]*(;ext=\d+)?")


def guard(text: str) -> str:
    """``text`` as a cell that no spreadsheet runs; plain numbers and phone numbers stay as they are."""
    if not _RISKY.match(text) or _NUMBER.fullmatch(text) or _PHONE.fullmatch(text):
        return text
    return "'" + text


def unguard(text: str) -> str:
    """A cell without the apostrophe that ``guard`` wrote."""
    return text[1:] if text[:1] == "'" and _GUARDED.match(text) else text
