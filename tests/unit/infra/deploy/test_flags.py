"""The flags of `./deploy.sh`, which are those of bedrock-chat."""

from pathlib import Path

import pytest

from infra.deploy.config import DeployConfig
from infra.deploy.flags import config_of, parser
from infra.deploy.parameters import InvalidParameterError


def config(*arguments: str) -> DeployConfig:
    return config_of(parser().parse_args(arguments))


@pytest.mark.parametrize(
    ("arguments", "parameters"),
    [
        ([], {}),
        (["--disable-self-register"], {"SelfSignUp": False}),
        (["--enable-lambda-snapstart"], {"SnapStart": True}),
        (["--disable-ipv6"], {"EnableIpv6": False}),
        (["--bedrock-region", "us-west-2"], {"BedrockRegion": "us-west-2"}),
        (["--ipv4-ranges", '["10.0.0.0/8", "::"]'], {"AllowedIpV4AddressRanges": ["10.0.0.0/8", "::"]}),
        (["--ipv6-ranges", "2001:db8::/32"], {"AllowedIpV6AddressRanges": ["2001:db8::/32"]}),
        (["--allowed-signup-email-domains", "a.com,b.com"], {"AllowedSignUpEmailDomains": ["a.com", "b.com"]}),
        (["--parameter", "Canary=A", "--parameter", "Urls=https://a?b=c"], {"Canary": "A", "Urls": "https://a?b=c"}),
        (["--cdk-json-override", '{"context": {"enableRagReplicas": false}}'], {"RagReplicas": False}),
    ],
)  # fmt: skip
def test_a_flag_sets_a_parameter(arguments: list[str], parameters: dict[str, object]) -> None:
    assert config(*arguments).parameters == parameters


def test_the_environment_has_a_default_name() -> None:
    assert parser().parse_args([]).env == "default"
    assert parser().parse_args(["--env", "prod"]).env == "prod"


def test_a_flag_takes_precedence_over_the_file_and_old_options(tmp_path: Path) -> None:
    file = tmp_path / "deploy.toml"
    file.write_text("[default]\nfirewall = false\n[default.parameters]\nSelfSignUp = true\nRagReplicas = true\n")
    found = config(
        "--file", str(file), "--cdk-json-override", '{"enableRagReplicas": false}', "--disable-self-register"
    )
    assert found.parameters == {"SelfSignUp": False, "RagReplicas": False}
    assert not found.firewall


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["--version", "v1.2"], "--version: check out the version first: git checkout v1.2"),
        (
            ["--repo-url", "https://x"],
            "--repo-url: clone that repository and run its own deploy.sh: git clone https://x",
        ),
        (["--parameter", "Canary"], "must be NAME=VALUE"),
        (["--cdk-json-override", '{"logoPath": 7}'], "logo: "),
    ],
)
def test_an_unsupported_flag_is_refused_with_advice(arguments: list[str], advice: str) -> None:
    with pytest.raises(InvalidParameterError, match=advice):
        config(*arguments)
