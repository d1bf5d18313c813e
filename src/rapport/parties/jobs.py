"""What a new day changes of parties."""

from typing import Any

from rapport.parties import holding
from rapport.platform.actor import as_system
from rapport.platform.jobs import job, schedule
from rapport.records import write
from rapport.records.operation import operation


@schedule(daily_at="00:05")
@job("parties.roles_of_the_day", lane="long")
def roles_of_the_day(run: Any) -> None:
    """Roles that begin or end today show on their parties; safe to run twice."""
    with as_system("roles of the day"):
        for each in holding.of_the_day():
            run.check_cancelled()
            with operation():
                write.carry_out([each])
