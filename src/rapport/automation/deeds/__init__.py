"""What steps do, by name."""

from collections.abc import Callable

from rapport.automation.deeds import asking, assigning, pausing, telling, writing
from rapport.automation.deeds.work import Outcome, Work
from rapport.automation.plan.steps import Step

DEEDS: dict[str, Callable[[Work, Step], Outcome]] = {
    "change": writing.change, "create": writing.create, "tag": writing.tag, "act": writing.act,
    "assign": assigning.assign, "notify": telling.notify, "call": telling.call,
    "wait": pausing.wait, "unless": pausing.unless,
    "approve": asking.approve,
}  # fmt: skip
OUTSIDE = ("call",)  # they wait for others: no transaction is held open meanwhile
