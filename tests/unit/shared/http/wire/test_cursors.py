"""Cursors are accepted only if unchanged, from the same caller and for the same list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from shared.http.wire.cursors import CursorSigner
from shared.http.wire.pages import PageQuery
from shared.problems import Problem

SIGNER = CursorSigner(SecretStr("signs cursors in tests, and nowhere else"))
SCOPE = "person-1\n/api/chat/conversations"
positions = st.dictionaries(st.text(max_size=10), st.text(max_size=40), max_size=4)


@given(positions)
def test_a_cursor_is_read_as_the_position_it_was_written_from(position: dict[str, str]) -> None:
    assert SIGNER.read(SIGNER.write(position, SCOPE), SCOPE) == position


@given(positions, st.data())
def test_a_cursor_with_any_character_changed_is_refused(position: dict[str, str], data: st.DataObject) -> None:
    cursor = SIGNER.write(position, SCOPE)
    index = data.draw(st.integers(min_value=0, max_value=len(cursor) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda character: character != cursor[index]))
    with pytest.raises(Problem, match="invalid-cursor"):
        SIGNER.read(cursor[:index] + other + cursor[index + 1 :], SCOPE)


@given(st.text(max_size=100))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Problem, match="invalid-cursor"):
        SIGNER.read(text, SCOPE)


@pytest.mark.parametrize("scope", ["person-2\n/api/chat/conversations", "person-1\n/api/chat/conversations/x/messages"])
def test_a_cursor_of_another_caller_or_list_is_refused(scope: str) -> None:
    with pytest.raises(Problem, match="invalid-cursor"):
        SIGNER.read(SIGNER.write({"sk": "a"}, SCOPE), scope)


def test_a_cursor_of_another_installation_is_refused() -> None:
    other = CursorSigner(SecretStr("another installation signs with this one"))
    with pytest.raises(Problem, match="invalid-cursor"):
        SIGNER.read(other.write({"sk": "a"}, SCOPE), SCOPE)


def test_a_cursor_of_an_earlier_release_is_an_invalid_cursor() -> None:
    earlier = "eyJzayI6ImEifQ.lND1njB91qD_HwvCmCDXIQ"
    assert PageQuery(cursor=earlier).cursor == earlier
    with pytest.raises(Problem, match="invalid-cursor"):
        SIGNER.read(earlier, SCOPE)


@given(positions)
def test_a_page_query_accepts_every_signed_cursor(position: dict[str, str]) -> None:
    cursor = SIGNER.write(position, SCOPE)
    assert PageQuery(cursor=cursor).cursor == cursor


def test_a_position_too_long_for_a_url_raises_value_error() -> None:
    with pytest.raises(ValueError, match="too long"):
        SIGNER.write({"sk": "".join(map(str, range(3000)))}, SCOPE)
