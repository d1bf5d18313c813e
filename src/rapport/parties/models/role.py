from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from rapport.parties import choices, holding, primary
from rapport.records import fields
from rapport.records.errors import Refused
from rapport.records.layout import Consequence
from rapport.records.models import Record, Story, external_once


class PartyRole(Record):
    """What a party is to us, from when to when. ``ended_on`` is the first day on which it no longer is."""

    party = fields.Relation("parties.Party", _("held by"), entity="party", null=False)
    role = fields.Choice(_("role"), options=choices.ROLES, default="customer")
    stage = fields.Choice(_("stage"), options=choices.STAGES, null=True)
    tier = fields.Choice(_("tier"), options=choices.TIERS, null=True)
    manager = fields.Relation("platform.User", _("manager"), entity="user")
    started_on = fields.Day(_("since"))
    ended_on = fields.Day(_("until"))
    note = fields.Text(_("note"))

    class Meta:
        db_table = "party_role"
        constraints = external_once("party_role")
        indexes = [
            models.Index(fields=["party", "role", "id"], name="party_role_party"),
            models.Index(fields=["role", "stage", "id"], name="party_role_stage"),
        ]

    def __str__(self) -> str:
        return str(dict(choices.ROLES)[self.role])

    def settle(self, before: dict[str, Any] | None) -> None:
        known = choices.STAGES_OF.get(self.role, choices.PLAIN_STAGES)
        if self.stage and self.stage not in known:
            if before is not None and before["role"] != self.role and before["stage"] == self.stage:
                self.stage = None
            else:
                words = dict(choices.STAGES)
                offered = ", ".join(str(words[each]) for each in known)
                raise Refused(_("This role has the stages %(stages)s.") % {"stages": offered}, field="stage")
        if self.started_on and self.ended_on and self.ended_on < self.started_on:
            raise Refused(_("It cannot end before it began."), field="ended_on")

    @classmethod
    def arrive(cls, records: list[Any]) -> None:
        holding.refuse_overlaps(records)

    def stories(self, before: dict[str, Any] | None) -> list[Story]:
        told = []
        if before is None:
            told.append(Story("party", "took_role", {"subject": str(self.role)}))
        elif self.stage and before["stage"] != self.stage:
            told.append(Story("party", "role_stage", {"subject": str(self.role), "stage": self.stage}))
        if before is not None and self.ended_on and not before["ended_on"]:
            told.append(Story("party", "left_role", {"subject": str(self.role)}))
        return told

    def consequences(self, before: dict[str, Any] | None) -> list[Consequence]:
        return holding.after(self, before)

    def joins(self, held: list[Any]) -> bool:
        return not holding.is_held(self, held)

    def amends(self) -> list[Consequence]:
        return [] if primary.is_binned(self.party_id) else holding.amended(self.party_id)
