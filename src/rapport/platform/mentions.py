"""Mentions in a text: ``@[Nora Lind](user:0192…)``. The id stays when somebody is renamed; the name is for readers.

The whole mention is in the text itself, so it survives editing, export, import and the API.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(r"@\[([^\[\]\n]{1,200})\]\((user|team):([0-9a-f]{32})\)")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text: plain, or (with ``kind`` user or team) the name of somebody mentioned."""

    text: str
    kind: str = ""
    id: str = ""


def token(kind: str, key: str, name: str) -> str:
    """A mention as a text holds it."""
    return f"@[{name.replace('[', '(').replace(']', ')')}]({kind}:{key})"


def mentioned(text: str | None) -> list[tuple[str, str]]:
    """(user or team, id) of everybody a text mentions, each once."""
    if not text or "@[" not in text:
        return []
    return list(dict.fromkeys((kind, key) for _name, kind, key in TOKEN.findall(text)))


def plain(text: str | None) -> str:
    """The text as people read it: ``@Nora Lind``."""
    if not text or "@[" not in text:
        return text or ""
    return TOKEN.sub(lambda found: f"@{found[1]}", text)


def parts(text: str | None) -> Iterator[Part]:
    """The text in stretches, so that a page can show a mention as one."""
    at = 0
    for found in TOKEN.finditer(text or ""):
        if found.start() > at:
            yield Part(str(text)[at : found.start()])
        yield Part(found[1], found[2], found[3])
        at = found.end()
    if text and at < len(text):
        yield Part(text[at:])


def spell(text: str, names: dict[str, tuple[str, str]]) -> str:
    """``@Nora Lind`` in a typed text becomes a mention; ``names``: name -> (kind, id) of those who were chosen."""
    for name in sorted(names, key=len, reverse=True):
        kind, key = names[name]
        text = re.sub(rf"@{re.escape(name)}(?!\w)", lambda _found: token(kind, key, name), text)  # noqa: B023
    return text
