"""One way to compare text: ``fold()`` makes the key that is searched, filtered and sorted."""

import functools
import re
import unicodedata
from typing import Any

from django.db import models

_CYRILLIC = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e e zh z i i k l m n o p r s t u f h ts ch sh sch  y  e yu ya".split(" "),
        strict=True,
    )
)
# Kazakh, Uzbek, Tajik, Ukrainian and Belarusian letters as their Latin spelling writes them.
_MORE_CYRILLIC = dict(zip("әғқңөұүһіўҳїєґҷӯ", "a g k n o u u h i o h i e g j u".split(" "), strict=True))
_LATIN = {
    "ə": "a", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h",
    "ŧ": "t", "ŋ": "n", "ʻ": "", "ʼ": "", "‘": "", "’": "", "'": "", "`": "", "´": "", "“": "", "”": "", '"': "",
}  # fmt: skip
_TABLE = str.maketrans({**_CYRILLIC, **_MORE_CYRILLIC, **_LATIN})
_QUOTES = str.maketrans("", "", "'`\"")
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """``text`` without case, accents, apostrophes and script: Шолпан, Sholpan -> ``sholpan``."""
    if text.isascii():
        plain = text.lower().translate(_QUOTES)
    else:
        lower = text.casefold().translate(_TABLE)
        spread = unicodedata.normalize("NFKD", lower)
        plain = "".join(c for c in spread if not unicodedata.combining(c)).casefold().translate(_TABLE)
    return " ".join(plain.split())


def words(text: str) -> list[str]:
    """The folded words of ``text``, in order."""
    return _WORD.findall(fold(text))


@functools.lru_cache(maxsize=4096)
def fold_cached(text: str) -> str:
    """``fold`` for values that repeat (industries, cities)."""
    return fold(text)


def prefix_end(prefix: str) -> str:
    """The smallest text above every text that starts with ``prefix`` (bytewise order)."""
    return prefix + "\U0010ffff"


class FoldedField(models.TextField):
    """A stored ``fold()`` of the text field named by ``of``; compared bytewise on both engines; NULL when empty."""

    def __init__(self, of: str, **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault("null", True)
        kwargs.setdefault("editable", False)
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def db_parameters(self, connection: Any) -> Any:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        key = fold(getattr(model_instance, self.of) or "") or None
        setattr(model_instance, self.attname, key)
        return key
