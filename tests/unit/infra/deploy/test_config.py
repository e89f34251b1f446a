"""`deploy.toml`: the settings of an environment, and errors that name the invalid key."""

from pathlib import Path

import pytest

from infra.deploy.config import DeployConfig, read_config
from infra.deploy.parameters import InvalidParameterError

WHOLE = """
[prod]
region = "eu-central-1"
arch = "x86_64"
firewall = false
logo = "logo.svg"

[prod.parameters]
SelfSignUp = false
DefaultTopP = 0.5
IdTokenMinutes = 60
AllowedCountries = ["JP", "US"]
DefaultStopSequences = ["Human: "]
OidcProviderName = "Corp"

[test]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "deploy.toml").write_text(WHOLE)
    (tmp_path / "logo.svg").write_text("<svg/>")
    return tmp_path / "deploy.toml"


def test_a_table_is_read_and_its_logo_path_is_relative_to_the_file(file: Path) -> None:
    config = read_config(file, "prod")
    assert (config.region, config.arch, config.firewall) == ("eu-central-1", "x86_64", False)
    assert config.logo == (file.parent / "logo.svg").resolve()


def test_parameters_are_converted_to_text_together_with_those_of_functions(file: Path) -> None:
    assert read_config(file, "prod").parameters_as_text() == {
        "SelfSignUp": "false",
        "DefaultTopP": "0.5",
        "IdTokenMinutes": "60",
        "AllowedCountries": "JP,US",
        "DefaultStopSequences": '["Human: "]',
        "OidcProviderName": "Corp",
        "Compute": "lambda",
        "Arch": "x86_64",
        "PythonRuntime": "python3.13",
    }


def test_an_empty_table_means_the_defaults(file: Path) -> None:
    assert read_config(file, "test") == DeployConfig()
    assert DeployConfig().firewall


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[test]", r"has no table \[prod\]; it has test"),
        ("", r"has no table \[prod\]; it has none"),
        ("[prod", "deploy.toml: "),
        ("[prod]\nregoin = 'eu-west-1'", "prod.regoin: Extra inputs are not permitted"),
        ("[prod]\nregion = 'Europe'", "prod.region: "),
        ("[prod]\narch = 'sparc'", "prod.arch: "),
        ("[prod]\nruntime = '3.13'", "prod.runtime: "),
        ("[prod]\nlogo = 'missing.svg'", "prod.logo: there is no missing.svg"),
        ("[prod.parameters]\nSelfSignUp = {a = 1}", "prod.parameters.SelfSignUp"),
    ],
)
def test_an_invalid_file_is_refused_with_the_key(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "deploy.toml").write_text(text)
    with pytest.raises(InvalidParameterError, match=problem):
        read_config(tmp_path / "deploy.toml", "prod")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidParameterError, match="No such file"):
        read_config(tmp_path / "deploy.toml", "prod")
