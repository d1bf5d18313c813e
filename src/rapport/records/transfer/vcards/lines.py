"""The lines of a vCard file: cards told apart, folded lines put together, values decoded."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

LONGEST_CARD = 32_000_000
FEW = 16
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CARET = {"^n": "\n", "^'": '"', "^^": "^"}
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2}\s*")
# Versions 3 and 4 have no QUOTED-PRINTABLE, yet programs write it; what a bare word of version 2.1 means.
_ENCODINGS = {"quoted-printable": "qp", "base64": "base64", "b": "base64"}


@dataclass(slots=True)
class Property:
    """One line of a card: ``TEL;TYPE=work:+49 …``. ``value`` is text as it stands, escapes included."""

    name: str
    types: tuple[str, ...]
    params: dict[str, str]
    value: str
    group: str = ""

    @property
    def text(self) -> str:
        """The value with its escapes resolved."""
        return unescape(self.value).strip()

    def parts(self) -> list[str]:
        """A value of several components (a name, an address)."""
        return [unescape(each).strip() for each in split(self.value, ";")]


@dataclass(slots=True)
class Card:
    """One card: the line it begins on, its properties, and why it cannot be taken (None when it can)."""

    number: int
    properties: list[Property] = field(default_factory=list)
    problem: str | None = None

    def all(self, name: str) -> list[Property]:
        """Properties of this name with a value, the preferred first."""
        return sorted((each for each in self.properties if each.name == name and each.text), key=_rank)

    def first(self, name: str) -> str:
        """The text of the preferred property of this name; empty when there is none."""
        return next((each.text for each in self.all(name)), "")


def _rank(found: Property) -> int:
    given = found.params.get("pref", "")
    return int(given) if given.isdecimal() else 0 if "pref" in found.types else 50


def unescape(text: str) -> str:
    """``\\n`` and ``\\,`` as they are meant."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text) if "\\" in text else text


def split(text: str, sign: str) -> list[str]:
    """``text`` at every ``sign`` that is not escaped."""
    found, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] == sign:
            found.append(text[start:at])
            start = at + 1
        at += 1
    return [*found, text[start:]]


def cards(path: Path, encoding: str) -> Iterator[tuple[Card, int]]:
    """Every card of a file with the place in bytes after it. Nothing between cards is dropped without saying so."""
    with path.open("rb") as file:
        yield from _Reader(file, encoding).cards()


class _Reader:
    """Reads physical lines; a card within a card (AGENT) stays a part of the outer one and is left out."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self.file, self.encoding, self.line = file, encoding, 0

    def cards(self) -> Iterator[tuple[Card, int]]:
        stray: int | None = None
        for raw in self._physical():
            word = raw.strip().upper()
            if word == b"BEGIN:VCARD":
                if stray is not None:
                    yield Card(stray, problem="stands outside a card"), self.file.tell()
                    stray = None
                yield from self._card(self.line)
            elif word and stray is None:
                stray = self.line
        if stray is not None:
            yield Card(stray, problem="stands outside a card"), self.file.tell()

    def _physical(self) -> Iterator[bytes]:
        while raw := self.file.readline(LONGEST_CARD):
            self.line += 1
            yield raw.removeprefix(b"\xef\xbb\xbf") if self.line == 1 else raw

    def _card(self, number: int) -> Iterator[tuple[Card, int]]:
        held: list[bytes] = []
        depth = size = 0
        for raw in self._physical():
            word = raw.strip().upper()
            size += len(raw)
            if word == b"BEGIN:VCARD" and not (held and held[-1].upper().startswith(b"AGENT")):
                yield Card(number, problem="the card does not end before the next one begins"), self.file.tell()
                number, held, size = self.line, [], 0
                continue
            depth += word == b"BEGIN:VCARD"
            if word == b"END:VCARD":
                if depth == 0:
                    yield read(number, held, self.encoding), self.file.tell()
                    return
                depth -= 1
            elif depth == 0 and size <= LONGEST_CARD:
                held.append(raw)
        problem = "the card is larger than can be read" if size > LONGEST_CARD else "the card does not end"
        yield Card(number, problem=problem), self.file.tell()


def read(number: int, lines: list[bytes], encoding: str) -> Card:
    """The card that these lines make; its first bad line fails it."""
    card = Card(number)
    for raw in _unfolded(lines):
        try:
            found = _property(raw, encoding)
        except ValueError as error:
            card.problem = card.problem or str(error)
            continue
        card.properties.append(found)
    return card


def _unfolded(lines: list[bytes]) -> Iterator[bytes]:
    """Logical lines: folded ones joined, soft breaks of quoted-printable too, pictures whatever their indent."""
    held = b""
    for raw in lines:
        line = raw.rstrip(b"\r\n")
        head = held.partition(b":")[0].upper()
        if held and line[:1] in (b" ", b"\t"):
            held += line[1:]
        elif held.endswith(b"=") and b"QUOTED-PRINTABLE" in head:
            held = held[:-1] + line
        elif held and b":" not in line and _is_binary(head) and _BASE64_LINE.fullmatch(line):
            held += line
        elif line.strip():
            if held:
                yield held
            held = line
    if held:
        yield held


def _is_binary(head: bytes) -> bool:
    return any(sign in head for sign in (b"BASE64", b"ENCODING=B"))


def _property(raw: bytes, encoding: str) -> Property:
    head, value = _cut(raw)
    words = _plain(head, encoding)
    names, *given = _outside_quotes(words, ";")
    group, _dot, name = names.rpartition(".")
    params: dict[str, str] = {}
    types: list[str] = []
    for each in given:
        key, equals, said = each.partition("=")
        key = key.strip().lower()
        if not equals:  # version 2.1 writes the bare word
            key, said = ("encoding", key) if key in _ENCODINGS else ("type", key)
        for sign, meant in _CARET.items():
            said = said.replace(sign, meant)
        if key == "type":
            types += [word.strip().lower() for word in said.replace('"', "").split(",") if word.strip()]
        else:
            params[key] = said.strip('"')
    return Property(name.strip().upper(), tuple(types), params, _decoded(value, params, encoding), group.lower())


def _cut(raw: bytes) -> tuple[bytes, bytes]:
    """Head and value, at the first colon outside quotes."""
    quoted = False
    for at, code in enumerate(raw):
        if code == 0x22:
            quoted = not quoted
        elif code == 0x3A and not quoted:
            return raw[:at], raw[at + 1 :]
    head, colon, value = raw.partition(b":")
    if not colon or not head.strip():
        shown = raw[:40].decode("ascii", "replace")
        raise ValueError(f"“{shown}” is no line of a vCard")
    return head, value


def _outside_quotes(text: str, sign: str) -> list[str]:
    found, quoted = [""], False
    for letter in text:
        quoted ^= letter == '"'
        if letter == sign and not quoted:
            found.append("")
        else:
            found[-1] += letter
    return found


def _decoded(value: bytes, params: dict[str, str], encoding: str) -> str:
    how = _ENCODINGS.get(params.get("encoding", "").lower(), "")
    if how == "base64":
        return ""
    charset = params.get("charset") or encoding
    if how != "qp":
        return _plain(value, charset)
    text = _plain(binascii.a2b_qp(value), charset)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _plain(value: bytes, charset: str) -> str:
    try:
        text = value.decode(charset)
    except (LookupError, UnicodeDecodeError):
        text = value.decode("utf-8", "replace")
        if text.count("\ufffd") * FEW > len(text):  # not merely cut off within a letter
            text = value.decode("cp1252", "replace")
    return text.replace("\0", "")
