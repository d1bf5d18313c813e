"""The older encodings of Chinese, Japanese and Korean, in which a character is two bytes: judged by how common the
characters are that come out, as almost any bytes are some character in each of them."""

import re

LOOKED_AT = 20_000
KANA = 0.1
# Of each encoding the lead bytes of what is written every day, and those that tell neither for nor against it.
_COMMON = {
    "cp932": (range(0x88, 0x98), range(0x81, 0x82)),
    "gb18030": (range(0xB0, 0xD8), range(0xA1, 0xA4)),
    "cp949": (range(0xB0, 0xC9), range(0xA1, 0xA4)),
    "big5": (range(0xA4, 0xC7), range(0xA1, 0xA4)),
    "euc_jp": (range(0xB0, 0xD0), range(0xA1, 0xA4)),
}
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_NARROW_KANA = re.compile("[\uff61-\uff9f]")


def judged(sample: bytes) -> tuple[str, float]:
    """(The likeliest of these encodings, the share of its characters that are common ones)."""
    scores = {name: _share(sample, name) for name in _COMMON}
    if scores["euc_jp"] >= 0.8 and _kana(sample, "euc_jp") >= KANA:
        return "euc_jp", scores["euc_jp"]
    if scores["cp949"] >= scores["gb18030"] - 0.02:  # Korean syllables lie where common Chinese characters do
        scores["gb18030"] = 0.0
    scores["euc_jp"] = 0.0  # without its syllables it cannot be told from Chinese
    best = max(scores, key=lambda name: scores[name])
    return best, scores[best]


def _high(sample: bytes, encoding: str) -> list[str]:
    text = sample[: 4 * LOOKED_AT].decode(encoding, "replace")
    return [char for char in text if char > "\x7f"][:LOOKED_AT]


def _kana(sample: bytes, encoding: str) -> float:
    high = _high(sample, encoding)
    return sum(bool(_KANA.match(char)) for char in high) / max(1, len(high))


def _share(sample: bytes, encoding: str) -> float:
    """Common characters among those that tell anything; what is none at all in this encoding tells against it."""
    common, neutral = _COMMON[encoding]
    good = bad = 0
    for char in _high(sample, encoding):
        if encoding in ("cp932", "euc_jp") and _KANA.match(char):
            good += 1
            continue
        if char == "\ufffd" or _NARROW_KANA.match(char):
            bad += char == "\ufffd"
            continue
        raw = char.encode(encoding)
        if len(raw) != 2 or raw[0] in neutral:
            continue
        usual = raw[0] in common and (encoding in ("cp932", "big5") or raw[1] >= 0xA1)
        good, bad = good + usual, bad + (not usual)
    return good / (good + bad) if good else 0.0
