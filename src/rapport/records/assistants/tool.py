"""What a tool is: a deed with typed arguments, from which the protocol's description of it is made."""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from rapport.platform.actor import Actor
from rapport.records.entity import Entity, registry
from rapport.records.errors import NotFound
from rapport.records.kinds.schemas import ID, Schema

# Titles are read by people and translated. Descriptions are read by models: like the API's words, in English.
Kind = Annotated[str, Meta(min_length=1, max_length=80, description="The kind of records, as “describe” names it.")]
Key = Annotated[str, Meta(min_length=32, max_length=36, description="The record's id: 32 hex digits.")]
Names = Annotated[list[str], Meta(max_length=200)]
Tree = dict[str, Any] | None
Cursor = Annotated[str, Meta(description="“next” of the page before.")] | None

TEXT: Schema = {"type": "string"}
RECORD: Schema = {"type": "object", "description": "Fields by name, as “describe” tells them."}
OBJECTS: Schema = {"type": "array", "items": {"type": "object"}}
NEXT: Schema = {"type": ["string", "null"], "description": "Give it as “after” for the next page; null: no more."}


class Tool(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A tool: its fields are the arguments, its docstring tells the model what it is for.

    ``work`` does it, and raises Problem. ``needs``: rights of which the user must have one on anything for it to be
    offered; ``gives``: what it answers.
    """

    name: ClassVar[str]
    title: ClassVar[Any]
    gives: ClassVar[Schema]
    needs: ClassVar[tuple[str, ...]] = ()
    destroys: ClassVar[bool] = False
    repeatable: ClassVar[bool] = False
    work: ClassVar[Callable[[Any], dict[str, Any]]]

    @classmethod
    def is_for(cls, actor: Actor) -> bool:
        """True when the user may do this at all."""
        return not cls.needs or any(actor.may(entity.key, right) for entity in registry for right in cls.needs)

    @classmethod
    def described(cls) -> dict[str, Any]:
        """The tool as the protocol lists it."""
        (_ref,), parts = msgspec.json.schema_components([cls])
        takes = {name: value for name, value in parts[cls.__name__].items() if name not in ("title", "description")}
        return {
            "name": cls.name, "title": str(cls.title), "description": inspect.cleandoc(cls.__doc__ or ""),
            "inputSchema": takes, "outputSchema": cls.gives,
            "annotations": {
                "title": str(cls.title), "readOnlyHint": not cls.needs, "destructiveHint": cls.destroys,
                "idempotentHint": not cls.needs or cls.repeatable, "openWorldHint": False,
            },
        }  # fmt: skip


def answer(properties: Mapping[str, Schema], *needed: str) -> Schema:
    """The schema of an answer; ``needed``: what is always in it, all when not given."""
    return {"type": "object", "properties": dict(properties), "required": list(needed or properties)}


def kind_of(name: str) -> Entity:
    """The entity called ``name``: in plural as the API does, or as one; raises NotFound with the known names."""
    if name in registry:
        return registry.get(name)
    return registry.at(name.strip().lower().replace("_", "-"))


def key_of(text: str) -> str:
    """An id as it is kept; a dashed one is taken too."""
    plain = text.replace("-", "").lower()
    if len(plain) != 32 or set(plain) - set("0123456789abcdef"):
        raise NotFound(f"“{text}” is not an id: ids are 32 hex digits, found with “search” or “find”.")
    return plain


__all__ = [
    "ID", "NEXT", "OBJECTS", "RECORD", "TEXT", "Cursor", "Key", "Kind", "Meta", "Names", "Tool", "Tree", "answer",
    "key_of", "kind_of",
]  # fmt: skip
