"""The record engine: one declaration per business object, one door for writes, one scope for reads."""

from rapport.records import kinds
from rapport.records.actions import action
from rapport.records.entity import Board, Entity, KeepLatest, register, registry

__all__ = ["Board", "Entity", "KeepLatest", "action", "kinds", "register", "registry"]
