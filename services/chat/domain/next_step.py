"""The next step of a turn, decided from what is stored: one pure function, which reads and writes nothing.

| turn | its state | step |
|---|---|---|
| not found | asked about within the last minute: its start may not be committed yet | Wait |
| not found | asked about longer ago | Drop |
| ended | | Drop |
| has no runner | cancelled | Finish |
| awaits tools | a call without a result is still in time | WaitForTools |
| awaits tools | no such call is left | Run |
| has a runner | its lease holds | Wait, until the lease ends |
| has no runner | queued for its first run, or handed over | Run |
| lost its runner | it has lost fewer than `takeovers_limit` before | TakeOver |
| lost its runner | else | Finish |
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.chat.domain.tool_round import ToolCall, ToolRound
from services.chat.domain.turn import Runner, Turn

CHECK_AGAIN_S: Final = 2
"""The delay of a message about a turn that is about to change."""
RESEND_TOOL_CALLS_S: Final = 10
LEASE_MARGIN_MS: Final = 300  # after the end of a lease, so that one check is enough


@dataclass(frozen=True, slots=True)
class StepLimits:
    """`commit_grace_ms`: how long after a message about it a turn may still be committed."""

    takeovers: int
    commit_grace_ms: int


@dataclass(frozen=True, slots=True)
class Run:
    """Run the turn: for the first time, after its tools, or after it was handed over."""


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Run the turn, whose runner has died."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again after `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class WaitForTools:
    """Send the calls that have no result again, and look again after `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Finish:
    """End the turn with its content so far."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Nothing is left to do."""


Step = Run | TakeOver | Wait | WaitForTools | Finish | Drop


def next_step(turn: Turn | None, rounds: Iterable[ToolRound], asked_at: int, now: int, limits: StepLimits) -> Step:
    """Decide the next step; the table is above. `rounds` of a turn that awaits tools; times are epoch ms."""
    if turn is None:
        return Wait(CHECK_AGAIN_S) if now - asked_at < limits.commit_grace_ms else Drop()
    if turn.ended:
        return Drop()
    if turn.runner(now) is Runner.HOLDS_LEASE:
        return Wait((turn.lease_until - now + LEASE_MARGIN_MS) / 1000)
    return _without_runner(turn, rounds, now, limits)


def _without_runner(turn: Turn, rounds: Iterable[ToolRound], now: int, limits: StepLimits) -> Step:
    if turn.cancel_requested:
        return Finish()
    if turn.state == "awaiting_tools":
        return WaitForTools(RESEND_TOOL_CALLS_S) if any(pending_calls(rounds, now)) else Run()
    if turn.runner(now) is Runner.LOST:
        return TakeOver() if turn.takeovers < limits.takeovers else Finish()
    return Run()


def pending_calls(rounds: Iterable[ToolRound], now: int) -> list[ToolCall]:
    """The calls without a result whose deadline has not passed."""
    return [call for each in rounds for call, _ in each.unanswered() if call.deadline > now]
