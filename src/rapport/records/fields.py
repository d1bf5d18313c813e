"""Model fields that know their kind; an entity derives everything else from them."""

from typing import Any

from django.db import models

from rapport.records import kinds


class _Kinded:
    """Mixed into Django fields: ``kind`` says how the value is read, compared and shown."""

    kind: kinds.Kind

    def deconstruct(self) -> Any:
        """Migrations see the plain Django field: labels and kinds are no matter of the schema."""
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        plain = next(base for base in type(self).__mro__ if base.__module__.startswith("django.db.models.fields"))
        kwargs.pop("verbose_name", None)
        return name, f"django.db.models.{plain.__name__}", args, kwargs


class Text(_Kinded, models.TextField):
    """One line of text, NULL when empty. ``folded`` names the FoldedField compared instead of the raw text."""

    def __init__(self, label: Any = None, *, longest: int = 300, folded: str | None = None, **kw: Any) -> None:
        kw.setdefault("null", True)
        kw.setdefault("blank", True)
        super().__init__(label, **kw)
        self.folded = folded
        self.kind = self.make_kind(longest)

    def make_kind(self, longest: int) -> kinds.Kind:
        return kinds.TextKind(longest, folded=bool(self.folded))


class LongText(Text):
    def make_kind(self, longest: int) -> kinds.Kind:
        return kinds.LongTextKind()


class Filter(Text):
    def make_kind(self, longest: int) -> kinds.Kind:
        return kinds.FilterKind()


class Email(Text):
    def make_kind(self, longest: int) -> kinds.Kind:
        return kinds.EmailKind()


class Phone(Text):
    def make_kind(self, longest: int) -> kinds.Kind:
        return kinds.PhoneKind()


class Url(Text):
    def make_kind(self, longest: int) -> kinds.Kind:
        return kinds.UrlKind()


class Country(Text):
    def make_kind(self, longest: int) -> kinds.Kind:
        return kinds.CountryKind(60)


class Currency(Text):
    def make_kind(self, longest: int) -> kinds.Kind:
        return kinds.CurrencyKind(3)


class Choice(_Kinded, models.TextField):
    """One of ``options``: (value, label) pairs; ``ranked``: they are in order, and sorted so."""

    def __init__(self, label: Any = None, *, options: Any = (), ranked: bool = False, **kw: Any) -> None:
        kw.setdefault("blank", True)
        super().__init__(label, **kw)
        self.ranked = ranked
        self.kind = self.make_kind(tuple(options))

    def make_kind(self, options: tuple[tuple[str, Any], ...]) -> kinds.Kind:
        return kinds.ChoiceKind(options, self.ranked)


class MultiChoice(Choice):
    """Several of ``options``."""

    def __init__(self, label: Any = None, **kw: Any) -> None:
        kw.setdefault("null", True)
        super().__init__(label, **kw)

    def make_kind(self, options: tuple[tuple[str, Any], ...]) -> kinds.Kind:
        return kinds.MultiChoiceKind(options)


class Tags(Text):
    """The shared tags of a record."""

    def make_kind(self, longest: int) -> kinds.Kind:
        return kinds.TagsKind()


class Number(_Kinded, models.BigIntegerField):
    """A whole number."""

    def __init__(
        self, label: Any = None, *, low: int = -(2**63), high: int = 2**63 - 1, unit: str = "", **kw: Any
    ) -> None:
        kw.setdefault("null", True)
        kw.setdefault("blank", True)
        super().__init__(label, **kw)
        self.kind = kinds.NumberKind(low, high, unit)


class YesNo(_Kinded, models.BooleanField):
    """Yes or no."""

    def __init__(self, label: Any = None, **kw: Any) -> None:
        super().__init__(label, **kw)
        self.kind = kinds.YesNoKind()


class Money(_Kinded, models.BigIntegerField):
    """An amount in minor units of the currency in field ``currency``; ``base`` is the field with the base amount."""

    def __init__(self, label: Any = None, *, currency: str = "currency", base: str = "", **kw: Any) -> None:
        kw.setdefault("null", True)
        kw.setdefault("blank", True)
        super().__init__(label, **kw)
        self.currency, self.base = currency, base
        self.kind = kinds.MoneyKind()


class Day(_Kinded, models.DateField):
    """A date."""

    def __init__(self, label: Any = None, **kw: Any) -> None:
        kw.setdefault("null", True)
        kw.setdefault("blank", True)
        super().__init__(label, **kw)
        self.kind = kinds.DayKind()


class Moment(_Kinded, models.DateTimeField):
    """A moment (UTC)."""

    def __init__(self, label: Any = None, **kw: Any) -> None:
        super().__init__(label, **kw)
        self.kind = kinds.MomentKind()


class Relation(_Kinded, models.ForeignKey):
    """A reference to a record of entity ``entity``. Indexes are declared by the model, not made one by one."""

    def __init__(self, to: Any, label: Any = None, *, entity: str = "", **kw: Any) -> None:
        kw.setdefault("null", True)
        kw.setdefault("blank", True)
        kw.setdefault("on_delete", models.PROTECT)
        kw.setdefault("related_name", "+")
        kw.setdefault("db_index", False)
        if label is not None:
            kw["verbose_name"] = label
        super().__init__(to, **kw)
        self.kind = kinds.RelationKind(entity)
