"""What an organisation calls things, as an administrator sets it for an object at once."""

from collections.abc import Mapping

from rapport.platform import db
from rapport.records import write
from rapport.records.entity import Entity, registry
from rapport.records.operation import operation
from rapport.records.wording.words import EVERY_LANGUAGE, nameable


def of(entity: Entity, language: str = EVERY_LANGUAGE) -> dict[str, str]:
    """The organisation's words for an entity in one language, or for all, by what they name."""
    return {part: words[-1][1] for part, words in _stored(entity, language).items()}


def languages(entity: Entity) -> tuple[str, ...]:
    """The languages that an entity has words of its own for."""
    sql = "SELECT DISTINCT language FROM wording WHERE entity = %s AND binned_at IS NULL AND language IS NOT NULL"
    return tuple(sorted(language for (language,) in db.rows(sql, (entity.key,))))


def keep(entity: Entity, wanted: Mapping[str, str], language: str = EVERY_LANGUAGE) -> str | None:
    """Call things so; an empty word takes the declared one again. What is not named stays.

    The operation, or None where nothing changed. Raises Forbidden, and Invalid for words that are too long.
    """
    words, kinds = registry.get("wording"), {each.part for each in nameable(entity)}
    wrote = False
    with operation() as done:
        stored = _stored(entity, language)
        for part, text in wanted.items():
            word, held = " ".join(text.split()), stored.get(part, [])
            if part not in kinds or word == (held[-1][1] if held else ""):
                continue
            wrote = True
            if not word:
                for key, _before in held:
                    write.put_in_bin(words, key)
            elif held:
                write.change(words, held[-1][0], {"name": word})
            else:
                values = {"entity": entity.key, "part": part, "language": language or None, "name": word}
                write.create(words, values)
        return done.id if wrote else None


def _stored(entity: Entity, language: str) -> dict[str, list[tuple[str, str]]]:
    """(Id, word) by what it names; of several the last holds."""
    sql = """SELECT part, id, name FROM wording
             WHERE entity = %s AND binned_at IS NULL AND coalesce(language, '') = %s ORDER BY id"""
    found: dict[str, list[tuple[str, str]]] = {}
    for part, key, word in db.rows(sql, (entity.key, language)):
        found.setdefault(part, []).append((str(db.unkey(key)), word))
    return found
