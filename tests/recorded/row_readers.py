"""Reads each kind of row with the table class of the service that owns it, as its use cases do."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from services.agents.domain import ToolCall
from services.agents.tables import TurnCancelledError
from services.analytics.domain import Payer
from services.chat.tables.concurrency import slot_usage
from shared.aws import from_item
from shared.events.catalogue import EVENTS
from shared.events.envelope import Envelope
from shared.events.outbox.table import OutboxRows
from shared.persistence.requests import PageRequest
from tests.recorded.current import TABLES, Current
from tests.recorded.loader import Recorded

Row = Mapping[str, Any]
Reader = Callable[[Current, Recorded, Row], Awaitable[object]]
"""Returns the content of the row; a false value if it does not match the row."""


def kind_of(table: str, item: Mapping[str, Any]) -> str:
    """`chat: CONV#…/MSG#…`: the parts of the row's key without its ids and numbers."""
    partition, sort = item["pk"]["S"].split("#"), item["sk"]["S"].split("#")
    parts = [part if re.fullmatch("[A-Z]+", part) else "…" for part in sort[:-1]]
    last = sort[-1] if re.fullmatch("[A-Z]+", sort[-1]) else "…"
    return f"{table}: {partition[0]}#…/{'#'.join(dict.fromkeys([*parts, last]))}"


async def _conversation(current: Current, _: Recorded, row: Row) -> object:
    head = await current.chat.store.conversations.get(_after("USER#", row["pk"]), _after("CONV#", row["sk"]))
    return head and head.id == row["id"] and head.owner_id == row["owner_id"]


async def _message(current: Current, _: Recorded, row: Row) -> object:
    message = await current.chat.store.messages.get(_after("CONV#", row["pk"]), _after("MSG#", row["sk"]))
    assert message is not None
    may_be_empty = message.status in {"failed", "cancelled"}
    return message.id == row["id"] and (message.content or may_be_empty)


async def _turn(current: Current, _: Recorded, row: Row) -> object:
    turn = await current.chat.store.turns.get(_after("TURN#", row["pk"]))
    return turn and (turn.state, turn.attempt, turn.lease_until) == (row["state"], row["attempt"], row["lease_until"])


async def _invocation(current: Current, _: Recorded, row: Row) -> object:
    found = await current.invocations(_after("TURN#", row["pk"]))
    return [each for each in found if each.id == row["id"] and each.cost_nano_usd == row["cost_nano_usd"]]


async def _tool_round(current: Current, _: Recorded, row: Row) -> object:
    rounds = await current.chat.store.rounds.of_turn(_after("TURN#", row["pk"]))
    return [each for each in rounds if each.number == row["number"] and each.calls]


async def _call_of_round(current: Current, _: Recorded, row: Row) -> object:
    rounds = await current.chat.store.rounds.of_turn(_after("TURN#", row["pk"]))
    calls = [call for each in rounds for call in each.calls if call.id == row["id"]]
    return [call for call in calls if bool(call.answer) == ("answer" in row) and call.deadline == row["deadline"]]


async def _frame(current: Current, _: Recorded, row: Row) -> object:
    frames = await current.frames(_after("TURN#", row["pk"]))
    return (int(row["sk"]), row["event"], row["data"]) in frames


async def _running(_: Current, __: Recorded, row: Row) -> object:
    found = slot_usage(row)
    return found.turns == row["turns"] and len(found.leases) == sum(name.startswith("place_") for name in row)


async def _idempotent_request(current: Current, recorded: Recorded, row: Row) -> object:
    """Repeat the request with its key: the response is the same, or 404 if its resource was deleted afterwards."""
    (request,) = [each for each in recorded.notes["idempotent_requests"] if _created_id(each["answer"]) == row["made"]]
    status, answer = await current.call(
        recorded.user(request["user"]), request["method"], request["path"], request["body"],
        Idempotency_Key=request["key"],
    )  # fmt: skip
    is_deleted = recorded.bot("deleted") in request["path"]
    return status == 404 if is_deleted else status == request["status"] and _created_id(answer) == row["made"]


def _created_id(answer: Mapping[str, Any]) -> object:
    """The id of the resource that the request created."""
    return answer["turn_id"] if "turn_id" in answer else answer["id"]


async def _outbox(current: Current, _: Recorded, row: Row) -> object:
    shard = int(_after("OUTBOX#", row["pk"]))
    dynamodb: Any = current.dynamodb
    found = [each async for page in _pages(dynamodb, shard) for each in page if each.event_id == row["sk"]]
    envelope = Envelope.model_validate_json(row["envelope"])
    (event,) = [each for each in EVENTS if each.event_type == envelope.type]
    return found and event.dataschema() == envelope.dataschema and event.model_validate(envelope.data)


async def _pages(dynamodb: Any, shard: int) -> Any:
    for table in TABLES.values():
        async for page in OutboxRows(dynamodb, table).pages(shard):
            yield page


async def _call(current: Current, _: Recorded, row: Row) -> object:
    call = await current.calls.get(_after("CALL#", row["pk"]))
    return call and (call.id, call.state, call.attempt) == (row["id"], row["state"], row["attempt"])


