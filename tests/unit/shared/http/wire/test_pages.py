"""Views contain the declared fields of a domain object and no others."""

from dataclasses import dataclass, field

import pytest
from pydantic import BaseModel, ValidationError

from shared.http import PageView, View


class Owner(BaseModel):
    name: str
    secret: str = "not to be shown"


@dataclass
class Note:
    title: str
    owner: Owner = field(default_factory=lambda: Owner(name="me"))
    lease_until: int = 7


class OwnerView(View):
    name: str


class NoteView(View):
    title: str
    owner: OwnerView


def test_a_view_has_only_its_declared_fields_also_in_nested_objects() -> None:
    assert NoteView.of(Note("a")).model_dump() == {"title": "a", "owner": {"name": "me"}}


def test_a_page_view_converts_its_items_to_views() -> None:
    page = PageView[NoteView](items=[Note("a"), Note("b")], next_cursor=None)
    assert page.model_dump_json() == (
        '{"items":[{"title":"a","owner":{"name":"me"}},{"title":"b","owner":{"name":"me"}}],"next_cursor":null}'
    )


@pytest.mark.parametrize("value", [Owner(name="me"), Note(5), object(), None])
def test_a_view_of_another_type_raises_a_validation_error(value: object) -> None:
    with pytest.raises(ValidationError):
        NoteView.of(value)
