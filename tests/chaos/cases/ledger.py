"""The ledger after the kills: beside the log of the model server, and beside the turn log."""

import asyncio
from typing import Final

from tests.chaos.environment import SETTLED_S, ChaosEnvironment, chaos_environment
from tests.chaos.inspector import SystemInspector, wait_until
from tests.chaos.ledger_check import Audit, audit, turns_with_estimates
from tests.chaos.process_specs import AGENTS, ANALYTICS, chat_processes
from tests.trials.case import Case, CaseContext
from tests.trials.record import Result


async def settled_audit(env: ChaosEnvironment, deadline_s: float = SETTLED_S) -> tuple[Audit, float]:
    """The audit, and the seconds until the ledger and the bill had no complaint or the deadline was over.

    The turn logs are read once, after that.
    """

    def is_settled() -> bool:
        found = audit(env.inspector.ledger(), env.inspector.bill())
        return not found.complaints and not env.inspector.waiting_events()

    took_s = await wait_until(is_settled, deadline_s)
    found = await asyncio.to_thread(_audit_with_logs, env.inspector)
    return found, deadline_s if took_s is None else took_s


def _audit_with_logs(inspector: SystemInspector) -> Audit:
    rows = inspector.ledger()
    logs = {turn_id: inspector.log(turn_id) for turn_id in turns_with_estimates(rows)}
    return audit(rows, inspector.bill(), logs)


async def run(context: CaseContext) -> Result:
    state = context.record.folder.parent / "kills" / "state"
    if not await asyncio.to_thread(state.exists):
        return Result(False, {}, ["there is no state of the case kills: run it first"])
    async with chaos_environment(context, [*chat_processes(2), AGENTS, ANALYTICS], folder=state) as env:
        found, took_s = await settled_audit(env)
    complaints = found.complaints_after_kills()
    return Result(not complaints, found.figures() | {"settled after (s)": round(took_s, 1)}, complaints)


CASE: Final = Case(
    "ledger",
    "the ledger after the kills: one row per invocation; reported rows equal to the token; estimated rows within 15 % "
    "or 2 tokens of what the turn log has, never more than was sent; of what was sent, answers of >= 50 tokens within "
    "15 %, all together within 5 %",
    lambda _: 60,
    run,
)
