"""Which credentials `make up BEDROCK=aws` takes, and what it says when something is missing."""

from pathlib import Path
from typing import Any, Final

import pytest

from infra.local.up.bedrock.credentials import BedrockCredentials, choose, stored
from infra.local.up.errors import CannotStartError
from infra.local.up.settings import UpSettings
from infra.local.up.state import State

KEY: Final = {"aws_bearer_token_bedrock": "ABSK-key"}
PROFILE: Final = {"aws_profile": "work"}
ACCESS_KEYS: Final = {"aws_access_key_id": "AKIA1", "aws_secret_access_key": "s/e+c"}


@pytest.fixture(autouse=True)
def no_keys_in_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / ".aws"
    folder.mkdir()
    (folder / "config").write_text("[default]\nregion = eu-west-1\n[profile work]\nsso_session = corp\n")
    (folder / "credentials").write_text("[keys]\naws_access_key_id = A\naws_secret_access_key = B\n")
    return tmp_path


def chosen(home: Path, **given: Any) -> BedrockCredentials:
    found = choose(UpSettings.model_validate({"bedrock": "aws", **given}), {"HOME": str(home)}, State(home / "state"))
    assert found is not None
    return found


def test_local_models_need_no_credentials(home: Path) -> None:
    assert choose(UpSettings.model_validate(KEY), {"HOME": str(home)}, State(home)) is None


def test_without_credentials_the_message_names_every_way_to_give_them_the_known_profiles_and_the_region(
    home: Path,
) -> None:
    with pytest.raises(CannotStartError) as refused:
        chosen(home, bedrock_region="eu-central-1")
    for expected in (
        "AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE=<name>", "default, keys, work", "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "eu-central-1", "BEDROCK_REGION",
    ):  # fmt: skip
        assert expected in str(refused.value)


def test_an_api_key_is_preferred_to_a_profile_and_a_profile_to_access_keys(home: Path) -> None:
    assert chosen(home, **KEY, **PROFILE, **ACCESS_KEYS).variables == {"AWS_BEARER_TOKEN_BEDROCK": "ABSK-key"}
    both = chosen(home, **PROFILE, **ACCESS_KEYS)
    assert both.variables["COLLOQUY_BEDROCK_PROFILE"] == "work"
    assert both.not_used == "AWS_ACCESS_KEY_ID"


def test_a_profile_comes_with_the_absolute_paths_of_its_files(home: Path) -> None:
    assert chosen(home, **PROFILE).variables == {
        "COLLOQUY_BEDROCK_PROFILE": "work",
        "AWS_CONFIG_FILE": f"{home}/.aws/config",
        "AWS_SHARED_CREDENTIALS_FILE": f"{home}/.aws/credentials",
    }


def test_access_keys_become_a_profile_in_a_file_of_the_state_folder(home: Path) -> None:
    state = State(home / "state")
    state.run.mkdir(parents=True)
    found = chosen(home, **ACCESS_KEYS, aws_session_token="t=")
    file = Path(found.variables["AWS_SHARED_CREDENTIALS_FILE"])
    with stored(found, state):
        assert file.is_relative_to(state.run)
        assert file.read_text() == (
            f"[{found.variables['COLLOQUY_BEDROCK_PROFILE']}]\n"
            "aws_access_key_id = AKIA1\naws_secret_access_key = s/e+c\naws_session_token = t=\n"
        )
    assert not file.exists()


def test_a_file_that_a_killed_start_left_is_deleted(home: Path) -> None:
    state = State(home / "state")
    state.run.mkdir(parents=True)
    file = state.run / "bedrock-credentials"
    file.write_text("old keys")
    with stored(None, state):
        assert not file.exists()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"aws_profile": "wrok"}, "AWS_PROFILE=wrok: no such profile in .*there are: default, keys, work"),
        ({"aws_access_key_id": "AKIA1"}, "AWS_SECRET_ACCESS_KEY is missing"),
        ({"aws_secret_access_key": "hidden"}, "AWS_ACCESS_KEY_ID is missing"),
        ({"aws_access_key_id": "ASIA1", "aws_secret_access_key": "hidden"}, "AWS_SESSION_TOKEN is missing"),
        ({"aws_bearer_token_bedrock": "hidden key"}, "AWS_BEARER_TOKEN_BEDROCK has blanks"),
        ({"aws_bearer_token_bedrock": "hidden…"}, "AWS_BEARER_TOKEN_BEDROCK has blanks or letters"),
        ({"aws_access_key_id": "AKIA1", "aws_secret_access_key": "hid\nden"}, "AWS_SECRET_ACCESS_KEY has blanks"),
    ],
)
def test_what_is_incomplete_or_wrong_is_named_without_the_secret(
    given: dict[str, str], expected: str, home: Path
) -> None:
    with pytest.raises(CannotStartError, match=expected) as refused:
        chosen(home, **given)
    assert "hid" not in str(refused.value)


def test_blanks_around_a_pasted_key_are_removed(home: Path) -> None:
    found = chosen(home, aws_bearer_token_bedrock=" ABSK-key\n")
    assert found.variables == {"AWS_BEARER_TOKEN_BEDROCK": "ABSK-key"}


def test_a_machine_without_profile_files_has_no_profiles(tmp_path: Path) -> None:
    with pytest.raises(CannotStartError, match="there are none"):
        chosen(tmp_path, **PROFILE)


def test_a_profile_file_that_is_something_else_is_reported(home: Path) -> None:
    (home / ".aws" / "config").write_text("{not an ini file")
    with pytest.raises(CannotStartError, match="config is not a file of AWS profiles"):
        chosen(home, **PROFILE)
