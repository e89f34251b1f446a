"""New people join the configured groups; known people do not."""

from typing import Any

import pytest

from infra.triggers import groups

NEW = [
    ("PostConfirmation_ConfirmSignUp", "CONFIRMED"),
    ("PostConfirmation_ConfirmSignUp", "EXTERNAL_PROVIDER"),
    ("PostAuthentication_Authentication", "FORCE_CHANGE_PASSWORD"),
]
KNOWN = [
    ("PostAuthentication_Authentication", "CONFIRMED"),
    ("PostAuthentication_Authentication", "EXTERNAL_PROVIDER"),
    ("PostConfirmation_ConfirmForgotPassword", "CONFIRMED"),
]


class FakeUserPool:
    def __init__(self) -> None:
        self.joined: list[tuple[str, str, str]] = []

    def admin_add_user_to_group(self, *, UserPoolId: str, Username: str, GroupName: str) -> None:  # noqa: N803 - AWS's
        self.joined.append((UserPoolId, Username, GroupName))


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> FakeUserPool:
    pool = FakeUserPool()
    monkeypatch.setattr(groups, "user_pool", lambda: pool)
    monkeypatch.setenv("AUTO_JOIN_USER_GROUPS", "CreatingBotAllowed, PublishAllowed,")
    return pool


def event(source: str, status: str) -> dict[str, Any]:
    return {
        "triggerSource": source,
        "userPoolId": "pool",
        "userName": "ann",
        "request": {"userAttributes": {"cognito:user_status": status}},
        "response": {},
    }


@pytest.mark.parametrize(("source", "status"), NEW)
def test_new_person_joins_the_groups_that_are_for_everyone(pool: FakeUserPool, source: str, status: str) -> None:
    assert groups.handler(event(source, status), None) == event(source, status)
    assert pool.joined == [("pool", "ann", "CreatingBotAllowed"), ("pool", "ann", "PublishAllowed")]


@pytest.mark.parametrize(("source", "status"), KNOWN)
def test_known_person_joins_no_group(pool: FakeUserPool, source: str, status: str) -> None:
    groups.handler(event(source, status), None)
    assert pool.joined == []


def test_without_configured_groups_no_user_is_added(pool: FakeUserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTO_JOIN_USER_GROUPS", "")
    groups.handler(event(*NEW[0]), None)
    assert pool.joined == []
