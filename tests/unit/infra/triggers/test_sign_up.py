"""Only addresses of the allowed domains may sign up."""

from typing import Any

import pytest

from infra.triggers.sign_up import SignUpRefusedError, handler


def signing_up(email: str, source: str = "PreSignUp_SignUp") -> dict[str, Any]:
    return {"triggerSource": source, "request": {"userAttributes": {"email": email}}, "response": {}}


@pytest.fixture
def allow(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda domains: monkeypatch.setenv("ALLOWED_SIGN_UP_EMAIL_DOMAINS", domains)


@pytest.mark.parametrize("email", ["ann@example.com", "ANN@Example.COM", "a@b@example.org"])
def test_address_of_an_allowed_domain_passes_unchanged(allow: Any, email: str) -> None:
    allow("example.com, Example.org ")
    event = signing_up(email)
    assert handler(event, None) == signing_up(email)


@pytest.mark.parametrize(
    "email", ["ann@elsewhere.example", "ann@sub.example.com", "ann@notexample.com", "ann@example.com.evil", "", "ann"]
)
def test_any_other_address_is_refused(allow: Any, email: str) -> None:
    allow("example.com")
    with pytest.raises(SignUpRefusedError):
        handler(signing_up(email), None)


def test_a_refusal_contains_neither_address_nor_domain(allow: Any) -> None:
    allow("secret-customer.example")
    with pytest.raises(SignUpRefusedError) as refused:
        handler(signing_up("ann@elsewhere.example"), None)
    assert "secret" not in str(refused.value)
    assert "elsewhere" not in str(refused.value)


def test_without_a_list_everyone_may_sign_up(allow: Any) -> None:
    allow("")
    assert handler(signing_up("ann@elsewhere.example"), None)


def test_person_invited_by_an_administrator_needs_no_allowed_domain(allow: Any) -> None:
    allow("example.com")
    assert handler(signing_up("guest@elsewhere.example", "PreSignUp_AdminCreateUser"), None)


def test_person_from_another_identity_provider_needs_an_allowed_domain(allow: Any) -> None:
    allow("example.com")
    with pytest.raises(SignUpRefusedError):
        handler(signing_up("ann@elsewhere.example", "PreSignUp_ExternalProvider"), None)
