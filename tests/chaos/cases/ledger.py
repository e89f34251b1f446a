"""The ledger after the kills: one row for each invocation that the model server has logged."""

import asyncio
from typing import Final

from tests.chaos.environment import SETTLED_S, ChaosEnvironment, chaos_environment
from tests.chaos.inspector import wait_until
from tests.chaos.ledger_check import TOLERANCE, Audit, audit
from tests.chaos.process_specs import AGENTS, ANALYTICS, chat_processes
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result


async def settled_audit(env: ChaosEnvironment, deadline_s: float = SETTLED_S) -> tuple[Audit, float]:
    """The audit once it has no complaint, or the deadline is over; and the seconds that it took."""
    found: list[Audit] = [Audit()]

    def is_settled() -> bool:
        found[0] = audit(env.inspector.ledger(), env.inspector.bill())
        return not found[0].complaints and not env.inspector.waiting_events()

    took_s = await wait_until(is_settled, deadline_s)
    return found[0], deadline_s if took_s is None else took_s


async def run(context: CaseContext) -> Result:
    state = context.record.folder.parent / "kills" / "state"
    if not await asyncio.to_thread(state.exists):
        return Result(False, {}, ["there is no state of the case kills: run it first"])
    async with chaos_environment(context, [*chat_processes(2), AGENTS, ANALYTICS], folder=state) as env:
        found, took_s = await settled_audit(env)
    complaints = list(found.complaints)
    if abs(found.estimated_share - 1) > TOLERANCE:
        complaints.append(f"all estimates together are {found.estimated_share:.3f} of what was sent")
    return Result(not complaints, found.figures() | {"settled after (s)": round(took_s, 1)}, complaints)


CASE: Final = Case(
    "ledger",
    "the ledger after the kills: one row per invocation, reported equal to the token, "
    "estimates within 15 % of what was sent: together, and each, but for five tokens on their way",
    lambda _: 60,
    run,
)
