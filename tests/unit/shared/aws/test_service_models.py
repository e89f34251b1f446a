"""Botocore's service models, trimmed to the operations that are called, work for every client."""

from pathlib import Path
from typing import get_args

import pytest
from aiobotocore.session import AioSession
from botocore.loaders import Loader
from botocore.model import ServiceModel

from shared.aws.call_limits import ClientName
from shared.aws.service_models import CALLED, TrimmedServiceModels, keep_called_operations, new_session


def model(name: str) -> ServiceModel:
    loader = Loader(file_loader=TrimmedServiceModels())
    return ServiceModel(loader.load_service_model(name, "service-2"), name)


@pytest.mark.parametrize("name", get_args(ClientName))
def test_every_operation_of_every_client_has_all_its_shapes(name: str) -> None:
    described = model(name)
    for operation in described.operation_names:
        each = described.operation_model(operation)
        shapes = [shape for shape in (each.input_shape, each.output_shape) if shape is not None]
        assert [shape.type_name for shape in shapes] == ["structure"] * len(shapes)
        for shape in shapes:
            assert all(member.type_name for member in shape.members.values())


@pytest.mark.parametrize("name", get_args(ClientName))
def test_the_client_context_parameters_of_every_client_have_types(name: str) -> None:
    parameters = model(name).client_context_parameters
    assert all(parameter.type for parameter in parameters)


def test_s3_has_client_context_parameters() -> None:
    assert model("s3").client_context_parameters


def test_a_big_service_has_only_the_called_operations() -> None:
    assert set(model("dynamodb").operation_names) == CALLED["DynamoDB"]


def test_the_bedrock_runtime_has_converse_stream_and_count_tokens() -> None:
    assert {"ConverseStream", "CountTokens"} <= set(model("bedrock-runtime").operation_names)


def test_a_service_not_in_the_list_is_not_trimmed() -> None:
    service = {"metadata": {"serviceId": "Small"}, "operations": {"Do": {}}, "shapes": {"Unused": {}}}
    assert keep_called_operations(service) is service


def test_a_recursive_shape_is_kept_once() -> None:
    service = {
        "metadata": {"serviceId": "EventBridge"},
        "operations": {"PutEvents": {"input": {"shape": "Tree"}}, "Other": {"input": {"shape": "Leaf"}}},
        "shapes": {"Tree": {"members": {"below": {"shape": "Tree"}}}, "Leaf": {"type": "string"}},
    }
    kept = keep_called_operations(service)
    assert (set(kept["operations"]), set(kept["shapes"])) == ({"PutEvents"}, {"Tree"})


async def test_a_profile_gets_its_credentials_from_the_real_aws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """STS and IAM Identity Center receive the person's own token: an embedded AWS must not stand in for them."""
    (tmp_path / "config").write_text("[profile mine]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert await endpoint(new_session("mine"), "sts") == "https://sts.us-east-1.amazonaws.com"
    assert await endpoint(new_session("mine"), "sso") == "https://portal.sso.us-east-1.amazonaws.com"
    assert await endpoint(new_session(), "sts") == "http://127.0.0.1:1"


async def endpoint(session: AioSession, service: str) -> str:
    async with session.create_client(service) as client:
        return str(client.meta.endpoint_url)
