"""Keys that are derived from one root."""

import re

from shared.secrets import keys_of


def test_a_root_gives_a_different_key_for_each_purpose() -> None:
    keys = keys_of({"root": "r" * 64})
    assert keys.keys() == {"cursor_secret", "internal_token_secret"}
    assert len(set(keys.values())) == 2
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys.values())
    assert keys_of({"root": "r" * 64}) == keys
    assert set(keys_of({"root": "s" * 64}).values()).isdisjoint(keys.values())


def test_during_rotation_the_previous_internal_token_secret_is_kept() -> None:
    before, after = keys_of({"root": "old"}), keys_of({"root": "new", "previous_root": "old"})
    assert after["internal_token_previous_secret"] == before["internal_token_secret"]
    assert after["internal_token_secret"] != before["internal_token_secret"]


def test_an_explicit_key_takes_precedence_and_the_root_is_optional() -> None:
    assert keys_of({"root": "r", "cursor_secret": "own"})["cursor_secret"] == "own"
    assert keys_of({}) == {}
