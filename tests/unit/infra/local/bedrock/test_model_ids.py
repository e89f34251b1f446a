import pytest

from infra.local.bedrock.model_ids import ModelId, parse


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        ("scripted.lorem", ModelId("", "scripted.lorem")),
        ("us.scripted.lorem", ModelId("us", "scripted.lorem")),
        ("global.local.smollm2", ModelId("global", "local.smollm2")),
        ("apac.anthropic.claude-x-v1%3A0", ModelId("apac", "anthropic.claude-x-v1:0")),
        ("arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Ainference-profile%2Feu.scripted.echo", ModelId("eu", "scripted.echo")),
        ("usual.model", ModelId("", "usual.model")),
    ],
)
def test_an_id_is_split_into_profile_and_model(segment: str, expected: ModelId) -> None:
    assert parse(segment) == expected


def test_an_id_is_formatted_as_it_was_parsed() -> None:
    assert str(parse("us.scripted.lorem")) == "us.scripted.lorem"
    assert str(parse("scripted.lorem")) == "scripted.lorem"
