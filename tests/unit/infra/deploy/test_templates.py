"""Templates as the deployer sends them."""

import io
import zipfile
from pathlib import Path

import pytest

from infra.deploy.artifacts import Artifacts
from infra.deploy.stack_names import SERVICES
from infra.deploy.templates import NOT_UPLOADED, load, package, zipped
from infra.local.aws.deploy import setting_name
from tests.fakes.buckets import FakeBuckets


def laid(buckets: FakeBuckets) -> Artifacts:
    artifacts = Artifacts(buckets, "packages")
    artifacts.ensure()
    return artifacts


def test_code_is_uploaded_and_its_place_written_into_the_template() -> None:
    buckets = FakeBuckets()
    body = package("platform", laid(buckets)).body
    ((place, code),) = buckets.objects.items()
    assert f"CodeUri: s3://{place}" in body
    assert "CodeUri: ../" not in body
    with zipfile.ZipFile(io.BytesIO(code)) as archive:
        assert {"sign_up.py", "groups.py"} <= set(archive.namelist())


@pytest.mark.parametrize("service", SERVICES)
def test_template_without_code_uploads_nothing(service: str) -> None:
    buckets = FakeBuckets()
    package(service, laid(buckets))
    assert buckets.objects == {}


def test_same_code_gives_the_same_bytes_whenever_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    first = zipped(tmp_path)
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "notes.txt").write_text("not code")
    assert zipped(tmp_path) == first
    (tmp_path / "a.py").write_text("x = 2\n")
    assert zipped(tmp_path) != first


def test_short_forms_are_read_as_their_long_ones() -> None:
    platform = load("platform")
    assert platform["Outputs"]["EventBus"]["Value"] == {"Ref": "Bus"}
    assert platform["Resources"]["JoinGroupsPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] == {
        "Fn::GetAtt": ["UserPool", "Arn"]
    }


def test_package_knows_which_parameters_a_template_takes() -> None:
    assert "AllowedSignUpEmailDomains" in package("platform", laid(FakeBuckets())).parameters
    taken = package("chat", laid(FakeBuckets())).parameters
    assert taken.keys() >= {"Environment", "ProtectData", "Compute"}
    assert "AllowedSignUpEmailDomains" not in taken


@pytest.mark.parametrize(
    ("output", "setting"),
    [
        ("Table", "COLLOQUY_TABLE"),
        ("EventsQueueUrl", "COLLOQUY_EVENTS_QUEUE_URL"),
        ("TurnLogTable", "COLLOQUY_TURN_LOG_TABLE"),
        ("UserPoolJwksUrl", "COLLOQUY_USER_POOL_JWKS_URL"),
    ],
)
def test_output_becomes_a_setting(output: str, setting: str) -> None:
    assert setting_name(output) == setting


def test_packages_of_functions_need_not_be_built_where_processes_compute() -> None:
    buckets = FakeBuckets()
    body = package("chat", laid(buckets)).body
    assert f"CodeUri: {NOT_UPLOADED}" in body
    assert "build/functions" not in body
    assert buckets.objects == {}


def test_with_functions_their_packages_are_uploaded_as_they_were_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sam").mkdir()
    (tmp_path / "thing.zip").write_bytes(b"built")
    (tmp_path / "sam/thing.yaml").write_text("Parameters: {}\nResources:\n  A:\n    CodeUri: ../thing.zip\n")
    monkeypatch.setattr("infra.deploy.templates.FOLDER", tmp_path / "sam")
    buckets = FakeBuckets()
    body = package("thing", laid(buckets), with_functions=True).body
    ((place, code),) = buckets.objects.items()
    assert f"CodeUri: s3://{place}" in body
    assert code == b"built"
