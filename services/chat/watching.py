"""Who is summoned to a turn: runs it when nobody has begun, lets it be while somebody does, else ends it."""

from collections.abc import Sequence

import structlog

from services.chat.domain import ContentBlock, Frame, ReasoningBlock, TextBlock, Turn, TurnUsage
from services.chat.ending import Ending, Outcome
from services.chat.keeping import LeaseKeeper
from services.chat.model_events import turn_problem
from services.chat.paying import Paying
from services.chat.prompting import branch, prompt
from services.chat.running import Running, Work
from services.chat.settings import ChatSettings
from services.chat.summons import UNKNOWN_FOR_S, SummonedToTurn, Summons
from services.chat.tables import FencedError, Store
from shared.catalogue import Catalogue, Usage
from shared.clock import Clock, epoch_millis
from shared.events.messages import Postpone

_log = structlog.get_logger()
_AGAIN_S = 2
_MARGIN_MS = 300  # after a lease's end, so that one look is enough


class Watching:
    def __init__(  # noqa: PLR0917 - wired once, in bootstrap
        self,
        store: Store,
        summons: Summons,
        running: Running,
        paying: Paying,
        ending: Ending,
        keeper: LeaseKeeper,
        catalogue: Catalogue,
        settings: ChatSettings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._summons = summons
        self._running = running
        self._paying = paying
        self._ending = ending
        self._keeper = keeper
        self._catalogue = catalogue
        self._settings = settings
        self._clock = clock

    async def look(self, summoned: SummonedToTurn) -> None:
        """Raises Postpone when it is too early to say."""
        turn = await self._store.turns.get(summoned.turn_id)
        now = epoch_millis(self._clock.now())
        if turn is None:
            if now - summoned.since < UNKNOWN_FOR_S * 1000:
                raise Postpone(_AGAIN_S)
            return
        if turn.ended:
            await self._see_title_paid(turn, now)
            return
        if turn.attempt == 0 and not turn.cancel_requested:
            await self._begin(turn)
            return
        if turn.lease_until > now:
            raise Postpone((turn.lease_until - now + _MARGIN_MS) / 1000)
        if await self.abandon(turn) is None:  # whoever was faster may not get to the end of it
            raise Postpone(_AGAIN_S)

    async def _begin(self, turn: Turn) -> None:
        """Take a turn that nobody has run yet, and run it to its end."""
        await self._summons.watch(turn.id)
        claimed = await self._store.turns.claim(turn, self._keeper.lease_until())
        if claimed is None:
            return
        tree = {message.id: message for message in await self._store.messages.all(turn.conversation_id)}
        user_message = tree.get(turn.user_message_id)
        if user_message is None:  # the conversation was deleted: only the turn is left to end
            await self._ending.end(claimed, Outcome("cancelled"), 0)
            return
        model = self._catalogue.get(turn.model)
        said = prompt(branch(tree, user_message), model, self._settings.max_output_tokens)
        invocation = self._paying.new(claimed, model, "answer", said)
        await self._paying.open(invocation)
        await self._running.start(Work(claimed, model, said, invocation, said[-1].text))

    async def _see_title_paid(self, turn: Turn, now: int) -> None:
        """A title may be made longer than its turn lasts; whoever makes it may die then, too."""
        patience_ms = (self._settings.first_token_s + self._settings.silence_s) * 1000
        for invocation in await self._store.invocations.of_turn(turn.id) if turn.makes_title else ():
            if invocation.state == "opened":
                if now - epoch_millis(invocation.started_at) < patience_ms:
                    raise Postpone(_AGAIN_S)
                await self._paying.settle_by_estimate(invocation, "", began=True)

    async def abandon(self, turn: Turn) -> Turn | None:
        """End a turn that nobody runs any more, with what it had said; None when somebody else was faster."""
        claimed = await self._store.turns.claim(turn, self._keeper.lease_until())
        if claimed is None:
            return None
        frames = await self._store.log.after(turn.id, 0)
        content = said_so_far(frames)
        usage = await self._settle(turn, content)
        if claimed.cancel_requested:
            outcome = Outcome("cancelled", content, usage)
        else:
            outcome = Outcome("failed", content, usage, problem=turn_problem("turn-abandoned", turn.id))
        try:
            await self._ending.end(claimed, outcome, len(frames))
        except FencedError:
            return None
        _log.warning("turn abandoned", turn_id=turn.id, attempt=turn.attempt, state=outcome.state)
        return await self._store.turns.get(turn.id)

    async def _settle(self, turn: Turn, content: list[ContentBlock]) -> TurnUsage | None:
        """Estimate what its open invocations cost; the answer's usage, if it had one."""
        words = "".join(block.text for block in content if isinstance(block, TextBlock | ReasoningBlock))
        usage: TurnUsage | None = None
        for invocation in await self._store.invocations.of_turn(turn.id):
            settled = invocation
            if invocation.state == "opened":
                said = words if invocation.purpose == "answer" else ""
                settled = await self._paying.settle_by_estimate(invocation, said, began=True)
            if invocation.purpose == "answer":
                usage = _usage(settled.usage, settled.cost_nano_usd, reported=settled.basis == "reported")
        return usage


def _usage(usage: Usage, cost_nano_usd: int, *, reported: bool) -> TurnUsage:
    return TurnUsage(**usage.model_dump(), cost_nano_usd=cost_nano_usd, basis="reported" if reported else "estimated")


def said_so_far(frames: Sequence[Frame]) -> list[ContentBlock]:
    """The content that the log's deltas add up to."""
    blocks: list[ContentBlock] = []
    for frame in frames:
        if frame.event == "message.delta":
            _extend(blocks, TextBlock(text=frame.text()))
        elif frame.event == "reasoning.delta":
            _extend(blocks, ReasoningBlock(text=frame.text()))
        elif frame.event == "turn.restarted":
            blocks.clear()
    return blocks


def _extend(blocks: list[ContentBlock], more: TextBlock | ReasoningBlock) -> None:
    last = blocks[-1] if blocks else None
    if isinstance(last, TextBlock | ReasoningBlock) and last.type == more.type:
        last.text += more.text
    else:
        blocks.append(more)
