"""The page about streams has a row for each frame with its fields."""

import re
from typing import get_args

from services.chat.domain import Frame, Turn, TurnUsage
from services.chat.domain.frames import ENDINGS, FrameEvent
from tests.stack import ROOT

PAGE = (ROOT / "docs/streams.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([a-z.]+)` \| (.*?) \|", PAGE, re.MULTILINE))

TURN = Turn.model_validate(
    {
        "id": "turn", "conversation_id": "c", "owner_id": "ann", "user_message_id": "u", "message_id": "m",
        "model": "scripted.echo", "lease_until": 0, "deadline": 0, "created_at": "2026-11-28T00:00:00Z",
    }
)  # fmt: skip


def names(cell: str) -> set[str]:
    """The names in code marks, without the values in brackets."""
    return set(re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", cell)))


def test_there_is_a_row_for_each_frame_in_the_order_of_the_code() -> None:
    assert tuple(ROWS) == get_args(FrameEvent)


def test_the_last_three_frames_end_a_stream() -> None:
    assert set(list(ROWS)[-3:]) == ENDINGS
    assert all(Frame(1, name, "{}", 1).ends == (name in ENDINGS) for name in ROWS)


def test_turn_started_has_the_documented_fields() -> None:
    assert names(ROWS["turn.started"]) == TURN.started_frame().keys()


def test_usage_has_the_documented_fields() -> None:
    assert names(ROWS["usage"]) == TurnUsage.model_fields.keys()