async def _answer(current: Current, _: Recorded, row: Row) -> object:
    return await current.calls.answer(_after("CALL#", row["pk"]))


async def _cancelled_turn(current: Current, recorded: Recorded, row: Row) -> object:
    """A call of the cancelled turn is refused."""
    call = ToolCall(
        id=current.ids.new("call"), tool="calculator", principal_kind="user", principal_id=recorded.user("ann"),
        started_at=current.clock.now(), turn_id=_after("TURN#", row["pk"]),
    )  # fmt: skip
    try:
        await current.calls.claim(call)
    except TurnCancelledError:
        return True
    return False


async def _bot(current: Current, _: Recorded, row: Row) -> object:
    return await current.bots.head(row["id"])


async def _bot_version(current: Current, _: Recorded, row: Row) -> object:
    bot = await current.bots.version(row["id"], row["version"])
    return bot and bot.instruction == row["instruction"]


async def _listed_bot(current: Current, _: Recorded, row: Row) -> object:
    page = await current.bots.owner_page(_after("USER#", row["pk"]), PageRequest(100))
    return [bot for bot in page.items if bot.id == row["id"] and bot.version == row["version"]]


async def _number_of_bots(current: Current, _: Recorded, row: Row) -> object:
    """The counter equals the number of listed bots, and a new bot increments it."""
    owner = _after("USER#", row["pk"])
    listed = len((await current.bots.owner_page(owner, PageRequest(100))).items)
    status, _body = await current.call(owner, "POST", "/api/bots/bots", {"title": "One more"})
    key = {"pk": {"S": f"USER#{owner}"}, "sk": {"S": "BOTS"}}
    after = (await current.dynamodb.get_item(TableName=TABLES["bots"], Key=key))["Item"]["bots"]
    return status == 201 and row["bots"] == listed and after == {"N": str(listed + 1)}


async def _ingest_bot(current: Current, _: Recorded, row: Row) -> object:
    bot = await current.ingest.bot(_after("BOT#", row["pk"]))
    return bot and (bot.owner_id, bot.state, bot.sources) == (row["owner_id"], row["state"], row.get("sources", 0))


async def _source(current: Current, _: Recorded, row: Row) -> object:
    source = await current.ingest.source(_after("BOT#", row["pk"]), _after("SOURCE#", row["sk"]))
    return source and source.model_dump(mode="json")["source"] == row["source"]


async def _ledger_row(current: Current, _: Recorded, row: Row) -> object:
    start = datetime.fromisoformat(row["started_at"])
    payer = Payer(row["principal_kind"], row["principal_id"])
    pages = current.ledger.pages(payer, start, start + timedelta(microseconds=1))
    used = [each async for page in pages for each in page]
    return [each for each in used if each.settled == (row["state"] == "settled") and each.model == row["model"]]


async def _ledger_pointer(current: Current, _: Recorded, row: Row) -> object:
    pointer = await current.ledger.find_pointer(_after("INV#", row["pk"]))
    return pointer and pointer.revision == row["revision"]


def _after(prefix: str, key: str) -> str:
    assert key.startswith(prefix)
    return key.removeprefix(prefix)


READERS: Final[Mapping[str, Reader]] = {
    "chat: USER#…/CONV#…": _conversation,
    "chat: USER#…/IDEM#…": _idempotent_request,
    "chat: USER#…/RUNNING": _running,
    "chat: CONV#…/MSG#…": _message,
    "chat: TURN#…/META": _turn,
    "chat: TURN#…/INV#…": _invocation,
    "chat: TURN#…/TOOLS#ROUND#…": _tool_round,
    "chat: TURN#…/TOOLS#CALL#…": _call_of_round,
    "chat: OUTBOX#…/…": _outbox,
    "turn-log: TURN#…/…": _frame,
    "agents: CALL#…/CALL": _call,
    "agents: CALL#…/ANSWER": _answer,
    "agents: TURN#…/CANCELLED": _cancelled_turn,
    "agents: OUTBOX#…/…": _outbox,
    "bots: BOT#…/HEAD": _bot,
    "bots: BOT#…/VERSION#…": _bot_version,
    "bots: USER#…/BOT#…": _listed_bot,
    "bots: USER#…/BOTS": _number_of_bots,
    "bots: USER#…/IDEM#…": _idempotent_request,
    "bots: OUTBOX#…/…": _outbox,
    "ingest: BOT#…/BOT": _ingest_bot,
    "ingest: BOT#…/SOURCE#…": _source,
    "ingest: USER#…/IDEM#…": _idempotent_request,
    "analytics: USER#…/INV#…": _ledger_row,
    "analytics: INV#…/LEDGER": _ledger_pointer,
}
"""Every kind of row in a recorded release, with its reader."""


async def read(current: Current, recorded: Recorded, table: str, item: Mapping[str, Any]) -> object:
    """Read one recorded row; KeyError for a kind without a reader."""
    return await READERS[kind_of(table, item)](current, recorded, from_item(item))
