"""Views: what of a domain object is shown, and nothing else."""

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


def test_a_view_shows_the_fields_that_it_declares_also_of_objects_within() -> None:
    assert NoteView.of(Note("a")).model_dump() == {"title": "a", "owner": {"name": "me"}}


def test_a_page_makes_views_of_its_items() -> None:
    page = PageView[NoteView](items=[Note("a"), Note("b")], next_cursor=None)
    assert page.model_dump_json() == (
        '{"items":[{"title":"a","owner":{"name":"me"}},{"title":"b","owner":{"name":"me"}}],"next_cursor":null}'
    )


@pytest.mark.parametrize("thing", [Owner(name="me"), Note(5), object(), None])
def test_a_view_of_something_else_is_our_own_fault(thing: object) -> None:
    with pytest.raises(ValidationError):
        NoteView.of(thing)
