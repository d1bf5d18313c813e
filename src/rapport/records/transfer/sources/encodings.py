"""Which encoding a text file has: proven for Unicode, judged by its letters for the older ones."""

import codecs
import itertools
from pathlib import Path

from charset_normalizer import from_bytes

from rapport.records.transfer.problems import Unusable
from rapport.records.transfer.sources import east_asian

CHUNK = 1 << 20
TELLING, BEGINNING = 200_000, 100_000
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_ENDS_LE, _ENDS_BE = ((10, 0), (13, 0)), ((0, 10), (0, 13))
_WEST = "äöüßÄÖÜéèàâêëçîïôûùœáíóúñÑãõåæøÅÆØÉÈÀÁÇÍÓÚ–—“”„‘’…€°«»§"
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўәғқңөұүһ"
# In order of preference where the letters fit equally well.
_LETTERS = {
    "cp1252": _WEST,
    "cp1250": "ąćęłńśźżĄĆĘŁŃŚŹŻěščřžýáíéúůťďňĚŠČŘŽÝÁÍÉÚŮŤĎŇőűóöüŐŰÓÖÜäßÄôľĺăâîşţ–„”“’…€",
    "cp1254": "ğışçöüĞİŞÇÖÜâîû–“”’…€",
    "cp1251": _CYRILLIC + _CYRILLIC.upper() + "№«»–—“”„’…",
    "koi8_r": _CYRILLIC + _CYRILLIC.upper(),
    "cp866": _CYRILLIC + _CYRILLIC.upper() + "№",
    "cp1253": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏ–“”’…€",
    "cp1255": "אבגדהוזחטיךכלםמןנסעףפץצקרשת",
    "cp1256": "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءآأؤإئ",
    "cp850": _WEST,
    "mac_roman": _WEST,
}


def encoding_of(path: Path, given: str | None = None) -> str:
    """The encoding's name for ``open``; raises Unusable for binary files and unknown names."""
    with path.open("rb") as raw:
        head = raw.read(CHUNK)
    if given:
        try:
            return codecs.lookup(given).name
        except LookupError as error:
            raise Unusable(f"There is no encoding “{given}”. Try utf-8, utf-16, cp1252 or cp1251.") from error
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None) or _wide(path, head)
    if marked and marked.startswith(("utf-16", "utf-32")):
        if _fits(path, marked):
            return marked
        raise Unusable(f"{path} begins as {marked} text but does not go on so. Save it as CSV (UTF-8).")
    _refuse_binary(path, head)
    if marked or _fits(path, "utf-8"):
        return marked or "utf-8"
    return _older(path, _telling_lines(path))


def _wide(path: Path, head: bytes) -> str | None:
    """UTF-16 without its mark shows as zero bytes at every second place; in scripts other than ours, as ends of lines
    with one beside them."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(1, len(head) // 2)
    if odd > half * 0.4 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.4 and odd < half * 0.05:
        return "utf-16-be"
    head = head[:BEGINNING]
    pairs = list(zip(head[0::2], head[1::2], strict=False))
    ends = {"utf-16-le": sum(pair in _ENDS_LE for pair in pairs), "utf-16-be": sum(pair in _ENDS_BE for pair in pairs)}
    best = max(ends, key=lambda name: ends[name])
    stray = head[0::2].count(0) if best == "utf-16-le" else head[1::2].count(0)  # U+C900 has a zero, too
    if ends[best] >= max(2, stray) and ends[best] >= 0.5 * (head.count(10) + head.count(13)) and _fits(path, best):
        return best
    return None


def _refuse_binary(path: Path, head: bytes) -> None:
    odd = sum(head.count(bytes([code])) for code in range(32) if code not in (9, 10, 11, 12, 13, 0, 26, 27, 30, 31))
    if odd > max(8, len(head) * 0.02) or head.count(0) > len(head) * 0.2:
        raise Unusable(f"{path} is not a text file. Save it as CSV (UTF-8) or XLSX and import that.")


def _fits(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as raw:
            while chunk := raw.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _telling_lines(path: Path) -> bytes:
    """Lines with bytes above ASCII, enough of them to judge by."""
    found, size = [], 0
    with path.open("rb") as raw:
        while size < TELLING and (line := raw.readline(CHUNK)):
            if not line.isascii():
                found.append(line[:4000])
                size += len(found[-1])
    return b"".join(found)


def _older(path: Path, sample: bytes) -> str:
    torn = sample.decode("utf-8", "surrogateescape")
    wrong = sum("\ud800" <= char <= "\udfff" for char in torn)
    right = sum(char > "\x7f" for char in torn) - wrong
    if right >= wrong:
        return "utf-8"  # a few rows are broken; they fail by name
    scores = {name: _score(sample, name) for name in _LETTERS}
    best = max(scores, key=lambda name: scores[name])
    eastern, common = east_asian.judged(sample)
    if common >= 0.8 and common > scores[best] + 0.1:
        return eastern
    if scores[best] >= 0.6:
        return best
    guessed = from_bytes(sample[:50_000]).best() if scores[best] < 0.3 else None
    return guessed.encoding if guessed and _fits(path, guessed.encoding) else best


def _score(sample: bytes, encoding: str) -> float:
    """Share of the high bytes that are letters one expects, less what no language writes (aB, lone signs)."""
    text = sample.decode(encoding, "replace")
    high = [char for char in text if char > "\x7f"]
    if not high:
        return 0.0
    known = _LETTERS[encoding]
    good = sum(char in known for char in high)
    strange = sum(
        left.islower() and right.isupper() and (left > "\x7f" or right > "\x7f")
        for left, right in itertools.pairwise(text)
    )
    return (good - strange) / len(high)
