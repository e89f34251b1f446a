"""Templates as the deployer sends them to CloudFormation."""

import io
import zipfile
from pathlib import Path

import pytest

from infra.deploy.artifacts import Artifacts
from infra.deploy.stack_names import SERVICES
from infra.deploy.templates import NOT_UPLOADED, load, package, zipped
from infra.local.aws.deploy import setting_name
from tests.fakes.buckets import FakeBuckets


def artifacts_in(buckets: FakeBuckets) -> Artifacts:
    artifacts = Artifacts(buckets, "packages")
    artifacts.ensure()
    return artifacts


def test_code_is_uploaded_and_its_address_written_into_the_template() -> None:
    buckets = FakeBuckets()
    body = package("platform", artifacts_in(buckets)).body
    ((location, code),) = buckets.objects.items()
    assert f"CodeUri: s3://{location}" in body
    assert "CodeUri: ../" not in body
    with zipfile.ZipFile(io.BytesIO(code)) as archive:
        assert {"sign_up.py", "groups.py"} <= set(archive.namelist())


@pytest.mark.parametrize("service", SERVICES)
def test_template_without_code_uploads_nothing(service: str) -> None:
    buckets = FakeBuckets()
    package(service, artifacts_in(buckets))
    assert buckets.objects == {}


def test_same_code_gives_the_same_bytes_at_any_time(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    first = zipped(tmp_path)
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "notes.txt").write_text("not code")
    assert zipped(tmp_path) == first
    (tmp_path / "a.py").write_text("x = 2\n")
    assert zipped(tmp_path) != first


def test_short_form_functions_are_read_as_long_forms() -> None:
    platform = load("platform")
    assert platform["Outputs"]["EventBus"]["Value"] == {"Ref": "Bus"}
    assert platform["Resources"]["JoinGroupsPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] == {
        "Fn::GetAtt": ["UserPool", "Arn"]
    }


def test_package_has_the_parameters_of_its_template() -> None:
    assert "AllowedSignUpEmailDomains" in package("platform", artifacts_in(FakeBuckets())).parameters
    parameters = package("chat", artifacts_in(FakeBuckets())).parameters
    assert parameters.keys() >= {"Environment", "ProtectData", "Compute"}
    assert "AllowedSignUpEmailDomains" not in parameters


@pytest.mark.parametrize(
    ("output", "setting"),
    [
        ("Table", "COLLOQUY_TABLE"),
        ("EventsQueueUrl", "COLLOQUY_EVENTS_QUEUE_URL"),
        ("TurnLogTable", "COLLOQUY_TURN_LOG_TABLE"),
        ("UserPoolJwksUrl", "COLLOQUY_USER_POOL_JWKS_URL"),
    ],
)
def test_output_has_the_name_of_its_setting(output: str, setting: str) -> None:
    assert setting_name(output) == setting


def test_without_functions_their_packages_are_not_uploaded() -> None:
    buckets = FakeBuckets()
    body = package("chat", artifacts_in(buckets)).body
    assert f"CodeUri: {NOT_UPLOADED}" in body
    assert "build/functions" not in body
    assert buckets.objects == {}


def test_with_functions_the_built_packages_are_uploaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sam").mkdir()
    (tmp_path / "thing.zip").write_bytes(b"built")
    (tmp_path / "sam/thing.yaml").write_text("Parameters: {}\nResources:\n  A:\n    CodeUri: ../thing.zip\n")
    monkeypatch.setattr("infra.deploy.templates.FOLDER", tmp_path / "sam")
    buckets = FakeBuckets()
    body = package("thing", artifacts_in(buckets), with_functions=True).body
    ((location, code),) = buckets.objects.items()
    assert f"CodeUri: s3://{location}" in body
    assert code == b"built"
