"""Tuning of the garbage collector, to avoid pauses of the embedded AWS."""

import gc
from collections.abc import Iterator

import pytest

from infra.local.aws.tuning import freeze_survivors, undo_tuning


@pytest.fixture(autouse=True)
def unfreeze_objects() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_frozen_objects_are_not_collected() -> None:
    objects = [[number] for number in range(50_000)]
    freeze_survivors()
    assert len(gc.get_objects()) < len(objects) / 10


def test_frozen_objects_are_freed_when_deleted() -> None:
    objects = [{number} for number in range(50_000)]
    freeze_survivors()
    frozen = gc.get_freeze_count()
    objects.clear()
    assert gc.get_freeze_count() < frozen - 49_000


def test_undoing_the_tuning_unfreezes_all_objects() -> None:
    freeze_survivors()
    undo_tuning()
    assert gc.get_freeze_count() == 0
