"""What can go wrong with a folded word while it is typed, and how far two words are apart."""

import functools
import string

VOWELS = frozenset("aeiouyhw")  # and letters that come and go between spellings: Aliev, Aliyev; Sara, Sarah


def neighbours(word: str) -> set[str]:
    """All that is one letter off: missing, doubled, another, or two in each other's place."""
    letters = sorted({*string.ascii_lowercase, *word})
    parts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    missing = {left + right[1:] for left, right in parts if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in parts if len(right) > 1}
    others = {left + letter + right[1:] for left, right in parts if right for letter in letters}
    more = {left + letter + right for left, right in parts for letter in letters}
    return (missing | swapped | others | more) - {word}


def skeleton(word: str) -> str:
    """The consonants in order, each run once: ``sholpan`` -> ``slpn``."""
    found = ""
    for letter in word:
        if letter not in VOWELS and not found.endswith(letter):
            found += letter
    return found


@functools.lru_cache(maxsize=4096)
def distance(one: str, other: str, most: int = 2) -> int:
    """Letters to add, drop, replace or swap with the next; ``most + 1`` stands for more than ``most``."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    older: list[int] = []
    old = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        row = [at]
        for to, its in enumerate(other, 1):
            best = min(old[to] + 1, row[to - 1] + 1, old[to - 1] + (letter != its))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == its:
                best = min(best, older[to - 2] + 1)
            row.append(best)
        if min(row) > most:
            return most + 1
        older, old = old, row
    return min(old[-1], most + 1)
