"""The record engine: one declaration per business object, one door for writes, one scope for reads."""

from rapport.records import kinds
from rapport.records.actions import action
from rapport.records.entity import Entity, KeepLatest, register, registry
from rapport.records.layout import (
    Board,
    Calendar,
    Card,
    Consequence,
    Duplicates,
    Map,
    Notice,
    Panel,
    Section,
    Step,
    View,
)

__all__ = [
    "Board", "Calendar", "Card", "Consequence", "Duplicates", "Entity", "KeepLatest", "Map", "Notice", "Panel",
    "Section", "Step", "View", "action", "kinds", "register", "registry",
]  # fmt: skip
