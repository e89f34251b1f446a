import json
from pathlib import Path

import pytest

from infra.local.gateway import cognito
from infra.local.gateway.security_headers import security_headers
from infra.local.gateway.settings import REPOSITORY

EDGE = REPOSITORY / "infra" / "edge-headers.json"


def test_scripts_come_from_our_own_origin_only() -> None:
    policy = security_headers(EDGE)["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy


def test_the_policy_allows_connections_to_the_hosted_sign_in_domain() -> None:
    domain = "https://example.auth.eu-west-1.amazoncognito.com"
    plain = security_headers(EDGE)["Content-Security-Policy"]
    hosted = security_headers(EDGE, connect_to=[domain])["Content-Security-Policy"]
    assert "connect-src 'self';" in plain
    assert hosted == plain.replace("connect-src 'self'", f"connect-src 'self' {domain}")


def test_strict_transport_is_for_https_only() -> None:
    assert "Strict-Transport-Security" not in security_headers(EDGE)
    assert "Strict-Transport-Security" in security_headers(EDGE, https=True)


def test_an_invalid_file_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "edge.json"
    broken.write_text(json.dumps({"headers": {}}))
    with pytest.raises(KeyError):
        security_headers(broken)


@pytest.mark.parametrize("operation", ["AdminSetUserPassword", "ListUsers", "DeleteUserPool", "CreateGroup", "", "*"])
def test_operations_that_need_credentials_are_not_public(operation: str) -> None:
    assert not cognito.is_public(f"AWSCognitoIdentityProviderService.{operation}")


def test_only_operations_of_the_user_pool_are_public() -> None:
    assert cognito.is_public("AWSCognitoIdentityProviderService.InitiateAuth")
    assert not cognito.is_public("DynamoDB_20120810.InitiateAuth")
    assert not cognito.is_public("InitiateAuth")
