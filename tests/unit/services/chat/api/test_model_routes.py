"""The list of models over HTTP: what a page needs to know to offer a model, and to offer how it thinks."""

from typing import Any

import pytest

from services.chat.api.schemas import ModelView
from shared.catalogue import Model
from shared.catalogue.data import catalogue_data
from tests.unit.services.chat.api.conftest import Api

MODELS = catalogue_data().models


async def models(api: Api) -> dict[str, dict[str, Any]]:
    status, listed, _ = await api.call("GET", "/models")
    assert (status, listed["next_cursor"]) == (200, None)
    return {each["id"]: each for each in listed["items"]}


async def test_a_model_has_its_public_fields_only(api: Api) -> None:
    found = (await models(api))["scripted.lorem"]
    assert found == {
        "id": "scripted.lorem",
        "name": "Scripted: as directed",
        "provider": "Scripted",
        "capabilities": {
            "images": False,
            "documents": True,
            "video": False,
            "reasoning": "budget",
            "thinking": {"thinks": "optional", "efforts": [], "default_effort": None, "silent": False},
            "tools": True,
            "prefill": True,
            "prompt_caching": True,
            "token_counting": True,
        },
        "limits": {"context_tokens": 200_000, "output_tokens": 16_384},
        "prices": {"input": "1", "output": "5", "cache_read": "0.1", "cache_write": "1.25"},
        "default": False,
        "notice": "scripted_model",
        "legacy_on": None,
        "ends_on": None,
    }


async def test_one_model_is_the_default_one(api: Api) -> None:
    assert [each["id"] for each in (await models(api)).values() if each["default"]] == ["scripted.echo"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_every_model_of_the_catalogue_can_be_shown(model: Model) -> None:
    shown = ModelView(**dict(model), default=False)
    assert shown.capabilities.thinking.efforts == list(model.capabilities.thinking.efforts)


@pytest.mark.parametrize(
    ("model_id", "thinks", "efforts", "default"),
    [
        ("claude-opus-5-5", "always", ["low", "medium", "high", "xhigh", "max"], "medium"),
        ("claude-haiku-5-5", "optional", ["low", "medium", "high", "xhigh", "max"], "medium"),
        ("claude-haiku-4-5", "optional", [], None),
        ("gpt-6-luna", "optional", ["none", "low", "medium", "high", "xhigh", "max"], "medium"),
        ("grok-4.7", "always", ["low", "medium", "high", "xhigh"], "high"),
        ("nova-pro", "never", [], None),
    ],
)
def test_a_page_sees_whether_a_model_thinks_and_how_hard(
    model_id: str, thinks: str, efforts: list[str], default: str | None
) -> None:
    (model,) = [each for each in MODELS if each.id == model_id]
    thinking = ModelView(**dict(model), default=False).capabilities.thinking
    assert (thinking.thinks, thinking.efforts, thinking.default_effort) == (thinks, efforts, default)


def test_a_page_sees_when_a_model_ends() -> None:
    (model,) = [each for each in MODELS if each.id == "claude-sonnet-4-5"]
    shown = ModelView(**dict(model), default=False).model_dump(mode="json")
    assert (shown["legacy_on"], shown["ends_on"]) == ("2026-10-08", "2027-04-08")
