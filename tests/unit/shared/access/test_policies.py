"""Policies: owners may do everything with their resources; other principals may do nothing."""

import pytest

from shared.access import BotAccess, ConversationAccess
from shared.identity import Principal

OWNER = Principal("ann", "user")
OTHERS = [
    Principal("bob", "user"),
    Principal("bob", "user", groups=frozenset({"Admin"})),
    Principal("key_1", "machine"),
]


def test_an_owner_may_do_everything_with_a_bot() -> None:
    access = BotAccess("ann")
    assert access.may_use(OWNER)
    assert access.may_edit(OWNER)


@pytest.mark.parametrize("principal", OTHERS, ids=lambda each: f"{each.kind} {sorted(each.groups)}")
def test_other_principals_may_do_nothing_with_a_bot(principal: Principal) -> None:
    access = BotAccess("ann")
    assert not access.may_use(principal)
    assert not access.may_edit(principal)


def test_a_conversation_is_readable_by_its_owner_only() -> None:
    assert ConversationAccess("ann").may_read(OWNER)
    assert not any(ConversationAccess("ann").may_read(other) for other in OTHERS)


def test_a_service_acting_for_the_owner_may_use_the_bot() -> None:
    assert BotAccess("ann").may_use(Principal("ann", "service", via="chat"))
