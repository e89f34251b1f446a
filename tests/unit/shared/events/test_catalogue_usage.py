"""The events of an invocation: opened, then settled."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from shared.events.catalogue.chat import ModelInvoked
from shared.events.envelope import Envelope
from tests.fakes.clock import START, FakeClock
from tests.fakes.example_events import model_invoked

SETTLED = {"state": "settled", "basis": "reported", "ended_at": START + timedelta(seconds=2), "output_tokens": 40}


def invoked(**changed: Any) -> Envelope:
    return model_invoked(FakeClock(), **changed)


def test_an_invocation_is_opened_and_then_settled() -> None:
    assert ModelInvoked.model_validate(invoked().data).basis is None
    assert ModelInvoked.model_validate(invoked(**SETTLED, revision=2).data).output_tokens == 40


@pytest.mark.parametrize(
    "wrong",
    [
        {"basis": "estimated"},
        {"ended_at": START},
        {**SETTLED, "basis": None},
        {**SETTLED, "ended_at": None},
        {"input_tokens": -1},
        {"cost_nano_usd": 0.5},
        {"revision": 0},
        {"purpose": "fun"},
        {"model": "what is my prompt"},
    ],
)
def test_an_inconsistent_invocation_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        invoked(**wrong)
