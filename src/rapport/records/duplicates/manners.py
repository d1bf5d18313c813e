"""The manners in which two values are compared, and how likely each outcome is between two records of one thing.

The likelihoods are what is known of typed data at large: about one name in ten is misspelt, people move and change
telephones, codes are copied rather than typed. They were set by hand, from no set of examples.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rapidfuzz.distance import OSA, JaroWinkler

from rapport.platform.text import fold

SAME, NEAR, PART, DIFFERENT = range(4)
LEVELS = ("same", "near", "part", "different")
_DIGIT, _LETTERS = re.compile(r"\d+"), re.compile(r"\D+")
_SITE = re.compile(r"^(?:https?://)?(?:www\.)?([^/?#]*)")
_WORD = re.compile(r"[^\W_]+")
# Legal forms of the countries that Rapport knows, folded: they tell nothing of who a firm is.
LEGAL = frozenset(
    """gmbh ag kg ohg gbr ug mbh se ev ltd limited llc llp plc inc incorporated corp corporation co company pty pte
    sa sas sarl srl spa snc sl slu sau bv nv vof cv oy oyj ab as asa aps is a/s kft zrt nyrt sro doo dd ad eood ood sp
    zoo ooo oao ao zao pao ip too chp tov uab sia ou kk gk the""".split()
)


@dataclass(frozen=True, slots=True)
class Manner:
    """``level``: how alike two cleaned values are; ``often``: how often records of one thing are that much alike;
    ``handles``: words that two spellings of the same value are likely to share (None: the value itself);
    ``repeats``: its values recur, so that it pays to remember what became of them."""

    clean: Callable[[str], str]
    level: Callable[[str, str], int]
    often: tuple[float, float, float, float]
    handles: Callable[[str], tuple[str, ...]] | None = None
    repeats: bool = False


def _name_level(one: str, other: str) -> int:
    if one == other:
        return SAME
    shorter = min(len(one), len(other))
    if shorter == 1:
        return PART if one[0] == other[0] else DIFFERENT
    apart = OSA.distance(one, other, score_cutoff=2)
    if apart == 1 or (apart == 2 and shorter >= 6):
        return NEAR
    if apart == 2 and shorter >= 4:
        return PART
    if shorter >= 3 and (one.startswith(other) or other.startswith(one)):
        return PART
    return PART if JaroWinkler.similarity(one, other, score_cutoff=0.88) else DIFFERENT


def _text_level(one: str, other: str) -> int:
    if one == other:
        return SAME
    shorter = min(len(one), len(other))
    near, far = max(1, shorter // 5), shorter // 3 if shorter > 5 else 1
    apart = OSA.distance(one, other, score_cutoff=far)
    if apart <= near:
        return NEAR
    if apart <= far:
        return PART
    words, others = set(one.split()), set(other.split())
    if len(words) > 1 < len(others) and 2 * len(words & others) >= max(len(words), len(others)):
        return PART
    return DIFFERENT


def _title_level(one: str, other: str) -> int:
    level = _text_level(one, other)
    if level in (SAME, NEAR):
        return SAME if one.replace(" ", "") == other.replace(" ", "") else level
    words, others = set(one.split()), set(other.split())
    if words == others:
        return NEAR
    return PART if words <= others or others <= words else level


def _code_level(one: str, other: str) -> int:
    if one == other:
        return SAME
    shorter = min(len(one), len(other))
    apart = OSA.distance(one, other, score_cutoff=2)
    if apart == 1 and shorter >= 4:
        return NEAR
    return PART if apart == 2 and shorter >= 6 else DIFFERENT


def _email_level(one: str, other: str) -> int:
    if one == other:
        return SAME
    local, _at, domain = one.partition("@")
    local_too, _at, domain_too = other.partition("@")
    apart = OSA.distance(local, local_too, score_cutoff=2)
    if apart > 2 or (apart and domain != domain_too and OSA.distance(one, other, score_cutoff=2) > 2):
        return DIFFERENT
    if _LETTERS.sub("", one) != _LETTERS.sub("", other) and _DIGIT.sub("", one) == _DIGIT.sub("", other):
        return DIFFERENT  # john.smith1 and john.smith2 were given out one after the other
    if apart == 0:
        near = len(local) > 3 and OSA.distance(domain, domain_too, score_cutoff=2) <= 2
        return NEAR if near else PART if len(local) > 6 else DIFFERENT
    return NEAR


def _same_level(one: str, other: str) -> int:
    return SAME if one == other else DIFFERENT


def sound(word: str) -> str:
    """A word by its first letter and its consonants: spellings of a name mostly share it."""
    kept = word[:1]
    for letter in word[1:]:
        if letter not in "aeiouyhw'- " and letter != kept[-1]:
            kept += letter
    return kept[:4]


def _words(text: str) -> tuple[str, ...]:
    """The longest words of a text by their beginnings, at most two."""
    found = sorted((word for word in text.split() if not word.isdigit()), key=len, reverse=True)
    return tuple(dict.fromkeys(f"t{word[:6]}" for word in found[:2] if len(word) > 2))


def _title_words(text: str) -> tuple[str, ...]:
    found = sorted(text.split(), key=len, reverse=True)
    return (f"w{text.replace(' ', '')}", *(f"w{word[:6]}" for word in found[:3]))


def _email_handles(text: str) -> tuple[str, ...]:
    local, _at, _domain = text.partition("@")
    return (f"l{local}",) if len(local) > 7 else (f"m{text}", f"l{local}")  # info@ is nobody's


def plain(text: str) -> str:
    """Folded, the words parted by single blanks, punctuation gone."""
    return " ".join(_WORD.findall(fold(text)))


def _firm(text: str) -> str:
    words = plain(text.replace(".", "")).split()
    return " ".join(word for word in words if word not in LEGAL) or " ".join(words)


def _code(text: str) -> str:
    return text if text.isdecimal() and text.isascii() else plain(text).replace(" ", "")


def _digits(text: str) -> str:
    return _LETTERS.sub("", text)


def _phone(text: str) -> str:
    return _LETTERS.sub("", text.partition(";")[0])[-9:]


def _site(text: str) -> str:
    found = _SITE.match(text.lower())
    return found[1] if found else ""


MANNERS: Mapping[str, Manner] = {
    "name": Manner(plain, _name_level, (0.70, 0.15, 0.08, 0.07), lambda text: (f"n{sound(text)}",), repeats=True),
    "title": Manner(_firm, _title_level, (0.62, 0.18, 0.13, 0.07), _title_words, repeats=True),
    "text": Manner(plain, _text_level, (0.60, 0.15, 0.08, 0.17), _words, repeats=True),
    "word": Manner(plain, _same_level, (0.85, 0.0, 0.0, 0.15), lambda text: (), repeats=True),
    "code": Manner(_code, _code_level, (0.75, 0.12, 0.03, 0.10)),
    "day": Manner(_digits, _code_level, (0.80, 0.12, 0.03, 0.05)),
    "email": Manner(str.lower, _email_level, (0.65, 0.12, 0.05, 0.18), _email_handles),
    "phone": Manner(_phone, _code_level, (0.65, 0.10, 0.02, 0.23)),
    "site": Manner(_site, _same_level, (0.80, 0.0, 0.0, 0.20)),
    "same": Manner(str, _same_level, (0.80, 0.0, 0.0, 0.20)),
    "datum": Manner(plain, _text_level, (0.60, 0.10, 0.05, 0.25)),
}
