"""A function as the embedded AWS describes it, and the plan to run it locally."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from infra.local.lambdas.deployed_function import DeployedFunction, HostTools

NAME = "colloquy-local-chat-Http-ABC123"
LOCAL = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4599", "COLLOQUY_AGENTS_URL": "http://127.0.0.1:1"}
VARIABLES = {
    "COLLOQUY_TABLE": "t",
    "COLLOQUY_AGENTS_URL": "ssm:/colloquy/local/agents/api-url",
    "COLLOQUY_USER_POOL_ISSUER": "https://cognito-idp.eu-west-1.amazonaws.com/pool",
}


class FakeLambda:
    def __init__(self, code: Path, *layers: str) -> None:
        self._code, self._layers = code, layers

    def get_function(self, *, FunctionName: str, Qualifier: str) -> dict[str, Any]:  # noqa: N803 - AWS's
        assert (FunctionName, Qualifier) == (NAME, "live")
        configuration = {
            "Version": "7", "Handler": "services.chat.lambda_handlers.turns", "Timeout": 30, "MemorySize": 1024,
            "Environment": {"Variables": VARIABLES}, "Layers": [{"Arn": layer} for layer in self._layers],
        }  # fmt: skip
        return {"Configuration": configuration, "Code": {"Location": self._code.as_uri()}}


@pytest.fixture
def code(tmp_path: Path) -> Path:
    archive_file = io.BytesIO()
    with zipfile.ZipFile(archive_file, "w") as archive:
        archive.writestr("run.sh", "#!/bin/sh\n")
        archive.writestr("services/chat.py", "")
    (tmp_path / "code.zip").write_bytes(archive_file.getvalue())
    return tmp_path / "code.zip"


@pytest.fixture
def tools(tmp_path: Path) -> HostTools:
    (tmp_path / "tasks").mkdir()
    return HostTools(Path("/adapter"), Path("/ric"), tmp_path / "tasks")


def test_an_alias_is_resolved_to_its_version(code: Path) -> None:
    found = DeployedFunction.find(FakeLambda(code), NAME, "live")
    assert (found.version, found.timeout_s, found.title) == ("7", 30, "chat-Http")


def test_a_function_with_the_adapter_layer_is_run_behind_the_adapter(code: Path, tools: HostTools) -> None:
    layer = "arn:aws:lambda:us-east-1:753240598075:layer:LambdaAdapterLayerX86:30"
    plan = DeployedFunction.find(FakeLambda(code, layer), NAME, "live").plan(tools, LOCAL)
    assert plan.memory_mb == 1024
    assert (plan.adapter, plan.command[0]) == (Path("/adapter"), str(plan.task / "run.sh"))


def test_a_function_without_the_layer_is_run_by_the_runtime_client(code: Path, tools: HostTools) -> None:
    plan = DeployedFunction.find(FakeLambda(code), NAME, "live").plan(tools, LOCAL)
    assert plan.adapter is None
    assert plan.command[-2:] == ("awslambdaric", "services.chat.lambda_handlers.turns")
    assert plan.variables["PYTHONPATH"] == f"{plan.task}:/ric"
    assert plan.name == NAME


def test_local_variables_take_precedence_over_those_of_the_template(code: Path, tools: HostTools) -> None:
    variables = DeployedFunction.find(FakeLambda(code), NAME, "live").plan(tools, LOCAL).variables
    assert variables["COLLOQUY_TABLE"] == "t"
    assert variables["COLLOQUY_AGENTS_URL"] == "http://127.0.0.1:1"
    assert variables["COLLOQUY_USER_POOL_JWKS_URL"] == "http://127.0.0.1:4599/pool/.well-known/jwks.json"


def test_a_package_is_unpacked_once_and_read_only(code: Path, tools: HostTools) -> None:
    first = DeployedFunction.find(FakeLambda(code), NAME, "live").plan(tools, LOCAL).task
    stamp = first.stat().st_mtime_ns
    assert DeployedFunction.find(FakeLambda(code), NAME, "live").plan(tools, LOCAL).task == first
    assert first.stat().st_mtime_ns == stamp
    assert first.stat().st_mode & 0o777 == 0o555
    assert (first / "services/chat.py").is_file()
    assert sorted(path.name for path in tools.folder.iterdir()) == [first.name]
