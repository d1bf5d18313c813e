"""Fields of the organisation's own, one of every kind, on a few entities: tested as the declared ones are."""

from rapport.platform.actor import as_system
from rapport.platform.identity import snapshot
from rapport.records import registry
from rapport.records.models.custom import KINDS, CustomField
from rapport.records.operation import operation
from rapport.records.transfer.writing import bulk

ON = ("party", "deal", "task", "contact_point", "sample")
OPTIONS = "Red\nDark blue\n50% grey\nGreen_ish"


def plant() -> None:
    """Add them in one go."""
    fields = [
        CustomField(
            entity=entity, key=f"own_{kind}", name=f"Own {kind}", kind=kind, options=OPTIONS, places=2, currency="USD",
            target="party" if kind == "relation" else None, searched=kind == "text",
        )
        for entity in ON for kind, _label in KINDS
    ]  # fmt: skip
    with as_system("tests"), operation() as done:
        bulk.create(registry.get("custom_field"), fields, done)
    snapshot.current()
