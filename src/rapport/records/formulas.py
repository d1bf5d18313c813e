"""Arithmetic over a record's own fields: ``quantity * unit_price``, ``round(amount / max(visits, 1), 2)``.

Exact: everything is a decimal number, a date the number of its day, so that two dates have a distance in days. A value
that is missing, or a division by zero, leaves the result empty.
"""

import ast
import decimal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from rapport.records.errors import Bad

Value = Decimal | bool | None
LONGEST, DEEPEST = 1000, 100
_EXACT = decimal.Context(prec=40, traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow])
_SUMS: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: _EXACT.add, ast.Sub: _EXACT.subtract, ast.Mult: _EXACT.multiply, ast.Div: _EXACT.divide,
}  # fmt: skip
_ORDERS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: lambda a, b: a < b, ast.LtE: lambda a, b: a <= b, ast.Gt: lambda a, b: a > b, ast.GtE: lambda a, b: a >= b,
    ast.Eq: lambda a, b: a == b, ast.NotEq: lambda a, b: a != b,
}  # fmt: skip
_CALLS: Mapping[str, Callable[..., Decimal]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "round": lambda value, places=Decimal(0): value.quantize(Decimal(1).scaleb(-int(places)), decimal.ROUND_HALF_UP),
}


class _Nothing(Exception):
    """A value is missing: so is the result."""


@dataclass(frozen=True, slots=True)
class Formula:
    """``names``: the fields that it reads, in their order."""

    text: str
    names: tuple[str, ...]
    tree: ast.expr

    def result(self, value_of: Callable[[str], Value]) -> Decimal | None:
        """What comes out; ``value_of`` gives a field's value by name."""
        try:
            found = _worth(self.tree, value_of)
            return Decimal(found) if isinstance(found, bool) else found
        except (_Nothing, decimal.DecimalException, ValueError, OverflowError):
            return None


def read(text: str) -> Formula:
    """A formula from its text; raises Bad with what is not understood."""
    if len(text) > LONGEST:
        raise Bad(_("A formula has at most %(n)s characters.") % {"n": LONGEST})
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Bad(_("This is no formula: write, for instance, quantity * price.")) from error
    names: dict[str, None] = {}
    _check(tree, names, 0)
    return Formula(text, tuple(names), tree)


def _check(node: ast.expr, names: dict[str, None], depth: int) -> None:
    """Only what is meant passes; everything else is refused by name."""
    if depth > DEEPEST:
        raise Bad(_("This formula is nested too deeply."))
    match node:
        case ast.Constant(value=bool() | int() | float()) if not isinstance(node.value, complex):
            return
        case ast.Name(id=name):
            names[name] = None
            return
        case ast.Attribute(value=ast.Name(id="custom"), attr=name):
            names[f"custom.{name}"] = None
            return
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SUMS:
            parts = [left, right]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not(), operand=operand):
            parts = [operand]
        case ast.BoolOp(values=values):
            parts = values
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _ORDERS for op in ops):
            parts = [left, *others]
        case ast.IfExp(test=test, body=body, orelse=other):
            parts = [test, body, other]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _CALLS and args:
            parts = args
        case _:
            known = ", ".join(_CALLS)
            raise Bad(_("A formula knows + - * / ( ), comparisons, “a if b else c”, and %(known)s.") % {"known": known})
    for part in parts:
        _check(part, names, depth + 1)


def _worth(node: ast.expr, value_of: Callable[[str], Value]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value if isinstance(value, bool) else Decimal(str(value))
        case ast.Name(id=name):
            return _held(value_of(name))
        case ast.Attribute(attr=name):
            return _held(value_of(f"custom.{name}"))
        case ast.BinOp(left=left, op=op, right=right):
            return _SUMS[type(op)](_number(left, value_of), _number(right, value_of))
        case ast.UnaryOp(op=op, operand=operand):
            if isinstance(op, ast.Not):
                return not _worth(operand, value_of)
            found = _number(operand, value_of)
            return -found if isinstance(op, ast.USub) else found
        case ast.BoolOp(op=op, values=values):
            judge = all if isinstance(op, ast.And) else any
            return judge(_worth(each, value_of) for each in values)
        case ast.Compare(left=left, ops=ops, comparators=others):
            sides = [_worth(each, value_of) for each in (left, *others)]
            return all(_ORDERS[type(op)](a, b) for op, a, b in zip(ops, sides, sides[1:], strict=False))
        case ast.IfExp(test=test, body=body, orelse=other):
            return _worth(body if _worth(test, value_of) else other, value_of)
        case ast.Call(func=ast.Name(id=name), args=args):
            return _CALLS[name](*(_number(each, value_of) for each in args))
    raise _Nothing


def _number(node: ast.expr, value_of: Callable[[str], Value]) -> Decimal:
    found = _worth(node, value_of)
    return Decimal(found) if isinstance(found, bool) else found


def _held(value: Any) -> Any:
    if value is None:
        raise _Nothing
    return value
