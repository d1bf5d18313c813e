from rapport.automation.models.approval import Approval
from rapport.automation.models.automation import (
    DONE,
    FAILED,
    STATES,
    STOPPED,
    WAITING,
    Automation,
    AutomationRun,
    AutomationState,
    AutomationSweep,
)

__all__ = [
    "DONE", "FAILED", "STATES", "STOPPED", "WAITING", "Approval", "Automation", "AutomationRun", "AutomationState",
    "AutomationSweep",
]  # fmt: skip
