"""A filter as chips: all of several groups, each a condition or several of which one must hold.

Deeper trees come from links written by hand; such a part is kept whole, as one chip in words.
"""

from typing import Any

Item = dict[str, Any]
Groups = list[list[Item]]


def is_condition(part: Any) -> bool:
    """True for what one chip says: a field, a comparison, a value."""
    if not isinstance(part, dict):
        return False
    if set(part) == {"not"}:  # "is none of", of a field that holds several
        return isinstance(part["not"], dict) and part["not"].get("op") == "has_any" and "field" in part["not"]
    return isinstance(part.get("field"), str)


def groups_of(tree: Any) -> Groups:
    """The groups of a filter tree."""
    if not isinstance(tree, dict) or not tree:
        return []
    if isinstance(tree.get("and"), list):
        return [group for part in tree["and"] for group in groups_of(part)]
    if isinstance(tree.get("or"), list) and all(is_condition(part) for part in tree["or"]):
        return [list(tree["or"])]
    return [[tree]]


def tree_of(groups: Groups) -> Any:
    """The tree of groups; None when there are none."""
    parts = [group[0] if len(group) == 1 else {"or": group} for group in groups if group]
    return parts[0] if len(parts) == 1 else {"and": parts} if parts else None


def place_of(at: str) -> tuple[int | None, int | None]:
    """``1.0`` the first condition of the second group; ``1.`` one more in it; empty: a group of its own."""
    group, dot, item = at.partition(".")
    if not dot or not group.isdecimal():
        return None, None
    return int(group), int(item) if item.isdecimal() else None


def put(tree: Any, at: str, condition: Item | None) -> Any:
    """The tree with a condition set at a place, or taken out of it by None."""
    groups = groups_of(tree)
    group, item = place_of(at)
    if group is None or group >= len(groups):
        return tree_of([*groups, [condition]] if condition else groups)
    held = groups[group]
    if item is None or item >= len(held):
        held += [condition] if condition else []
    elif condition is None:
        del held[item]
    else:
        held[item] = condition
    return tree_of(groups)


def found_at(tree: Any, at: str) -> Item | None:
    """The condition at a place."""
    groups = groups_of(tree)
    group, item = place_of(at)
    if group is None or item is None or group >= len(groups) or item >= len(groups[group]):
        return None
    return groups[group][item]
