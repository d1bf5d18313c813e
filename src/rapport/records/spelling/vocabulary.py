"""The words that records are found by, and those of them that are near a misspelt one.

Words are learnt behind the scenes, by reading what is new in the search table: no write waits for it. What has come
since is looked at directly. A word tells nobody anything: what is shown are records, found within the reader's scope.
"""

from collections.abc import Iterable

import orjson

from rapport.platform import db
from rapport.records.models import KnownWord, SearchLearnt
from rapport.records.spelling.edits import distance, neighbours, skeleton

SHORTEST, LONGEST = 4, 24  # of shorter words everything is near
TWICE = 6  # letters from which on two may be wrong
MOST = 12
FRESH, SLICE = 300, 5_000
LATE = 5_000  # PostgreSQL: a row with a smaller number may have become visible later
_LIKE = 2_000


def near(word: str) -> list[str]:
    """Known words that this one may have been meant for, nearest first; one letter off, else two."""
    if not _is_learnt(word):
        return []
    around = neighbours(word)
    fresh = _fresh()
    found = {*_known(around), *(fresh & around)}
    if not found and len(word) >= TWICE:
        found = {each for each in {*_alike(word), *fresh} if distance(word, each) == 2}
    return sorted(found - {word}, key=lambda each: (each[0] != word[0], abs(len(each) - len(word)), each))[:MOST]


def _is_learnt(word: str) -> bool:
    return SHORTEST <= len(word) <= LONGEST and word.isalpha()


def _known(words: Iterable[str]) -> list[str]:
    return [word for (word,) in db.rows(f"SELECT word FROM known_word WHERE word {_among()}", [_list(words)])]


def _alike(word: str) -> list[str]:
    """Known words whose consonants are the same but for one."""
    bones = skeleton(word)
    sql = f"""SELECT word FROM known_word WHERE skeleton {_among()} AND length(word) BETWEEN %s AND %s LIMIT {_LIKE}"""
    return [found for (found,) in db.rows(sql, [_list({bones, *neighbours(bones)}), len(word) - 2, len(word) + 2])]


def _among() -> str:
    return "IN (SELECT value FROM json_each(%s))" if db.is_sqlite() else "= ANY(%s)"


def _list(words: Iterable[str]) -> object:
    found = list(words)
    return orjson.dumps(found).decode() if db.is_sqlite() else found


def _fresh() -> set[str]:
    """The words of the newest rows that have not been learnt yet."""
    sql = "SELECT text FROM search_entry WHERE id > %s ORDER BY id DESC LIMIT %s"
    return _words(text for (text,) in db.rows(sql, (_learnt(), FRESH)))


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in text.split(" ") if _is_learnt(word)}


def _learnt() -> int:
    row = db.one("SELECT entry FROM search_learnt WHERE id = 1")
    return int(row[0]) if row else 0


def behind() -> bool:
    """Whether there is something to learn."""
    return db.one("SELECT 1 FROM search_entry WHERE id > %s LIMIT 1", (_learnt(),)) is not None


def learn() -> bool:
    """Learn the words of the next rows; False when that was all."""
    last = _learnt()
    since = last if db.is_sqlite() else max(0, last - LATE)
    sql = "SELECT id, text FROM search_entry WHERE id > %s ORDER BY id LIMIT %s"
    found = db.rows(sql, (since, SLICE + last - since))
    if not found or found[-1][0] <= last:
        return False
    words = _words(text for _id, text in found)
    fresh = sorted(words.difference(_known(words)))  # in one order, lest two learners wait for each other
    with db.transaction():
        KnownWord.objects.bulk_create(
            [KnownWord(word=word, skeleton=skeleton(word)) for word in fresh], ignore_conflicts=True
        )
        SearchLearnt.objects.update_or_create(id=1, defaults={"entry": found[-1][0]})
    return len(found) >= SLICE
