"""Every row of a recorded release can be read by its service."""

from typing import Any

import pytest

from tests.recorded.current import TABLES, Current
from tests.recorded.loader import Recorded
from tests.recorded.row_readers import READERS, kind_of, read


def test_every_kind_of_row_has_a_reader(recorded: Recorded) -> None:
    kinds = {kind_of(table, item) for table in TABLES for item in recorded.rows(table)}
    assert kinds == set(READERS)


@pytest.mark.parametrize("table", TABLES)
async def test_every_row_is_read(table: str, recorded: Recorded, current: Current) -> None:
    unread = [item for item in recorded.rows(table) if not await read(current, recorded, table, item)]
    assert [(item["pk"]["S"], item["sk"]["S"]) for item in unread] == []


async def test_running_turns_of_the_recording_count_towards_the_limit(recorded: Recorded, current: Current) -> None:
    running = len(occupied_by(recorded, "ann")["turns"]["SS"])
    status, head = await current.call(recorded.user("ann"), "POST", "/api/chat/conversations")
    assert status == 201
    with pytest.raises(current.Refused, match="too-many-turns"):
        await current.start_turn(head["id"], recorded.user("ann"), running_turns_limit=running)
    await current.start_turn(head["id"], recorded.user("ann"), running_turns_limit=running + 1)


async def test_stream_leases_of_the_recording_count_until_they_end(recorded: Recorded, current: Current) -> None:
    ends = [int(value["N"]) for name, value in occupied_by(recorded, "ann").items() if name.startswith("place_")]
    leased = sum(end > recorded.notes["recorded_at"] for end in ends)
    assert 0 < leased < 12
    assert await current.streams_that_can_open(recorded.user("ann"), open_streams_limit=12) == 12 - leased


async def test_recorded_stream_leases_expire(recorded: Recorded, current: Current) -> None:
    current.clock.advance(30)
    assert await current.streams_that_can_open(recorded.user("ann"), open_streams_limit=12) == 12


def occupied_by(recorded: Recorded, user: str) -> dict[str, Any]:
    """The row with the turns and streams of a user."""
    (row,) = [item for item in recorded.rows("chat") if item["sk"]["S"] == "RUNNING"]
    assert row["pk"]["S"] == f"USER#{recorded.user(user)}"
    return row
