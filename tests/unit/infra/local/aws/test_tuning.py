"""What keeps the embedded AWS from pausing."""

import gc
from collections.abc import Iterator

import pytest

from infra.local.aws.tuning import freeze_survivors, undo_tuning


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_has_settled_is_not_looked_at_again() -> None:
    written = [[number] for number in range(50_000)]
    freeze_survivors()
    assert len(gc.get_objects()) < len(written) / 10


def test_what_has_settled_goes_when_it_is_deleted() -> None:
    written = [{number} for number in range(50_000)]
    freeze_survivors()
    settled = gc.get_freeze_count()
    written.clear()
    assert gc.get_freeze_count() < settled - 49_000


def test_at_the_end_everything_can_be_freed_again() -> None:
    freeze_survivors()
    undo_tuning()
    assert gc.get_freeze_count() == 0
