"""How the lines of a card are spelt in each version: parameters, escapes, charset, folding."""

from collections.abc import Mapping, Sequence
from typing import Any

VERSIONS = ("4.0", "3.0", "2.1")
LONGEST_LINE = 75
# What quoted-printable may hold as it stands, less what begins or ends a line of a card.
_LITERAL = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,;+-/@()_?\\")


class Speller:
    """A card in the making."""

    def __init__(self, version: str) -> None:
        self.version = version
        self._lines = ["BEGIN:VCARD", f"VERSION:{version}"]
        self._groups = 0

    def add(
        self, name: str, value: Any, types: Sequence[str] = (), *, first: bool = False, label: str = "",
        listed: bool = False, plain: bool = False, more: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """One line, if there is something to say. A list is made of components, or of equal things (``listed``).

        ``first``: it is preferred to others of its name. ``label``: what the line is called in the address book.
        ``plain``: a value that knows no escapes.
        """
        if isinstance(value, list):
            text = ("," if listed else ";").join(self._safe(each, listed=listed) for each in value)
            empty = not any(value) and name != "N"
        else:
            text, empty = str(value or "") if plain else self._safe(value), not value
        if empty:
            return
        group = ""
        if label:
            self._groups += 1
            group = f"item{self._groups}."
        head = (
            f"{group}{name}{self._types(types, first)}{''.join(f';{key}={each}' for key, each in (more or {}).items())}"
        )
        self._put(head, text)
        if label:
            self._put(f"{group}X-ABLabel", self._safe(label))

    def text(self) -> str:
        """The card as it is written."""
        return "\r\n".join([*self._lines, "END:VCARD", ""])

    def _types(self, types: Sequence[str], first: bool) -> str:
        if self.version == "4.0":
            return (f";TYPE={','.join(types)}" if types else "") + (";PREF=1" if first else "")
        words = [*types, *(["pref"] if first else [])]
        if self.version == "2.1":
            return "".join(f";{word.upper()}" for word in words)
        return f";TYPE={','.join(words)}" if words else ""

    def _safe(self, value: Any, *, listed: bool = False) -> str:
        text = str(value or "").replace("\r\n", "\n").replace("\r", "\n")
        text = text.replace("\\", "\\\\").replace(";", "\\;")
        if listed or self.version != "2.1":
            text = text.replace(",", "\\,")
        return text if self.version == "2.1" else text.replace("\n", "\\n")

    def _put(self, head: str, text: str) -> None:
        line = f"{head}:{text}"
        if self.version != "2.1":
            self._lines.append(_folded(line))
        elif line.isascii() and "\n" not in line and len(line) <= LONGEST_LINE:
            self._lines.append(line)
        else:
            self._lines.append(f"{head};CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=\r\n{_quoted(text)}")


def _quoted(text: str) -> str:
    """Quoted-printable whose every line is a part of a value: nothing in it can end a card or look folded."""
    parts, held = [], ""
    for code in text.replace("\n", "\r\n").encode():
        sign = chr(code) if code in _LITERAL else f"={code:02X}"
        if len(held) + len(sign) >= LONGEST_LINE:
            parts.append(held)
            held = ""
        held += sign
    return "=\r\n".join([*parts, held])


def _folded(line: str) -> str:
    """At most 75 bytes a line; no letter is torn."""
    if len(line.encode()) <= LONGEST_LINE:
        return line
    parts, held, room = [], "", LONGEST_LINE
    size = 0
    for letter in line:
        more = len(letter.encode())
        if size + more > room:
            parts.append(held)
            held, size, room = "", 0, LONGEST_LINE - 1
        held += letter
        size += more
    return "\r\n ".join([*parts, held])
